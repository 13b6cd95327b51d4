// A thousand random lives. A seed that fails is printed and kept in kept-seeds.json, which always runs first.
// KITH_SEED=n lives one again; KITH_SEEDS=n lives through that many.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Invariant } from "../support/sim-watch.ts";
import { type Life, type Lives, live, prepareLives } from "./life.ts";

const keptFile = path.join(import.meta.dirname, "kept-seeds.json");
const kept: readonly number[] = JSON.parse(readFileSync(keptFile, "utf8"));
const only = process.env["KITH_SEED"];
const count = Number(process.env["KITH_SEEDS"] ?? 1_000);
const seeds =
  only === undefined ? [...new Set([...kept, ...Array.from({ length: count }, (_, n) => n + 1)])] : [Number(only)];
/** Who has seen this many fail has seen enough. */
const enough = 10;

const names: Readonly<Record<Invariant, string>> = {
  1: "invariant 1: acknowledges only after commit",
  2: "invariant 2: sealed bytes are durable before they are first sent, and a retry sends the same bytes",
  3: "invariant 3: a failed open changes nothing",
  4: "invariant 4: an envelope is recorded as seen only after it was authenticated",
  5: "invariant 5: a message id is scoped to its author, and words are the author's own",
  6: "invariant 6: every outcome but a storage failure is acknowledged, so nothing is redelivered for ever",
  9: "invariant 9: a message is delivered to every member device or visibly not, exactly once and in one order",
  slot: "an own commit is merged only once its slot is granted, and both sides are in one epoch",
};

const breaches = new Map<Invariant, string[]>();
const looks = new Map<Invariant, number>();
const complaints: string[] = [];
const failed: number[] = [];

function note(seed: number, life: Life): void {
  for (const [invariant, times] of life.watch.looks) looks.set(invariant, (looks.get(invariant) ?? 0) + times);
  for (const { invariant, what } of life.watch.breaches) {
    breaches.set(invariant, [...(breaches.get(invariant) ?? []), `seed ${seed}: ${what}`]);
  }
  complaints.push(...life.complaints.map((what) => `seed ${seed}: ${what}`));
  if (life.watch.breaches.length > 0 || life.complaints.length > 0) failed.push(seed);
}

describe("devices under every fault of the network, the node and the disk", () => {
  let lives: Lives;
  beforeAll(async () => {
    lives = await prepareLives();
  });

  it(`lives through ${seeds.length} seeds without losing, doubling or disordering a word`, async () => {
    const sums = { sent: 0, crashes: 0 };
    for (const seed of seeds) {
      const life = await live(seed, lives);
      sums.sent += life.sent;
      sums.crashes += life.crashes;
      note(seed, life);
      if (failed.length >= enough) break;
    }
    console.log(`  ${seeds.length} seeds, ${sums.sent} messages, ${sums.crashes} crashes`);
    if (failed.length > 0 && only === undefined) {
      const all = [...new Set([...kept, ...failed])].sort((a, b) => a - b);
      writeFileSync(keptFile, `${JSON.stringify(all)}\n`);
    }
    expect(failed, "failing seeds, kept in kept-seeds.json").toEqual([]);
  });

  for (const [key, name] of Object.entries(names)) {
    const invariant = (key === "slot" ? key : Number(key)) as Invariant;
    it(name, () => {
      expect(breaches.get(invariant) ?? []).toEqual([]);
      if (only === undefined) expect(looks.get(invariant), "was it looked at?").toBeGreaterThan(seeds.length / 4);
    });
  }

  it("logs no fault, throws nothing and leaves no timer behind", () => {
    expect(complaints).toEqual([]);
  });
});

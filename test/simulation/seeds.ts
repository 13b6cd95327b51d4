// Living through many seeds and judging them: one test for the whole, one for each invariant. A seed that fails is
// printed and kept in kept-seeds.json, whose seeds always run first. KITH_SEED=n lives one again; KITH_SEEDS=n lives
// through that many.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { type Cryptography, chooseCryptography } from "../support/native-crypto.ts";
import type { Invariant } from "../support/sim-watch.ts";
import type { Life } from "./life.ts";

const keptFile = path.join(import.meta.dirname, "kept-seeds.json");
/** Far above what they take; so that a long run is not ended before its time. */
export const timeFor = (seeds: number): number => 600_000 + 5_000 * seeds;
/** Who has seen this many fail has seen enough. */
const enough = 60;

const names: Readonly<Record<Invariant, string>> = {
  1: "invariant 1: acknowledges only after commit",
  2: "invariant 2: sealed bytes are durable before they are first sent, and a retry sends the same bytes",
  3: "invariant 3: a failed open changes nothing",
  4: "invariant 4: an envelope is recorded as seen only after it was authenticated",
  5: "invariant 5: a message id is scoped to its author, and words are the author's own",
  6: "invariant 6: every outcome but a storage failure is acknowledged, so nothing is redelivered for ever",
  9: "invariant 9: a message is delivered to every member device or visibly not, exactly once and in one order",
  kept: "a contact keeps only by consent, promises only what it has written, and is left with nothing",
  slot: "an own commit is merged only once its slot is granted, and both sides are in one epoch",
};

export interface Many {
  /** Under which failing seeds are kept. */
  readonly kind: string;
  readonly sentence: (seeds: number) => string;
  /** How many in the gate. KITH_SEEDS is how many of the gate's whole; others take their share. */
  readonly seeds: number;
  readonly invariants: readonly Invariant[];
  /** Where several files share the seeds; without it all of them. */
  readonly part?: Part;
  live(seed: number): Promise<Life>;
}

export interface Part {
  readonly index: number;
  readonly of: number;
}

/** In runs, as what a life begins with often goes by the remainder of its seed. */
const runOfSeeds = 8;

const isIn = (seed: number, { index, of }: Part) => Math.floor(seed / runOfSeeds) % of === index;

interface Lived {
  readonly seed: number;
  readonly cryptography: Cryptography;
}

/** Lives with what is shipped, among all the others: the first of each kind, at most so many and one in ten. */
const shippedLives = 16;
const shippedShare = 10;

/** Seeds that failed once are lived with both, as is one that is asked for. */
function livesOf(kept: readonly number[], count: number): readonly Lived[] {
  const only = process.env["KITH_SEED"];
  const shipped = Math.min(shippedLives, Math.ceil(count / shippedShare));
  const twice = only === undefined ? kept : [Number(only)];
  const once = only === undefined ? Array.from({ length: count }, (_, n) => n + 1) : [];
  const lives: Lived[] = twice.flatMap((seed) => [
    { seed, cryptography: "shipped" },
    { seed, cryptography: "native" },
  ]);
  for (const seed of once) {
    if (!twice.includes(seed)) lives.push({ seed, cryptography: seed <= shipped ? "shipped" : "native" });
  }
  return lives;
}

/** What the gate lives through in all; KITH_SEEDS is another sum. */
const gateSeeds = 4_044;

export function liveThrough({ kind, sentence, seeds: share, invariants, part, live }: Many): void {
  const kept = (JSON.parse(readFileSync(keptFile, "utf8")) as Record<string, readonly number[]>)[kind] ?? [];
  const only = process.env["KITH_SEED"];
  const asked = Number(process.env["KITH_SEEDS"] ?? gateSeeds);
  const count = Math.max(1, Math.round((share * asked) / gateSeeds));
  const lives = livesOf(kept, count).filter(({ seed }) => part === undefined || isIn(seed, part));
  const breaches = new Map<Invariant, string[]>();
  const looks = new Map<Invariant, number>();
  const complaints: string[] = [];
  const failed: number[] = [];

  function note({ seed, cryptography }: Lived, life: Life): void {
    const where = cryptography === "native" ? `seed ${seed}` : `seed ${seed} with what is shipped`;
    for (const [invariant, times] of life.watch.looks) looks.set(invariant, (looks.get(invariant) ?? 0) + times);
    for (const { invariant, what } of life.watch.breaches) {
      // Looked at too seldom there to have a test of its own.
      if (!invariants.includes(invariant)) complaints.push(`${where}: invariant ${invariant}: ${what}`);
      breaches.set(invariant, [...(breaches.get(invariant) ?? []), `${where}: ${what}`]);
    }
    complaints.push(...life.complaints.map((what) => `${where}: ${what}`));
    if (life.watch.breaches.length > 0 || life.complaints.length > 0) failed.push(seed);
  }

  it(sentence(lives.length), { timeout: timeFor(lives.length) }, async () => {
    const sums = { lived: 0, sent: 0, crashes: 0 };
    for (const lived of lives) {
      await chooseCryptography(lived.cryptography);
      const life = await live(lived.seed);
      sums.lived++;
      sums.sent += life.sent;
      sums.crashes += life.crashes;
      note(lived, life);
      if (failed.length >= enough) break;
    }
    console.log(`  ${kind}: ${sums.lived} seeds, ${sums.sent} messages, ${sums.crashes} crashes`);
    if (failed.length > 0 && only === undefined) keep(kind, failed);
    expect(failed, "failing seeds, kept in kept-seeds.json").toEqual([]);
  });

  for (const invariant of invariants) {
    it(names[invariant], () => {
      expect(breaches.get(invariant) ?? []).toEqual([]);
      if (only === undefined) expect(looks.get(invariant), "was it looked at?").toBeGreaterThan(lives.length / 4);
    });
  }

  it("logs no fault, throws nothing and leaves no timer behind", () => {
    expect(complaints).toEqual([]);
  });
}

function keep(kind: string, seeds: readonly number[]): void {
  const all = JSON.parse(readFileSync(keptFile, "utf8")) as Record<string, readonly number[]>;
  const now = { ...all, [kind]: [...new Set([...(all[kind] ?? []), ...seeds])].sort((a, b) => a - b) };
  writeFileSync(keptFile, `${JSON.stringify(now, undefined, 2)}\n`);
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteStorage } from "../../bootstrap-node/sqlite-storage.ts";
import type { StorageLimits, TopicStorage } from "../../bootstrap-node/storage.ts";
import { memoryTopicStorage } from "../support/memory-topic-storage.ts";
import { describeNodeStorage, envelope, plain, roomyLimits, topic } from "./node-storage.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kith-node-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function openSqlite(limits: StorageLimits, maxPages = 0): Promise<TopicStorage> {
  const storage = await openSqliteStorage({ folder, limits, maxPages, onBroken: () => expect.unreachable() });
  if (!storage.ok) throw new Error(storage.error);
  return storage.value;
}
const put = (storage: TopicStorage, n: number, bytes = 1_024) =>
  storage.append({ ...plain, topic: topic(1), envelope: envelope(n, bytes) }, 0);
const readAll = (storage: TopicStorage) =>
  storage.read({ topic: topic(1), after: 0, limit: 100, maxBytes: 100_000_000 }, 0);

describeNodeStorage("memory", async (limits) => memoryTopicStorage(limits));
describeNodeStorage("sqlite", (limits) => openSqlite(limits));

describe("node storage on disk", () => {
  it("is the same after it was closed and opened, its numbers and totals included", async () => {
    const first = await openSqlite(roomyLimits);
    await put(first, 1);
    await put(first, 2);
    const before = [await readAll(first), first.usage()];
    await first.close();
    const second = await openSqlite(roomyLimits);
    expect([await readAll(second), second.usage()]).toEqual(before);
    expect(await put(second, 3)).toMatchObject({ sequence: 3 });
    await second.close();
  });

  it("takes over what a node of before wrote, and keeps its topics and slots for 30 days more", async () => {
    const old = new DatabaseSync(join(folder, "topics.sqlite"));
    old.exec(`
      CREATE TABLE topics (
        id INTEGER PRIMARY KEY, topic BLOB NOT NULL UNIQUE,
        latest INTEGER NOT NULL, envelopes INTEGER NOT NULL, bytes INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE envelopes (
        id INTEGER PRIMARY KEY, topic INTEGER NOT NULL, sequence INTEGER NOT NULL,
        hash BLOB NOT NULL, expires_at_ms INTEGER NOT NULL, envelope BLOB NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX envelopes_by_sequence ON envelopes (topic, sequence);
      CREATE UNIQUE INDEX envelopes_by_hash ON envelopes (topic, hash);
      CREATE INDEX envelopes_by_expiry ON envelopes (expires_at_ms);
      CREATE TABLE slots (
        topic INTEGER NOT NULL, slot BLOB NOT NULL, sequence INTEGER NOT NULL, hash BLOB NOT NULL,
        PRIMARY KEY (topic, slot)
      ) STRICT, WITHOUT ROWID;
      INSERT INTO topics VALUES (1, x'${topic(1)}', 5, 1, 3), (2, x'${topic(2)}', 9, 0, 0);
      INSERT INTO envelopes VALUES (1, 1, 5, x'00', 1000, x'010203');
      INSERT INTO slots VALUES (1, x'${"07".repeat(32)}', 5, x'00');
      PRAGMA user_version = 1;
    `);
    old.close();
    const storage = await openSqlite(roomyLimits);
    expect(await readAll(storage)).toMatchObject({ entries: [{ sequence: 5 }], latest: 5 });
    const [slot, days30] = [new Uint8Array(32).fill(7), 30 * 86_400_000];
    const takeSlot = (nowMs: number) =>
      storage.append({ ...plain, topic: topic(1), envelope: envelope(1), slot, expiresAtMs: nowMs + 1 }, nowMs);
    await storage.sweep(1_000 + days30 - 1);
    expect(await takeSlot(1_000 + days30 - 1)).toEqual({ kind: "slot-taken", sequence: 5 });
    await storage.sweep(1_000 + days30);
    expect(storage.usage()).toEqual({ topics: 0, envelopes: 0, bytes: 0 });
    // Above what the empty topic had given, too.
    expect(await takeSlot(1_000 + days30)).toMatchObject({ kind: "held", sequence: 10 });
    await storage.close();
  });

  it("answers the appends under way before it closes", async () => {
    const storage = await openSqlite(roomyLimits);
    const appends = Array.from({ length: 500 }, (_, n) => put(storage, n));
    await storage.close();
    const outcomes = await Promise.all(appends);
    expect(outcomes.every(({ kind }) => kind === "held")).toBe(true);
  });

  it("is refused to a second node", async () => {
    const storage = await openSqlite(roomyLimits);
    expect(await openSqliteStorage({ folder, limits: roomyLimits, onBroken: () => {} })).toMatchObject({ ok: false });
    await storage.close();
  });

  it("refuses a file of a newer node and leaves it as it was", async () => {
    const newer = new DatabaseSync(join(folder, "topics.sqlite"));
    newer.exec("PRAGMA user_version = 99; CREATE TABLE treasure (gold)");
    newer.close();
    const opened = await openSqliteStorage({ folder, limits: roomyLimits, onBroken: () => {} });
    expect(opened.ok ? "" : opened.error).toContain("newer");
    const again = new DatabaseSync(join(folder, "topics.sqlite"));
    expect(again.prepare("SELECT name FROM sqlite_schema").all()).toEqual([{ name: "treasure" }]);
    again.close();
  });

  it("on a full disk refuses, keeps reading, and stores again when there is room (F17)", async () => {
    const storage = await openSqlite(roomyLimits, 60);
    const outcomes = [];
    for (let n = 0; n < 20; n++) outcomes.push(await put(storage, n, 16_384));
    const held = outcomes.filter(({ kind }) => kind === "held").length;
    expect(outcomes.at(-1)).toEqual({ kind: "failed" });
    expect(held).toBeGreaterThan(2);
    const read = await readAll(storage);
    expect(read.kind === "read" && read.entries).toHaveLength(held);
    expect(storage.usage().envelopes).toBe(held);
    await storage.sweep(1_000);
    expect(await put(storage, 99, 16_384)).toMatchObject({ kind: "held", sequence: held + 1 });
    await storage.close();
  });

  it("stores of a batch all or nothing when the disk is full amid it (F18)", async () => {
    const storage = await openSqlite(roomyLimits, 60);
    await put(storage, 0);
    // One batch of what arrives while the first of them is being written.
    const outcomes = await Promise.all(Array.from({ length: 40 }, (_, n) => put(storage, n + 1, 16_384)));
    const held = outcomes.flatMap((outcome) => ("sequence" in outcome ? [outcome.sequence] : []));
    expect(outcomes.at(-1)).toEqual({ kind: "failed" });
    const read = await readAll(storage);
    expect(read.kind === "read" && read.entries.map((entry) => entry.sequence)).toEqual([1, ...held]);
    expect(storage.usage().envelopes).toBe(1 + held.length);
    await storage.close();
  });

  it("sweeps 1,000 envelopes within 150 ms, without holding the event loop (F18)", async () => {
    const storage = await openSqlite({ ...roomyLimits, maxTopicBytes: 1e9, maxBytes: 1e9 });
    const rounds: { readonly ms: number; readonly turns: number }[] = [];
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 1_000 }, (_, n) => put(storage, round * 1_000 + n)));
      const startedAtMs = performance.now();
      let turns = 0;
      const turn = () => {
        turns += 1;
        turning = setImmediate(turn);
      };
      let turning = setImmediate(turn);
      expect(await storage.sweep(1_000)).toBe(1_000);
      clearImmediate(turning);
      rounds.push({ ms: performance.now() - startedAtMs, turns });
    }
    // The best round: in the others this machine may have done something else.
    const ms = Math.min(...rounds.map((round) => round.ms));
    const turns = Math.max(...rounds.map((round) => round.turns));
    console.log(`sweep of 1,000 envelopes: ${ms.toFixed(0)} ms, ${turns} turns of the event loop meanwhile`);
    expect(ms).toBeLessThan(150);
    // On the event loop itself it would have one for each of the sweep's few steps.
    expect(turns).toBeGreaterThan(50);
    await storage.close();
  });

  it("refuses what would wait beyond its memory for the disk", async () => {
    const storage = await openSqlite({ ...roomyLimits, maxTopicBytes: 1e9, maxBytes: 1e9 });
    const outcomes = await Promise.all(Array.from({ length: 700 }, (_, n) => put(storage, n, 65_536)));
    expect(outcomes.filter(({ kind }) => kind === "busy").length).toBeGreaterThan(0);
    expect(outcomes.filter(({ kind }) => kind === "held").length).toBeGreaterThanOrEqual(512);
    await storage.close();
  });
});

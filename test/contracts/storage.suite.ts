// What every implementation of the storage port does. Simulations trust the memory storage because of this suite.
import { afterEach, describe, expect, it } from "vitest";
import type { Storage, StorageLoss } from "../../core/ports/storage.ts";
import { liveQuerySuite } from "./storage-live.suite.ts";
import {
  contact,
  friends,
  group,
  message,
  orders,
  outboxRow,
  profile,
  put,
  samples,
  seen,
  work,
} from "./storage-rows.ts";
import { watch } from "./storage-watch.ts";

/** One disk; each `open` is a start of the program on it. */
export interface Bench {
  open(): Promise<Storage>;
  /** The database ends under the storage that was opened last. */
  lose(why: StorageLoss): Promise<void>;
}

export function storageSuite(kind: string, newBench: () => Bench): void {
  const started: Storage[] = [];
  const start = async (bench: Bench = newBench()) => {
    const storage = await bench.open();
    started.push(storage);
    return storage;
  };
  afterEach(() => {
    for (const storage of started.splice(0)) storage.close();
  });

  describe(`a batch on ${kind}`, () => {
    it("is read back whole", async () => {
      const storage = await start();
      const done = await storage.commit({ changes: [...put("groups", group(1)), ...put("messages", message(1))] });
      expect(done.ok).toBe(true);
      expect(await storage.get("groups", friends)).toEqual(group(1));
      expect(await storage.get("messages", message(1).key)).toEqual(message(1));
      expect(await storage.all("messages")).toEqual([message(1)]);
    });

    it("replaces a row with the same key, in the order of its changes", async () => {
      const storage = await start();
      await storage.commit({ changes: put("contacts", contact("Alicia"), contact("Alice")) });
      expect(await storage.all("contacts")).toEqual([contact("Alice")]);
    });

    it("deletes a row, and deleting what is not there is no error", async () => {
      const storage = await start();
      await storage.commit({ changes: put("seen", seen(1), seen(2)) });
      const done = await storage.commit({
        changes: [
          { kind: "delete", table: "seen", key: seen(1).key },
          { kind: "delete", table: "seen", key: "nobody" },
        ],
      });
      expect(done.ok).toBe(true);
      expect(await storage.get("seen", seen(1).key)).toBeUndefined();
      expect(await storage.all("seen")).toEqual([seen(2)]);
    });

    it("can be read back by several keys at once, without those that are not there", async () => {
      const storage = await start();
      await storage.commit({ changes: put("seen", seen(1), seen(2), seen(3)) });
      const keys = [seen(3).key, "nobody", seen(1).key];
      expect(await storage.getMany("seen", keys)).toEqual([seen(3), seen(1)]);
      expect(await storage.getMany("seen", [])).toEqual([]);
    });

    it("of nothing succeeds", async () => {
      expect((await (await start()).commit({ changes: [] })).ok).toBe(true);
    });

    it("leaves nothing when its expectation fails", async () => {
      const storage = await start();
      await storage.commit({ changes: [...put("groups", group(1)), ...put("messages", message(1))] });
      const outcome = await storage.commit({
        expect: [{ table: "groups", key: friends, revision: 2 }],
        changes: [
          ...put("groups", group(3)),
          ...put("messages", message(2)),
          { kind: "delete", table: "messages", key: message(1).key },
        ],
      });
      expect(outcome).toEqual({ ok: false, error: "conflict" });
      expect(await storage.get("groups", friends)).toEqual(group(1));
      expect(await storage.all("messages")).toEqual([message(1)]);
    });

    it("needs every one of its expectations", async () => {
      const storage = await start();
      await storage.commit({ changes: [...put("groups", group(1)), ...put("profile", profile(5))] });
      const both = (revision: number) =>
        storage.commit({
          expect: [
            { table: "groups", key: friends, revision: 1 },
            { table: "profile", key: "me", revision },
          ],
          changes: put("groups", group(2)),
        });
      expect(await both(4)).toEqual({ ok: false, error: "conflict" });
      expect((await both(5)).ok).toBe(true);
    });

    it("can expect that a row is not there", async () => {
      const storage = await start();
      const first = () =>
        storage.commit({
          expect: [{ table: "groups", key: friends, revision: undefined }],
          changes: put("groups", group(1)),
        });
      expect((await first()).ok).toBe(true);
      expect(await first()).toEqual({ ok: false, error: "conflict" });
    });

    it("wins or loses as a whole against others at the same time", async () => {
      const storage = await start();
      await storage.commit({ changes: put("groups", group(0)) });
      const bid = (n: number) =>
        storage.commit({
          expect: [{ table: "groups", key: friends, revision: 0 }],
          changes: [...put("groups", group(n)), ...put("messages", message(n))],
        });
      const outcomes = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(bid));
      const winners = outcomes.flatMap((outcome, index) => (outcome.ok ? [index + 1] : []));
      expect(winners).toHaveLength(1);
      expect((await storage.get("groups", friends))?.revision).toBe(winners[0]);
      expect(orders(await storage.all("messages"))).toEqual(winners);
    });

    it("keeps a count right when many change it at the same time and try again on conflict", async () => {
      const storage = await start();
      await storage.commit({ changes: put("groups", group(0)) });
      const raise = async (): Promise<void> => {
        const revision = (await storage.get("groups", friends))?.revision ?? 0;
        const outcome = await storage.commit({
          expect: [{ table: "groups", key: friends, revision }],
          changes: put("groups", group(revision + 1)),
        });
        if (!outcome.ok) await raise();
      };
      await Promise.all(Array.from({ length: 10 }, raise));
      expect((await storage.get("groups", friends))?.revision).toBe(10);
    });
  });

  describe(`rows on ${kind}`, () => {
    it("are the caller's own: changing one that was read or written changes nothing stored", async () => {
      const storage = await start();
      const written = group(1);
      await storage.commit({ changes: put("groups", written) });
      written.state.live.fill(0xff);
      written.state.trees.get(0)?.fill(0xff);
      const read = await storage.get("groups", friends);
      read?.state.live.fill(0xee);
      read?.state.trees.get(0)?.fill(0xee);
      read?.epochSecrets[0]?.secret.fill(0xee);
      expect(await storage.get("groups", friends)).toEqual(group(1));
    });

    it("hold the bytes of a view and not the buffer behind it", async () => {
      const storage = await start();
      const frame = new Uint8Array(72 * 1024).fill(0x55);
      await storage.commit({ changes: put("outbox", outboxRow(1, friends, frame.subarray(100, 104))) });
      const envelope = (await storage.get("outbox", outboxRow(1).key))?.envelope;
      expect(envelope).toEqual(new Uint8Array(4).fill(0x55));
      expect(envelope?.buffer.byteLength).toBe(4);
    });

    it("may be as large as the tree of a group of 256 devices", async () => {
      const storage = await start();
      const big = { ...samples.trees, bytes: new Uint8Array(1_000_000).map((_, index) => index) };
      await storage.commit({ changes: put("trees", big) });
      expect(await storage.get("trees", big.key)).toEqual(big);
    });

    it("are there after a restart", async () => {
      const bench = newBench();
      const before = await start(bench);
      await before.commit({ changes: [...put("profile", profile(1)), ...put("messages", message(1))] });
      before.close();
      const after = await start(bench);
      expect(await after.get("profile", "me")).toEqual(profile(1));
      expect(await after.ofConversation("messages", friends)).toEqual([message(1)]);
    });

    it("cannot be read or written once the storage is closed", async () => {
      const storage = await start();
      storage.close();
      expect(await storage.commit({ changes: put("seen", seen(1)) })).toEqual({ ok: false, error: "lost" });
      await expect(storage.get("seen", seen(1).key)).rejects.toThrow();
      await expect(storage.all("seen")).rejects.toThrow();
      await expect(storage.ofConversation("messages", friends)).rejects.toThrow();
    });
  });

  describe(`a conversation's rows on ${kind}`, () => {
    const filled = async () => {
      const storage = await start();
      await storage.commit({
        changes: [
          ...put("messages", ...[5, 3, 1, 4, 2].map((n) => message(n)), message(6, work)),
          ...put("outbox", outboxRow(9), outboxRow(8), outboxRow(7, work)),
        ],
      });
      return storage;
    };

    it("come ascending by order, without those of others", async () => {
      const storage = await filled();
      expect(orders(await storage.ofConversation("messages", friends))).toEqual([1, 2, 3, 4, 5]);
      expect(orders(await storage.ofConversation("messages", work))).toEqual([6]);
      expect(orders(await storage.ofConversation("outbox", friends))).toEqual([8, 9]);
      expect(await storage.ofConversation("messages", "cc".repeat(16))).toEqual([]);
    });

    it("can be limited to the newest, still ascending", async () => {
      const storage = await filled();
      expect(orders(await storage.ofConversation("messages", friends, { limit: 2 }))).toEqual([4, 5]);
      expect(orders(await storage.ofConversation("messages", friends, { limit: 9 }))).toEqual([1, 2, 3, 4, 5]);
      expect(orders(await storage.ofConversation("messages", friends, { limit: 0 }))).toEqual([]);
    });

    it("can be limited to those before one, which itself is not among them", async () => {
      const storage = await filled();
      const older = (n: number, limit: number) =>
        storage.ofConversation("messages", friends, { limit, before: message(n).order });
      expect(orders(await older(4, 2))).toEqual([2, 3]);
      expect(orders(await older(1, 2))).toEqual([]);
      expect(orders(await older(99, 2))).toEqual([4, 5]);
    });

    it("give a window out of 10,000", async () => {
      const storage = await start();
      await storage.commit({ changes: put("messages", ...Array.from({ length: 10_000 }, (_, n) => message(n))) });
      const window = await storage.ofConversation("messages", friends, { limit: 50, before: message(9_000).order });
      expect(orders(window)).toEqual(Array.from({ length: 50 }, (_, n) => 8_950 + n));
    });
  });

  describe(`a database that ends under the storage on ${kind}`, () => {
    const whys: readonly StorageLoss[] = ["upgraded", "gone"];

    it.each(whys)("is told of once, with the reason: %s", async (why) => {
      const bench = newBench();
      const storage = await start(bench);
      const told: unknown[] = [];
      storage.lost.subscribe((loss) => told.push(loss));
      expect(told).toEqual([undefined]);
      await bench.lose(why);
      expect(told).toEqual([undefined, why]);
      await storage.commit({ changes: put("seen", seen(1)) });
      storage.close();
      expect(told).toEqual([undefined, why]);
    });

    it.each(whys)("neither takes nor gives anything any more, and live queries are silent (%s)", async (why) => {
      const bench = newBench();
      const storage = await start(bench);
      await storage.commit({ changes: put("seen", seen(1)) });
      const before = watch(storage.live((reader) => reader.all("seen")));
      await before.until((rows) => rows.length === 1);
      await bench.lose(why);
      const after = watch(storage.live((reader) => reader.all("seen")));
      expect(await storage.commit({ changes: put("seen", seen(2)) })).toEqual({ ok: false, error: "lost" });
      await expect(storage.get("seen", seen(1).key)).rejects.toThrow();
      await expect(storage.all("seen")).rejects.toThrow();
      await expect(storage.ofConversation("messages", friends)).rejects.toThrow();
      expect([before.values, after.values]).toEqual([[[seen(1)]], []]);
    });

    it("keeps, when another tab upgrades it, every batch that was acknowledged", async () => {
      const bench = newBench();
      const storage = await start(bench);
      const answers = [1, 2, 3, 4, 5].map((n) =>
        storage.commit({ changes: put("messages", message(n), message(n + 100)) }),
      );
      await bench.lose("upgraded");
      const kept = (await Promise.all(answers)).flatMap(({ ok }, index) => (ok ? [index + 1, index + 101] : []));
      const rows = orders(await (await start(bench)).all("messages"));
      expect(rows).toEqual(expect.arrayContaining(kept));
      expect(rows.filter((n) => n < 100)).toEqual(rows.filter((n) => n > 100).map((n) => n - 100));
    });

    it("is not the same as closing the storage", async () => {
      const storage = await start();
      storage.close();
      await storage.commit({ changes: put("seen", seen(1)) });
      const told: unknown[] = [];
      storage.lost.subscribe((loss) => told.push(loss));
      expect(told).toEqual([undefined]);
    });
  });

  liveQuerySuite(kind, start);
}

// What every implementation of the storage port does. Simulations trust the memory storage because of this suite.
import { afterEach, describe, expect, it } from "vitest";
import type { Reader, Storage } from "../../core/ports/storage.ts";
import { contact, friends, group, message, outboxRow, profile, put, seen, work } from "./storage-rows.ts";
import { watch } from "./storage-watch.ts";

/** One disk; each `open` is a start of the program on it. */
export interface Bench {
  open(): Promise<Storage>;
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
  const orders = (rows: readonly { readonly order: string }[]) => rows.map((row) => Number.parseInt(row.order, 16));

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
      written.state.fill(0xff);
      const read = await storage.get("groups", friends);
      read?.state.fill(0xee);
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

    it("may be as large as the state of a group of 256 devices", async () => {
      const storage = await start();
      const big = { ...group(1), state: new Uint8Array(1_000_000).map((_, index) => index) };
      await storage.commit({ changes: put("groups", big) });
      expect(await storage.get("groups", friends)).toEqual(big);
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

  describe(`a live query on ${kind}`, () => {
    it("announces the value now, and once for each commit", async () => {
      const storage = await start();
      const timeline = watch(storage.live((reader) => reader.ofConversation("messages", friends)));
      await timeline.until((rows) => rows.length === 0);
      await storage.commit({ changes: put("messages", message(1), message(2), message(3)) });
      await timeline.until((rows) => rows.length === 3);
      await storage.commit({ changes: put("messages", message(4), message(5)) });
      await timeline.until((rows) => rows.length === 5);
      expect(timeline.values.map((rows) => rows.length)).toEqual([0, 3, 5]);
    });

    it("sees the value as it is when subscribed, not as it was when made", async () => {
      const storage = await start();
      const live = storage.live((reader) => reader.all("seen"));
      await storage.commit({ changes: put("seen", seen(1)) });
      const rows = watch(live);
      await rows.until(() => true);
      expect(rows.values).toEqual([[seen(1)]]);
    });

    it("never shows half of a commit, also when it reads several tables one after the other", async () => {
      const storage = await start();
      const pair = watch(
        storage.live(async (reader) => {
          const state = await reader.get("groups", friends);
          const messages = await reader.ofConversation("messages", friends);
          return [state?.revision ?? 0, messages.length];
        }),
      );
      await pair.until(() => true);
      for (let n = 1; n <= 20; n++) {
        await storage.commit({ changes: [...put("groups", group(n)), ...put("messages", message(n))] });
      }
      await pair.until(([revision]) => revision === 20);
      expect(pair.values.filter(([revision, messages]) => revision !== messages)).toEqual([]);
      expect(pair.values.length).toBeLessThanOrEqual(21);
    });

    it("looks again when any of its reads changes, whichever way they are awaited", async () => {
      const storage = await start();
      const names = watch(
        storage.live(async (reader) => {
          const state = await reader.get("groups", friends);
          for (let n = 0; n < 10; n++) await null;
          const [contacts, entries] = await Promise.all([reader.all("contacts"), reader.all("seen")]);
          const me = await reader.get("profile", "me");
          return `${state?.revision}/${contacts.length}/${entries.length}/${me?.revision}`;
        }),
      );
      await names.until((text) => text === "undefined/0/0/undefined");
      await storage.commit({ changes: put("seen", seen(1)) });
      await names.until((text) => text === "undefined/0/1/undefined");
      await storage.commit({ changes: put("contacts", contact("Alice")) });
      await names.until((text) => text === "undefined/1/1/undefined");
      await storage.commit({ changes: put("profile", profile(3)) });
      await names.until((text) => text === "undefined/1/1/3");
      await storage.commit({ changes: put("groups", group(7)) });
      await names.until((text) => text === "7/1/1/3");
      expect(names.values).toHaveLength(5);
    });

    it("looks again when a read changes that was made deep in other functions", async () => {
      const storage = await start();
      const dig = async (reader: Reader, depth: number): Promise<number> => {
        if (depth > 0) return await dig(reader, depth - 1);
        return (await reader.all("seen")).length;
      };
      const depths = watch(
        storage.live(async (reader) => {
          await reader.get("profile", "me");
          for (let n = 0; n < 20; n++) await dig(reader, n);
          return dig(reader, 20);
        }),
      );
      await depths.until((rows) => rows === 0);
      await storage.commit({ changes: put("seen", seen(1)) });
      await depths.until((rows) => rows === 1);
      expect(depths.values).toEqual([0, 1]);
    });

    it("looks again when a row goes", async () => {
      const storage = await start();
      await storage.commit({ changes: put("outbox", outboxRow(1)) });
      const rows = watch(storage.live((reader) => reader.ofConversation("outbox", friends)));
      await rows.until((found) => found.length === 1);
      await storage.commit({ changes: [{ kind: "delete", table: "outbox", key: outboxRow(1).key }] });
      await rows.until((found) => found.length === 0);
      expect(rows.values).toHaveLength(2);
    });

    it("follows the newest window as messages come in", async () => {
      const storage = await start();
      await storage.commit({ changes: put("messages", message(1), message(2)) });
      const window = watch(storage.live((reader) => reader.ofConversation("messages", friends, { limit: 2 })));
      await window.until(() => true);
      await storage.commit({ changes: put("messages", message(3)) });
      await window.until((rows) => orders(rows).join() === "2,3");
      expect(window.values).toHaveLength(2);
    });

    it("is silent about tables it does not read and about batches that were refused", async () => {
      const storage = await start();
      const rows = watch(storage.live((reader) => reader.all("seen")));
      await rows.until(() => true);
      await storage.commit({ changes: put("contacts", contact("Alice")) });
      await storage.commit({
        expect: [{ table: "groups", key: work, revision: 1 }],
        changes: put("seen", seen(9)),
      });
      await storage.commit({ changes: put("seen", seen(1)) });
      await rows.until((found) => found.length === 1);
      expect(rows.values).toEqual([[], [seen(1)]]);
    });

    it("announces nothing after its end, to one subscriber without silencing another", async () => {
      const storage = await start();
      const live = storage.live((reader) => reader.all("seen"));
      const gone = watch(live);
      const stays = watch(live);
      await Promise.all([gone.until(() => true), stays.until(() => true)]);
      gone.end();
      await storage.commit({ changes: put("seen", seen(1)) });
      await stays.until((rows) => rows.length === 1);
      expect(gone.values).toEqual([[]]);
    });
  });
}

// The part of the storage suite about live queries.
import { describe, expect, it } from "vitest";
import type { Reader, Storage } from "../../core/ports/storage.ts";
import { contact, friends, group, message, orders, outboxRow, profile, put, seen, work } from "./storage-rows.ts";
import { watch } from "./storage-watch.ts";

/** `start` opens a storage on an empty disk and sees to its end. */
export function liveQuerySuite(kind: string, start: () => Promise<Storage>): void {
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

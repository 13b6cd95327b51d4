import { describe, expect, it } from "vitest";
import { overlayOn } from "../../../core/engine/overlay.ts";
import type { Storage } from "../../../core/ports/storage.ts";
import { contact, friends, group, message, orders, outboxRow, put, seen, work } from "../../contracts/storage-rows.ts";
import { memoryStorage } from "../../support/memory-storage.ts";

async function storageWith(...changes: Parameters<Storage["commit"]>[0]["changes"]): Promise<Storage> {
  const storage = memoryStorage();
  expect(await storage.commit({ changes })).toMatchObject({ ok: true });
  return storage;
}

describe("changes that are not written yet", () => {
  it("are what reads answer, and the disk has none of them", async () => {
    const base = await storageWith(...put("messages", message(1), message(2)), ...put("contacts", contact("Alice")));
    const { storage, add } = overlayOn(base);
    add({
      changes: [...put("messages", message(3)), { kind: "delete", table: "messages", key: message(1).key }],
    });
    add({ changes: put("contacts", contact("Alicia")) });
    expect(await storage.get("messages", message(1).key)).toBeUndefined();
    expect(await storage.get("messages", message(2).key)).toEqual(message(2));
    expect(await storage.get("messages", message(3).key)).toEqual(message(3));
    expect((await storage.all("contacts")).map(({ name }) => name)).toEqual(["Alicia"]);
    expect(orders(await storage.ofConversation("messages", friends))).toEqual([2, 3]);
    expect(orders(await base.ofConversation("messages", friends))).toEqual([1, 2]);
    expect((await base.all("contacts")).map(({ name }) => name)).toEqual(["Alice"]);
  });

  it("take the place of what was read at once before them, and of what was not there", async () => {
    const { storage, add, fetch } = overlayOn(await storageWith(...put("seen", seen(1), seen(2))));
    const keys = [1, 2, 3].map((n) => seen(n).key);
    await fetch("seen", keys);
    expect(await storage.getMany("seen", keys)).toEqual([seen(1), seen(2)]);
    add({ changes: [...put("seen", seen(3)), { kind: "delete", table: "seen", key: seen(1).key }] });
    expect(await storage.getMany("seen", keys)).toEqual([seen(2), seen(3)]);
  });

  it("count in a window of the newest, and below an order, as if they were written", async () => {
    const base = await storageWith(...put("outbox", ...[1, 2, 3, 4, 5].map((n) => outboxRow(n))));
    const { storage, add } = overlayOn(base);
    add({
      changes: [
        { kind: "delete", table: "outbox", key: outboxRow(5).key },
        { kind: "delete", table: "outbox", key: outboxRow(4).key },
        ...put("outbox", outboxRow(6), outboxRow(7, work), { ...outboxRow(3), conversation: work }),
      ],
    });
    const newest = (limit: number, before?: string) =>
      storage.ofConversation("outbox", friends, { limit, ...(before === undefined ? {} : { before }) });
    expect(orders(await newest(2))).toEqual([2, 6]);
    expect(orders(await newest(2, outboxRow(6).order))).toEqual([1, 2]);
    expect(orders(await storage.ofConversation("outbox", friends))).toEqual([1, 2, 6]);
  });

  it("become one batch: of each row its last change, expected as the first expected it", async () => {
    const base = await storageWith(...put("groups", group(7)));
    const overlay = overlayOn(base);
    const expecting = (revision: number) => ({ expect: [{ table: "groups", key: friends, revision } as const] });
    overlay.add({ ...expecting(7), changes: put("groups", group(8)) });
    overlay.add({ ...expecting(8), changes: [...put("groups", group(9)), ...put("messages", message(1))] });
    expect(overlay.batch).toEqual({
      ...expecting(7),
      changes: [...put("groups", group(9)), ...put("messages", message(1))],
    });
    expect(await base.commit(overlay.batch)).toMatchObject({ ok: true });
    expect(await base.get("groups", friends)).toEqual(group(9));
    expect(await base.commit(overlay.batch)).toEqual({ ok: false, error: "conflict" });
  });

  it("refuse what expects a row to be as it was before them", async () => {
    const overlay = overlayOn(await storageWith(...put("groups", group(7))));
    const expecting = (revision: number) => ({ expect: [{ table: "groups", key: friends, revision } as const] });
    overlay.add({ ...expecting(7), changes: put("groups", group(8)) });
    expect(() => overlay.add({ ...expecting(7), changes: put("groups", group(8)) })).toThrow("expected");
  });

  it("are written by nobody who only reads through them", async () => {
    const { storage } = overlayOn(await storageWith(...put("groups", group(7))));
    expect(() => storage.commit({ changes: put("groups", group(8)) })).toThrow("cannot be written");
  });
});

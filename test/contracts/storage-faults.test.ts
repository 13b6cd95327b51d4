// What the storage over IndexedDB does when the browser, or another tab, does not play along (FAULTS F9, F10, F20).
import "fake-indexeddb/auto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { valueNow } from "../../core/lang/live.ts";
import type { Storage } from "../../core/ports/storage.ts";
import { openStorage } from "../../core/storage/dexie-storage.ts";
import { writeFault } from "../../core/storage/disk-fault.ts";
import { openDexie, rememberingLog } from "./storage-dexie.ts";
import { deleteRaw, openRaw } from "./storage-other-tab.ts";
import { message, put, seen } from "./storage-rows.ts";
import { watch } from "./storage-watch.ts";

const newName = () => `kith ${crypto.randomUUID()}`;

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("a full disk", () => {
  const twoMessages = { changes: put("messages", message(1), message(2)) };

  it("that refuses one write refuses the whole batch, and nothing of it stays", async () => {
    const storage = await openDexie(newName());
    const realPut = IDBObjectStore.prototype.put;
    let puts = 0;
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, ...given) {
      if (++puts === 2) throw new DOMException("no space", "QuotaExceededError");
      return realPut.apply(this, given);
    });
    expect(await storage.commit(twoMessages)).toEqual({ ok: false, error: "full" });
    expect(puts).toBe(2);
    vi.restoreAllMocks();
    expect(await storage.all("messages")).toEqual([]);
  });

  it.each([
    ["while another write waits", put("messages", message(1), message(2))],
    ["only at the end of the transaction", put("messages", message(1))],
  ])("that is noticed %s is full too, and nothing stays", async (_, changes) => {
    const storage = await openDexie(newName());
    failNextTransaction("QuotaExceededError");
    expect(await storage.commit({ changes })).toEqual({ ok: false, error: "full" });
    expect(await storage.all("messages")).toEqual([]);
  });

  it("is found among what several requests at once failed of", () => {
    // As Dexie's BulkError has it.
    const failed = (...failures: Error[]) => Object.assign(new Error("some failed"), { name: "BulkError", failures });
    const noSpace = new DOMException("no space", "QuotaExceededError");
    expect(writeFault(failed(noSpace, new DOMException("ended", "AbortError")), null)).toBe("full");
    expect(writeFault(failed(new TypeError("a bug")), null)).toBeUndefined();
  });

  it("is written to again once it has space", async () => {
    const storage = await openDexie(newName());
    failNextTransaction("QuotaExceededError");
    await storage.commit(twoMessages);
    expect((await storage.commit(twoMessages)).ok).toBe(true);
    expect(await storage.all("messages")).toHaveLength(2);
  });
});

describe("a disk that fails", () => {
  it("is lost for good: nothing is written after the write that failed", async () => {
    const log = rememberingLog();
    const storage = await openDexie(newName(), log);
    failNextTransaction("UnknownError");
    expect(await storage.commit({ changes: put("seen", seen(1)) })).toEqual({ ok: false, error: "lost" });
    expect(await storage.commit({ changes: put("seen", seen(2)) })).toEqual({ ok: false, error: "lost" });
    expect(log.lines).toContain("fault: a batch was not written");
  });

  it("is not a row that cannot be stored: that is a bug and is thrown", async () => {
    const storage = await openDexie(newName());
    const row = { ...seen(1), atMs: (() => 1) as unknown as number };
    await expect(storage.commit({ changes: put("seen", row) })).rejects.toThrow();
    expect((await storage.commit({ changes: put("seen", seen(1)) })).ok).toBe(true);
  });
});

describe("a database of another version", () => {
  it("that is newer is refused and left as it is", async () => {
    const name = newName();
    const newer = await openRaw(name, 9_990, (db) => db.createObjectStore("future").put("kept", "key"));
    newer.close();
    expect(await openStorage(name, rememberingLog())).toEqual({ ok: false, error: "newer" });
    const after = await openRaw(name);
    expect(after.version).toBe(9_990);
    expect([...after.objectStoreNames]).toEqual(["future"]);
    const kept = after.transaction("future").objectStore("future").get("key");
    await new Promise((resolve) => {
      kept.onsuccess = resolve;
    });
    expect(kept.result).toBe("kept");
    after.close();
  });

  it("that another tab holds open is blocked, and opens once the tab has let go", async () => {
    const name = newName();
    const stubborn = await openRaw(name, 1);
    expect(await openStorage(name, rememberingLog())).toEqual({ ok: false, error: "blocked" });
    stubborn.close();
    const closed = vi.spyOn(IDBDatabase.prototype, "close");
    const storage = await openDexie(name);
    expect(closed).toHaveBeenCalledTimes(1); // the connection of the first attempt, granted too late
    expect((await storage.commit({ changes: put("seen", seen(1)) })).ok).toBe(true);
    storage.close();
  });

  it("that another tab lets go of a moment later is not blocked", async () => {
    const name = newName();
    const slow = await openRaw(name, 1);
    slow.onversionchange = () => void setTimeout(() => slow.close(), 50);
    const opened = await openStorage(name, rememberingLog());
    expect(opened.ok).toBe(true);
    if (opened.ok) opened.value.close();
  });
});

describe("another tab that upgrades the database", () => {
  it("is not held up: the storage closes, says that it is lost, and keeps what it had", async () => {
    const name = newName();
    const log = rememberingLog();
    const storage = await openDexie(name, log);
    await storage.commit({ changes: put("seen", seen(1)) });
    const rows = watch(storage.live((reader) => reader.all("seen")));
    await rows.until(() => true);

    const upgraded = await openRaw(name, 9_990);
    expect(await storage.commit({ changes: put("seen", seen(2)) })).toEqual({ ok: false, error: "lost" });
    await expect(storage.all("seen")).rejects.toThrow();
    expect(rows.values).toEqual([[seen(1)]]);
    expect(log.lines).toContain("the database is lost");
    expect(await count(upgraded, "seen")).toBe(1);
    upgraded.close();
  });

  it("finds a batch that was on its way either whole and acknowledged, or not at all", async () => {
    const name = newName();
    const storage = await openDexie(name);
    const answer = storage.commit({ changes: put("messages", ...[1, 2, 3, 4].map((n) => message(n))) });
    const upgraded = await openRaw(name, 9_990);
    expect(await count(upgraded, "messages")).toBe((await answer).ok ? 4 : 0);
    upgraded.close();
  });
});

describe("a browser without a usable IndexedDB", () => {
  it("that has none is unavailable", async () => {
    vi.stubGlobal("indexedDB", undefined);
    expect(await openStorage(newName(), rememberingLog())).toEqual({ ok: false, error: "unavailable" });
  });

  it("that refuses to open, as in some private modes, is unavailable, and the log says so", async () => {
    const log = rememberingLog();
    vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("denied", "SecurityError");
    });
    expect(await openStorage(newName(), log)).toEqual({ ok: false, error: "unavailable" });
    expect(log.lines).toEqual(["fault: the database cannot be opened"]);
  });
});

describe("an evicted database", () => {
  it("is lost, and does not come back empty under the engine's feet", async () => {
    const name = newName();
    const transactions = vi.spyOn(IDBDatabase.prototype, "transaction");
    const storage = await openDexie(name);
    await storage.commit({ changes: put("seen", seen(1)) });
    // A browser that evicts closes the connection by force and says so.
    const connection = transactions.mock.contexts[0] as IDBDatabase;
    connection.close();
    await deleteRaw(name);
    connection.onclose?.(new Event("close"));
    expect(valueNow(storage.lost)).toBe("gone");
    expect(await storage.commit({ changes: put("seen", seen(2)) })).toEqual({ ok: false, error: "lost" });
    expect(await exists(name)).toBe(false);
  });

  it.each<[string, (storage: Storage) => Promise<unknown>]>([
    ["write", (storage) => storage.commit({ changes: put("seen", seen(2)) })],
    ["read", (storage) => storage.all("seen").catch(() => undefined)],
  ])("that is noticed only by the next %s is lost as well, and not made anew", async (_, touch) => {
    const name = newName();
    const transactions = vi.spyOn(IDBDatabase.prototype, "transaction");
    const storage = await openDexie(name);
    await storage.commit({ changes: put("seen", seen(1)) });
    (transactions.mock.contexts[0] as IDBDatabase).close();
    await deleteRaw(name);
    await touch(storage);
    expect(valueNow(storage.lost)).toBe("gone");
    expect(await exists(name)).toBe(false);
  });
});

describe("a disk that cannot be read", () => {
  it("is lost, so that whoever waits for a live query hears of it", async () => {
    const storage = await openDexie(newName());
    const lost = watch(storage.lost);
    vi.spyOn(IDBObjectStore.prototype, "getAll").mockImplementation(() => {
      throw new DOMException("the disk is broken", "UnknownError");
    });
    const rows = watch(storage.live((reader) => reader.all("seen")));
    await lost.until((loss) => loss === "gone");
    expect(rows.values).toEqual([]);
  });
});

describe("a live query that fails", () => {
  it("is said in the log and nowhere else, and the others go on", async () => {
    const log = rememberingLog();
    const storage = await openDexie(newName(), log);
    const broken = watch(storage.live(() => Promise.reject(new Error("a bug"))));
    const rows = watch(storage.live((reader) => reader.all("seen")));
    await storage.commit({ changes: put("seen", seen(1)) });
    await rows.until((found) => found.length === 1);
    expect(broken.values).toEqual([]);
    expect(log.lines).toEqual(["fault: a live query failed"]);
    storage.close();
  });
});

/** The next transaction that writes aborts with this error once its first write is done, as at a failing commit. */
function failNextTransaction(errorName: string): void {
  const realPut = IDBObjectStore.prototype.put;
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementationOnce(function (this: IDBObjectStore, ...given) {
    const request = realPut.apply(this, given);
    const transaction = this.transaction as IDBTransaction & { _abort(name: string): void };
    request.addEventListener("success", () => transaction._abort(errorName));
    return request;
  });
}

const exists = async (name: string) => (await indexedDB.databases()).some((database) => database.name === name);

function count(db: IDBDatabase, table: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = db.transaction(table).objectStore(table).count();
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

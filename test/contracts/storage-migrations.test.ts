// Profiles of every earlier Kith open in this one. `storage-frozen/` holds a database for each schema that
// ever was, as it was then; "0001-in-use" is one that had grown for a while.
import "fake-indexeddb/auto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fromHex } from "../../core/lang/bytes.ts";
import type { Table } from "../../core/ports/records.ts";
import { openStorage } from "../../core/storage/dexie-storage.ts";
import { schemas } from "../../core/storage/migrations.ts";
import { declareDatabase } from "../../core/storage/open-database.ts";
import { openDexie, rememberingLog } from "./storage-dexie.ts";
import { openRaw } from "./storage-other-tab.ts";
import { samples } from "./storage-rows.ts";

interface FrozenTable {
  readonly keyPath: string | string[];
  readonly indexes: Readonly<Record<string, string | string[]>>;
  /** Byte strings are `{ "hex": "…" }`, maps `{ "map": [[key, value], …] }`. */
  readonly rows: readonly unknown[];
}
type Frozen = Readonly<Record<string, FrozenTable>>;

const frozenFolder = path.join(import.meta.dirname, "storage-frozen");
const migrationFolder = path.join(import.meta.dirname, "../../core/storage/migrations");
const number = (version: number) => String(version).padStart(4, "0");
const frozen = (name: string): Frozen =>
  JSON.parse(readFileSync(path.join(frozenFolder, `${name}.json`), "utf8"), (_, value) =>
    typeof value?.hex === "string" ? bytes(value.hex) : Array.isArray(value?.map) ? new Map(value.map) : value,
  );
const versions = schemas.map((_, index) => index + 1);
const databases = readdirSync(frozenFolder).map((file) => path.basename(file, ".json"));
const versionOf = (database: string) => Number.parseInt(database, 10);

/** A frozen row as the schemas after its own make it. */
function today(database: string, table: string, row: unknown): unknown {
  let now = row as Readonly<Record<string, unknown>>;
  for (const { rows } of schemas.slice(versionOf(database))) now = { ...(rows?.[table]?.(now) ?? now) };
  return now;
}

afterEach(() => vi.restoreAllMocks());

describe("the migrations", () => {
  it("are as many files, numbered without a gap, as there are schemas and frozen databases", () => {
    expect(readdirSync(migrationFolder).map((name) => name.slice(0, 5))).toEqual(versions.map((n) => `${number(n)}-`));
    expect(databases).toEqual(expect.arrayContaining(versions.map(number)));
    expect(versions).toEqual(expect.arrayContaining(databases.map(versionOf)));
  });

  it.each(versions)("up to number %i still make the schema that was released", async (version) => {
    const name = `kith ${crypto.randomUUID()}`;
    const db = declareDatabase(name, schemas.slice(0, version));
    await db.open();
    const made = describeDatabase(db.backendDB());
    db.close();
    const released = Object.fromEntries(
      Object.entries(frozen(number(version))).map(([table, { keyPath, indexes }]) => [table, { keyPath, indexes }]),
    );
    const advice = `Schema ${version} differs from its frozen database. Profiles have it: do not edit a migration, add number ${versions.length + 1}.`;
    expect(made, advice).toEqual(released);
  });

  it.each(databases)(
    "open the database frozen as %s, with every row in it, brought to what rows are today",
    async (database) => {
      const name = `kith ${crypto.randomUUID()}`;
      await thaw(name, database);
      const storage = await openDexie(name);
      for (const [table, { rows }] of Object.entries(frozen(database))) {
        expect(rows.length, table).toBeGreaterThan(0);
        const now = rows.map((row) => today(database, table, row));
        expect(await storage.all(table as Table), table).toEqual(now);
      }
      storage.close();
    },
  );

  // "0001" was frozen in the making, with rows that lack what no released Kith has done without.
  it.each(databases.filter((database) => versionOf(database) < schemas.length && database !== "0001"))(
    "leave no field out that rows have today, in the database frozen as %s",
    (database) => {
      for (const [table, { rows }] of Object.entries(frozen(database))) {
        for (const row of rows) {
          const now = today(database, table, row) as object;
          // What is not set does not come back from JSON, and a note to self has no contact.
          const isSelf = (row as { readonly kind?: string }).kind === "self";
          const sample = { ...samples[table as Table], ...(isSelf ? { contact: undefined } : {}) };
          const missing = Object.entries(sample).filter(([, value]) => value !== undefined);
          expect(Object.keys(now), table).toEqual(expect.arrayContaining(missing.map(([field]) => field)));
        }
      }
    },
  );

  it("from 1 to 2 heal a conversation that was out of step, and no other", async () => {
    const name = `kith ${crypto.randomUUID()}`;
    await thaw(name, "0001-in-use");
    const storage = await openDexie(name);
    const rows = await storage.all("conversations");
    expect(rows.map(({ key, healing }) => [key.slice(0, 2), healing])).toEqual([
      ["aa", undefined],
      ["ab", { why: "behind", sinceMs: 0, asked: undefined }],
    ]);
    expect(rows.filter((row) => "outOfStep" in row)).toEqual([]);
    storage.close();
  });

  it("leave the database as it was when there is no room for them, and can be done later", async () => {
    const name = `kith ${crypto.randomUUID()}`;
    await thaw(name, "0001-in-use");
    const realPut = IDBObjectStore.prototype.put;
    let puts = 0;
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, ...given) {
      if (++puts === 3) throw new DOMException("no space", "QuotaExceededError");
      return realPut.apply(this, given);
    });
    expect(await openStorage(name, rememberingLog())).toEqual({ ok: false, error: "full" });
    expect(puts).toBe(3);
    vi.restoreAllMocks();
    const left = await openRaw(name);
    expect([left.version, await allOf(left, "outbox")]).toEqual([10, frozen("0001-in-use")["outbox"]?.rows]);
    left.close();
    const storage = await openDexie(name);
    expect(await storage.all("messages")).toHaveLength(2);
    storage.close();
  });
});

/** FAULTS F20: the tab with the older Kith, which knows only the schemas up to then, is open and at work. */
describe("an upgrade while an older Kith has the database open", () => {
  it("asks the old tab to let go, which says so and keeps its promises; nothing is lost", async () => {
    const name = `kith ${crypto.randomUUID()}`;
    await thaw(name, "0001-in-use");
    const log = rememberingLog();
    const old = await openStorage(name, log, schemas.slice(0, 1));
    if (!old.ok) throw new Error(`the older Kith did not open: ${old.error}`);
    const told: unknown[] = [];
    old.value.lost.subscribe((loss) => told.push(loss));
    const answers = [7, 8, 9].map((atMs) =>
      old.value.commit({
        changes: [{ kind: "put", table: "seen", row: { ...samples.seen, key: `${atMs}` as never, atMs } }],
      }),
    );
    const upgraded = await openDexie(name);
    const kept = (await Promise.all(answers)).flatMap(({ ok }, index) => (ok ? [index + 7] : []));
    expect(told).toEqual([undefined, "upgraded"]);
    expect((await upgraded.all("seen")).map(({ atMs }) => atMs)).toEqual(expect.arrayContaining(kept));
    expect(await upgraded.all("messages")).toHaveLength(2);
    expect(await old.value.commit({ changes: [{ kind: "put", table: "seen", row: samples.seen }] })).toEqual({
      ok: false,
      error: "lost",
    });
    expect(await openStorage(name, rememberingLog(), schemas.slice(0, 1))).toEqual({ ok: false, error: "newer" });
    upgraded.close();
  });
});

function bytes(hex: string): Uint8Array {
  const read = fromHex(hex);
  if (!read.ok) throw new Error("a frozen database holds bytes that are not hex");
  return read.value;
}

function describeDatabase(db: IDBDatabase): unknown {
  const transaction = db.transaction([...db.objectStoreNames]);
  const tables = [...db.objectStoreNames].map((name) => {
    const store = transaction.objectStore(name);
    const indexes = [...store.indexNames].map((index) => [index, store.index(index).keyPath]);
    return [name, { keyPath: store.keyPath, indexes: Object.fromEntries(indexes) }];
  });
  return Object.fromEntries(tables);
}

/** Makes the frozen database with IndexedDB alone, as the Kith of then left it: schema n is native version 10 n. */
function thaw(name: string, database: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, versionOf(database) * 10);
    request.onupgradeneeded = () => {
      for (const [table, { keyPath, indexes, rows }] of Object.entries(frozen(database))) {
        const store = request.result.createObjectStore(table, { keyPath });
        for (const [index, path] of Object.entries(indexes)) store.createIndex(index, path);
        for (const row of rows) store.put(row);
      }
    };
    request.onsuccess = () => {
      request.result.close();
      resolve();
    };
    request.onerror = () => reject(request.error);
  });
}

function allOf(db: IDBDatabase, table: string): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const request = db.transaction(table).objectStore(table).getAll();
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

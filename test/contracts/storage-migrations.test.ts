// Profiles of every earlier Kith open in this one (DESIGN §9). `storage-frozen/` holds one database for each schema that
// was ever released, as it was then.
import "fake-indexeddb/auto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { fromHex } from "../../core/lang/bytes.ts";
import type { Table } from "../../core/ports/records.ts";
import { schemas } from "../../core/storage/migrations.ts";
import { declareDatabase } from "../../core/storage/open-database.ts";
import { openDexie } from "./storage-dexie.ts";

interface FrozenTable {
  readonly keyPath: string | string[];
  readonly indexes: Readonly<Record<string, string | string[]>>;
  /** Byte strings are `{ "hex": "…" }`. */
  readonly rows: readonly unknown[];
}
type Frozen = Readonly<Record<string, FrozenTable>>;

const frozenFolder = path.join(import.meta.dirname, "storage-frozen");
const migrationFolder = path.join(import.meta.dirname, "../../core/storage/migrations");
const number = (version: number) => String(version).padStart(4, "0");
const frozen = (version: number): Frozen =>
  JSON.parse(readFileSync(path.join(frozenFolder, `${number(version)}.json`), "utf8"), (_, value) =>
    typeof value?.hex === "string" ? bytes(value.hex) : value,
  );
const versions = schemas.map((_, index) => index + 1);

describe("the migrations", () => {
  it("are as many files, numbered without a gap, as there are schemas and frozen databases", () => {
    expect(readdirSync(migrationFolder).map((name) => name.slice(0, 5))).toEqual(versions.map((n) => `${number(n)}-`));
    expect(readdirSync(frozenFolder)).toEqual(versions.map((n) => `${number(n)}.json`));
  });

  it.each(versions)("up to number %i still make the schema that was released", async (version) => {
    const name = `kith ${crypto.randomUUID()}`;
    const db = declareDatabase(name, schemas.slice(0, version));
    await db.open();
    const made = describeDatabase(db.backendDB());
    db.close();
    const released = Object.fromEntries(
      Object.entries(frozen(version)).map(([table, { keyPath, indexes }]) => [table, { keyPath, indexes }]),
    );
    const advice = `Schema ${version} differs from its frozen database. Profiles have it: do not edit a migration, add number ${versions.length + 1}.`;
    expect(made, advice).toEqual(released);
  });

  it.each(versions)("open a database frozen at number %i with every row in it", async (version) => {
    const name = `kith ${crypto.randomUUID()}`;
    await thaw(name, version);
    const storage = await openDexie(name);
    for (const [table, { rows }] of Object.entries(frozen(version))) {
      expect(rows.length, table).toBeGreaterThan(0);
      expect(await storage.all(table as Table), table).toEqual(rows);
    }
    storage.close();
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
function thaw(name: string, version: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version * 10);
    request.onupgradeneeded = () => {
      for (const [table, { keyPath, indexes, rows }] of Object.entries(frozen(version))) {
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

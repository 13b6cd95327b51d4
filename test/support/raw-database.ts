// What Kith's database holds, looked at from a page of the same origin with IndexedDB alone; for browser tests.
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Page } from "@playwright/test";

/** Keys by table. Undefined when there is no database. */
export function rawKeys(page: Page): Promise<Record<string, string[]> | undefined> {
  return page.evaluate(async () => {
    const found = (await indexedDB.databases()).some(({ name }) => name === "kith");
    if (!found) return undefined;
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open("kith");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const keys: Record<string, string[]> = {};
    for (const table of db.objectStoreNames) {
      keys[table] = await new Promise((resolve, reject) => {
        const request = db.transaction(table).objectStore(table).getAllKeys();
        request.onsuccess = () => resolve(request.result as string[]);
        request.onerror = () => reject(request.error);
      });
    }
    db.close();
    return keys;
  });
}

export interface Upgrade {
  /** Whether the browser had to say that some tab does not let go. */
  readonly blocked: boolean;
  /** From asking until this page had the database for itself. */
  readonly grantedMs: number;
}

/** Does what a Kith with a newer schema does first: brings the database to the next schema. */
export function upgradeRaw(page: Page): Promise<Upgrade> {
  return page.evaluate(async () => {
    const version = (await indexedDB.databases()).find(({ name }) => name === "kith")?.version ?? 0;
    const askedMs = performance.now();
    let blocked = false;
    return new Promise<Upgrade>((resolve, reject) => {
      const request = indexedDB.open("kith", version + 10);
      request.onblocked = () => {
        blocked = true;
      };
      request.onsuccess = () => {
        request.result.close();
        resolve({ blocked, grantedMs: performance.now() - askedMs });
      };
      request.onerror = () => reject(request.error);
    });
  });
}

const frozenFolder = path.join(import.meta.dirname, "../contracts/storage-frozen");

/** Puts a frozen database in the place of Kith's, as the Kith of then left it, with `node` in place of the one it names. */
export async function thawRaw(page: Page, frozen: string, node: string): Promise<void> {
  const text = await readFile(path.join(frozenFolder, `${frozen}.json`), "utf8");
  const tables = JSON.parse(text.replaceAll("https://node.example", node));
  await page.evaluate(
    ({ tables, version }) => {
      const thaw = (value: unknown): unknown => {
        if (Array.isArray(value)) return value.map(thaw);
        if (typeof value !== "object" || value === null) return value;
        if ("hex" in value)
          return Uint8Array.from(String(value.hex).match(/../g) ?? [], (two) => Number.parseInt(two, 16));
        return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, thaw(field)]));
      };
      return new Promise<void>((resolve, reject) => {
        const request = indexedDB.open("kith", version * 10);
        request.onupgradeneeded = () => {
          for (const [name, { keyPath, indexes, rows }] of Object.entries<{
            keyPath: string;
            indexes: Record<string, string | string[]>;
            rows: unknown[];
          }>(tables)) {
            const store = request.result.createObjectStore(name, { keyPath });
            for (const [index, keys] of Object.entries(indexes)) store.createIndex(index, keys);
            for (const row of rows) store.put(thaw(row));
          }
        };
        request.onsuccess = () => {
          request.result.close();
          resolve();
        };
        request.onerror = () => reject(request.error);
      });
    },
    { tables, version: Number.parseInt(frozen, 10) },
  );
}

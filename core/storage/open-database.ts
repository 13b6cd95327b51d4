/**
 * Opens the database of a profile and brings it to the newest schema. Never wipes: what cannot be opened is left as it
 * is and said. Knows nothing of rows.
 */
import { Dexie } from "dexie";
import { err, ok, type Result } from "../lang/result.ts";
import type { Log } from "../ports/log.ts";
import { type Schema, schemas } from "./migrations.ts";

/**
 * `unavailable`: this browser gives no database here, as some do in private mode.
 * `newer`: a newer Kith wrote it. `blocked`: another tab holds it open in an older schema.
 */
export type OpenFault = "unavailable" | "newer" | "blocked";

export async function openDatabase(name: string, log: Log): Promise<Result<Dexie, OpenFault>> {
  try {
    // Dexie would open a newer database in silence, and patch into it whatever it misses there. So look first.
    const found = (await globalThis.indexedDB.databases()).find((database) => database.name === name);
    if (schemaOf(found?.version ?? 0) > schemas.length) return err("newer");
    const db = declareDatabase(name, schemas);
    closeForOthers(db, log);
    if ((await open(db)) === "blocked") return err("blocked");
    return ok(db);
  } catch (error) {
    log.fault("the database cannot be opened", error);
    return err("unavailable");
  }
}

export function declareDatabase(name: string, versions: readonly Schema[]): Dexie {
  const db = new Dexie(name, {
    indexedDB: globalThis.indexedDB,
    IDBKeyRange: globalThis.IDBKeyRange,
    // A database that was evicted must not come back empty at the next write.
    autoOpen: false,
    // Dexie's cache is there to show live queries what is not committed yet, which we never want (invariant 8).
    cache: "disabled",
    // Key states must survive a power cut: a message key that is used twice is broken.
    chromeTransactionDurability: "strict",
  });
  for (const [index, schema] of versions.entries()) db.version(index + 1).stores({ ...schema });
  return db;
}

/** Dexie counts in tenths: schema 1 is native version 10. */
const schemaOf = (nativeVersion: number) => Math.floor(nativeVersion / 10);

/** When another tab wants to upgrade or delete the database, this one lets go of it at once. */
function closeForOthers(db: Dexie, log: Log): void {
  db.on("versionchange", () => {
    log.event("storage closed: another tab changes the database");
    db.close();
    return false; // instead of Dexie's own handler
  });
}

function open(db: Dexie): Promise<"open" | "blocked"> {
  return new Promise((resolve, reject) => {
    let gaveUp = false;
    db.on("blocked", () => {
      gaveUp = true;
      resolve("blocked");
      return false;
    });
    // The request cannot be withdrawn: when it is granted after all, the upgrade is kept and the door closed again.
    db.open().then(() => (gaveUp ? db.close() : resolve("open")), reject);
  });
}

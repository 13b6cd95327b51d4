/**
 * Opens the database of a profile and brings it to the newest schema. Never wipes: what cannot be opened is left as it
 * is and said. Knows nothing of rows.
 */
import { Dexie } from "dexie";
import { err, ok, type Result } from "../lang/result.ts";
import type { Log } from "../ports/log.ts";
import { isNoRoom } from "./disk-fault.ts";
import { type LossWatch, watchForLoss } from "./loss.ts";
import type { RowChange, Schema } from "./migrations.ts";

/**
 * `unavailable`: this browser gives no database here, as some do in private mode.
 * `newer`: a newer Kith wrote it. `blocked`: another tab holds it open in an older schema. `full`: there is no room to
 * make it, or to bring it to the newest schema.
 */
export type OpenFault = "unavailable" | "newer" | "blocked" | "full";

export interface OpenDatabase {
  readonly db: Dexie;
  readonly loss: LossWatch;
}

export async function openDatabase(
  name: string,
  log: Log,
  known: readonly Schema[],
): Promise<Result<OpenDatabase, OpenFault>> {
  try {
    // Dexie would open a newer database in silence, and patch into it whatever it misses there. So look first.
    const found = (await globalThis.indexedDB.databases()).find((database) => database.name === name);
    if (schemaOf(found?.version ?? 0) > known.length) return err("newer");
    const db = declareDatabase(name, known);
    const loss = watchForLoss(db, log);
    if ((await open(db, loss)) === "blocked") return err("blocked");
    loss.opened();
    return ok({ db, loss });
  } catch (error) {
    log.fault("the database cannot be opened", error);
    return err(isNoRoom(error) ? "full" : "unavailable");
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
  for (const [index, { tables, rows = {} }] of versions.entries()) {
    const changes = Object.entries(rows).map(([table, change]) => ({ table, change: inPlace(change) }));
    db.version(index + 1)
      .stores({ ...tables })
      .upgrade(async (transaction) => {
        for (const { table, change } of changes) await transaction.table(table).toCollection().modify(change);
      });
  }
  return db;
}

const inPlace = (change: RowChange) => (row: Readonly<Record<string, unknown>>, place: { value: object }) => {
  place.value = change(row);
};

/** Dexie counts in tenths: schema 1 is native version 10. */
const schemaOf = (nativeVersion: number) => Math.floor(nativeVersion / 10);

/** A tab that is asked to let go does so once the transaction it is in has ended. */
const lettingGoMs = 1_000;

function open(db: Dexie, loss: LossWatch): Promise<"open" | "blocked"> {
  return new Promise((resolve, reject) => {
    let gaveUp = false;
    let patience: ReturnType<typeof setTimeout> | undefined;
    db.on("blocked", () => {
      patience = setTimeout(() => {
        gaveUp = true;
        resolve("blocked");
      }, lettingGoMs);
      return false;
    });
    const opened = () => {
      clearTimeout(patience);
      // The request cannot be withdrawn: when it is granted after all, the upgrade is kept and the door closed again.
      if (gaveUp) loss.close();
      else resolve("open");
    };
    db.open().then(opened, reject);
  });
}

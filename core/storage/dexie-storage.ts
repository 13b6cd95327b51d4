/**
 * The storage port over IndexedDB. One batch is one strict readwrite transaction, and inside of it only Dexie is awaited
 * (invariant 10): anything else would let the transaction commit half-way. Knows no meaning of any row.
 */
import { Dexie, liveQuery } from "dexie";
import { done, err, ok, type Result } from "../lang/result.ts";
import type { Log } from "../ports/log.ts";
import type { Records, Table } from "../ports/records.ts";
import type { Batch, Reader, Storage, WriteFault } from "../ports/storage.ts";
import { isDiskGone, writeFault } from "./disk-fault.ts";
import { exactBytes } from "./exact-bytes.ts";
import type { LossWatch } from "./loss.ts";
import { type Schema, schemas } from "./migrations.ts";
import { type OpenDatabase, type OpenFault, openDatabase } from "./open-database.ts";

/** Opens the profile called `name`, making it when there is none. `known` is for playing an older Kith. */
export async function openStorage(
  name: string,
  log: Log,
  known: readonly Schema[] = schemas,
): Promise<Result<Storage, OpenFault>> {
  const opened = await openDatabase(name, log, known);
  return opened.ok ? ok(storageOver(opened.value, log)) : opened;
}

function storageOver({ db, loss }: OpenDatabase, log: Log): Storage {
  const reader = readerOver(db, loss);
  return {
    ...reader,
    commit: (batch) => commit(db, loss, log, batch),
    live: <T>(query: (reader: Reader) => Promise<T>) => ({
      subscribe(listener: (value: T) => void) {
        // Not without the `async`: by the kind of the function Dexie knows to follow the reads across native awaits.
        const subscription = liveQuery(async () => query(reader)).subscribe({
          next: listener,
          error: (error: unknown) => log.fault("a live query failed", error),
        });
        return () => subscription.unsubscribe();
      },
    }),
    lost: loss.lost,
    close: loss.close,
  };
}

function readerOver(db: Dexie, loss: LossWatch): Reader {
  /** A disk that cannot be read has nothing more to say, and whoever waits for a live query must hear of it. */
  const readable = async <A>(read: () => PromiseLike<A>): Promise<A> => {
    try {
      return await read();
    } catch (error) {
      if (isDiskGone(error)) loss.lose("gone");
      throw error;
    }
  };
  return {
    get: async <T extends Table>(table: T, key: string) => readable(() => db.table<Records[T], string>(table).get(key)),
    all: async <T extends Table>(table: T) => readable(() => db.table<Records[T], string>(table).toArray()),
    async ofConversation<T extends "messages" | "outbox">(
      table: T,
      conversation: string,
      window?: { readonly limit: number; readonly before?: string },
    ) {
      const rows = db
        .table<Records[T], string>(table)
        .where("[conversation+order]")
        .between([conversation, Dexie.minKey], [conversation, window?.before ?? Dexie.maxKey], true, false);
      if (window === undefined) return readable(() => rows.toArray());
      return (await readable(() => rows.reverse().limit(window.limit).toArray())).reverse();
    },
  };
}

async function commit(db: Dexie, loss: LossWatch, log: Log, batch: Batch): Promise<Result<void, WriteFault>> {
  const expect = batch.expect ?? [];
  const changes = exactBytes(batch.changes);
  const tables = new Set([...expect, ...changes].map(({ table }) => table));
  if (tables.size === 0) return done;
  let native: IDBTransaction | undefined;
  try {
    const written = await db.transaction("rw", [...tables], async (transaction) => {
      native = transaction.idbtrans;
      for (const { table, key, revision } of expect) {
        const row: Records[typeof table] | undefined = await db.table(table).get(key);
        if (row?.revision !== revision) return false;
      }
      for (const change of changes) {
        if (change.kind === "put") await db.table(change.table).put(change.row);
        else await db.table(change.table).delete(change.key);
      }
      return true;
    });
    return written ? done : err("conflict");
  } catch (error) {
    const fault = writeFault(error, native?.error);
    if (fault === undefined) throw error;
    log.fault("a batch was not written", error);
    // A disk that failed once is not written to again: what the engine holds may no longer be what the disk holds.
    if (fault === "lost") loss.lose("gone");
    return err(fault);
  }
}

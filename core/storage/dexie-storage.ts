/**
 * The storage port over IndexedDB. One batch is one strict readwrite transaction, and inside of it only Dexie is awaited
 * (invariant 10): anything else would let the transaction commit half-way. Knows no meaning of any row.
 */
import { Dexie, liveQuery } from "dexie";
import { done, err, ok, type Result } from "../lang/result.ts";
import type { Log } from "../ports/log.ts";
import type { Records, Table } from "../ports/records.ts";
import type { Batch, Change, Reader, Storage, WriteFault } from "../ports/storage.ts";
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
    getMany: (table, keys) => readable(loss, () => rowsWith(db, table, keys)),
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

/** A disk that cannot be read has nothing more to say, and whoever waits for a live query must hear of it. */
async function readable<A>(loss: LossWatch, read: () => PromiseLike<A>): Promise<A> {
  try {
    return await read();
  } catch (error) {
    if (isDiskGone(error)) loss.lose("gone");
    throw error;
  }
}

async function rowsWith<T extends Table>(db: Dexie, table: T, keys: readonly string[]): Promise<readonly Records[T][]> {
  const rows = await db.table<Records[T], string>(table).bulkGet([...keys]);
  return rows.filter((row) => row !== undefined);
}

function readerOver(db: Dexie, loss: LossWatch): Reader {
  return {
    get: async <T extends Table>(table: T, key: string) =>
      readable(loss, () => db.table<Records[T], string>(table).get(key)),
    all: async <T extends Table>(table: T) => readable(loss, () => db.table<Records[T], string>(table).toArray()),
    async ofConversation<T extends "messages" | "outbox">(
      table: T,
      conversation: string,
      window?: { readonly limit: number; readonly before?: string },
    ) {
      const rows = db
        .table<Records[T], string>(table)
        .where("[conversation+order]")
        .between([conversation, Dexie.minKey], [conversation, window?.before ?? Dexie.maxKey], true, false);
      if (window === undefined) return readable(loss, () => rows.toArray());
      return (await readable(loss, () => rows.reverse().limit(window.limit).toArray())).reverse();
    },
  };
}

/** Handed to the browser in one task of the page. Higher: a page that writes a long history is deaf for as long. */
const rowsAtOnce = 100;

async function commit(db: Dexie, loss: LossWatch, log: Log, batch: Batch): Promise<Result<void, WriteFault>> {
  const expect = batch.expect ?? [];
  const changes = exactBytes(batch.changes);
  const tables = new Set([...expect, ...changes].map(({ table }) => table));
  if (tables.size === 0) return done;
  const rows = lastOfEachRow(changes);
  let native: IDBTransaction | undefined;
  try {
    const written = await db.transaction("rw", [...tables], async (transaction) => {
      native = transaction.idbtrans;
      for (const { table, key, revision } of expect) {
        const row: Records[typeof table] | undefined = await db.table(table).get(key);
        if (row?.revision !== revision) return false;
      }
      for (const [table, { put, gone }] of rows) {
        if (gone.length > 0) await db.table(table).bulkDelete([...gone]);
        for (const some of put) await db.table(table).bulkPut([...some]);
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

interface TableChanges {
  /** Row by row, in as many as are handed over at once. */
  readonly put: readonly (readonly unknown[])[];
  readonly gone: readonly string[];
}

/** What each table is asked for, many rows at once: a request for each takes several times as long. Of a row the last change counts. */
function lastOfEachRow(changes: readonly Change[]): ReadonlyMap<Table, TableChanges> {
  const last = new Map(changes.map((change) => [`${change.table} ${keyOf(change)}`, change]));
  const tables = new Map<Table, { put: unknown[][]; gone: string[] }>();
  for (const change of last.values()) {
    const asked = tables.get(change.table) ?? { put: [], gone: [] };
    const some = asked.put.at(-1);
    if (change.kind === "delete") asked.gone.push(change.key);
    else if (some === undefined || some.length >= rowsAtOnce) asked.put.push([change.row]);
    else some.push(change.row);
    tables.set(change.table, asked);
  }
  return tables;
}

const keyOf = (change: Change): string => (change.kind === "put" ? change.row.key : change.key);

// The storage port in memory, for simulations. The disk outlives the storage that writes on it: a crash drops the
// storage, a restart opens another on the same disk. The contract suite proves it equal to the real one.
import { liveCell } from "../../core/lang/live.ts";
import { type Err, err, type Ok, ok, type Result } from "../../core/lang/result.ts";
import type { Records, Table } from "../../core/ports/records.ts";
import type { Batch, Reader, Storage, StorageLoss, WriteFault } from "../../core/ports/storage.ts";
import { copied, frozen } from "./copied-row.ts";
import { type MemoryLive, memoryLive } from "./memory-live.ts";

/** What survives a crash, and the places where a simulation can interfere. */
export interface Disk {
  readonly tables: Map<Table, Map<string, unknown>>;
  /** The next commit writes nothing and answers with this fault; `lost` also ends the storage. */
  failNext: "full" | "lost" | undefined;
  /** Called right before a batch is written and right after. May crash the storage: the caller then hears nothing. */
  onCommit: ((moment: "before" | "after", batch: Batch) => void) | undefined;
}

export interface MemoryStorage extends Storage {
  /** The process died: nothing that is pending or asked for from now on is ever answered, and nothing more is written. */
  crash(): void;
  /** The database ends under it, as when a browser evicts it or another tab upgrades it. */
  lose(why: StorageLoss): void;
}

export function emptyDisk(): Disk {
  return { tables: new Map(), failNext: undefined, onCommit: undefined };
}

export function memoryStorage(disk: Disk = emptyDisk()): MemoryStorage {
  let state: "open" | "closed" | "crashed" = "open";
  const lost = liveCell<StorageLoss | undefined>(undefined);
  function lose(why: StorageLoss): void {
    if (state !== "open") return;
    state = "closed";
    lost.set(why);
  }
  // A function, because the compiler believes that `state` cannot have changed since it was last compared.
  const alive = () => state !== "crashed";
  const rowsOf = (table: Table): Map<string, unknown> => {
    const rows = disk.tables.get(table) ?? new Map<string, unknown>();
    disk.tables.set(table, rows);
    return rows;
  };

  /** Every read answers later, as a disk does, and with rows that nobody can change for another. */
  async function answer<A>(table: Table, read: () => A): Promise<A> {
    await null;
    if (!alive()) return never();
    if (state === "closed") throw new Error("the storage is closed");
    const value = handedOut[table] === "copied" ? copied(read()) : frozen(read());
    await null;
    return alive() ? value : never();
  }

  const reader: Reader = {
    get: <T extends Table>(table: T, key: string) =>
      answer(table, () => rowsOf(table).get(key) as Records[T] | undefined),
    all: <T extends Table>(table: T) =>
      answer(table, () => [...(rowsOf(table).values() as Iterable<Records[T]>)].sort((a, b) => compare(a.key, b.key))),
    ofConversation: <T extends "messages" | "outbox">(
      table: T,
      conversation: string,
      window?: { readonly limit: number; readonly before?: string },
    ) =>
      answer(table, () => {
        const { limit = Number.POSITIVE_INFINITY, before } = window ?? {};
        const rows = [...(rowsOf(table).values() as Iterable<Records[T]>)]
          .filter((row) => row.conversation === conversation && (before === undefined || row.order < before))
          .sort((a, b) => compare(a.order, b.order));
        return rows.slice(Math.max(0, rows.length - limit));
      }),
  };

  const lives = new Set<MemoryLive>();

  function write(batch: Batch): Ok<void> | Err<WriteFault> {
    const fault = disk.failNext;
    disk.failNext = undefined;
    if (fault === "lost") lose("gone");
    if (fault !== undefined) return err(fault);
    for (const { table, key, revision } of batch.expect ?? []) {
      const row = rowsOf(table).get(key) as Records[typeof table] | undefined;
      if (row?.revision !== revision) return err("conflict");
    }
    for (const change of batch.changes) {
      if (change.kind === "put") rowsOf(change.table).set(change.row.key, change.row);
      else rowsOf(change.table).delete(change.key);
    }
    return ok(undefined);
  }

  async function commit(asked: Batch): Promise<Result<void, WriteFault>> {
    const batch = copied(asked);
    await null;
    if (state === "open") disk.onCommit?.("before", batch);
    if (state === "crashed") return never();
    if (state === "closed") return err("lost");
    const outcome = write(batch);
    if (outcome.ok) {
      disk.onCommit?.("after", batch);
      if (alive()) for (const live of [...lives]) live.committed(batch);
    }
    await null;
    return alive() ? outcome : never();
  }

  return {
    ...reader,
    getMany: (table, keys) =>
      answer(table, () => keys.flatMap((key) => (rowsOf(table).get(key) as Records[typeof table] | undefined) ?? [])),
    commit,
    live: (query) => ({
      subscribe(listener) {
        const live = memoryLive(reader, query, listener, () => state === "open");
        lives.add(live);
        return () => {
          live.end();
          lives.delete(live);
        };
      },
    }),
    lost,
    lose,
    close() {
      if (state === "open") state = "closed";
    },
    crash() {
      state = "crashed";
    },
  };
}

/** What becomes of MLS states and keys is the library's affair, which may overwrite bytes. */
const handedOut: Partial<Record<Table, "copied">> = {
  groups: "copied",
  trees: "copied",
  keyPackages: "copied",
  joinRequests: "copied",
  asked: "copied",
};

const never = <T>() => new Promise<T>(() => {});
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

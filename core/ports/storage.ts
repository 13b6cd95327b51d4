/**
 * What the engine needs of a disk: typed records, read by key or index, written in one atomic batch with
 * compare-and-set. There is no interactive transaction, so nothing foreign can be awaited inside one (invariant 10).
 */
import type { Live } from "../lang/live.ts";
import type { Result } from "../lang/result.ts";
import type { Records, Table } from "./records.ts";

/** `conflict`: an expectation did not hold and nothing was written. `full`: quota. `lost`: the database is gone or closed. */
export type WriteFault = "conflict" | "full" | "lost";

/**
 * Why a storage ended although nobody here closed it. `upgraded`: another tab brought the database to a newer schema.
 * `gone`: deleted, evicted, closed by the browser, or a disk that fails.
 */
export type StorageLoss = "upgraded" | "gone";

export type Change =
  | { [T in Table]: { readonly kind: "put"; readonly table: T; readonly row: Records[T] } }[Table]
  | { readonly kind: "delete"; readonly table: Table; readonly key: string };

/** Holds when the row's `revision` is this number; `undefined` means that there is no such row. */
export interface Expectation {
  readonly table: "groups" | "profile";
  readonly key: string;
  readonly revision: number | undefined;
}

export interface Batch {
  readonly expect?: readonly Expectation[];
  readonly changes: readonly Change[];
}

/** Reads see only committed batches. Inside `live` they are also what decides when to look again. */
export interface Reader {
  get<T extends Table>(table: T, key: string): Promise<Records[T] | undefined>;
  all<T extends Table>(table: T): Promise<readonly Records[T][]>;
  /** Rows of one conversation, ascending by their `order`; the newest `limit` when given, with `before` only those below it. */
  ofConversation<T extends "messages" | "outbox">(
    table: T,
    conversation: string,
    window?: { readonly limit: number; readonly before?: string },
  ): Promise<readonly Records[T][]>;
}

export interface Storage extends Reader {
  /** Those of the rows that are there, in one read: a read for each takes longer than what it is for. */
  getMany<T extends Table>(table: T, keys: readonly string[]): Promise<readonly Records[T][]>;
  /** All of it or nothing, durable before it answers. */
  commit(batch: Batch): Promise<Result<void, WriteFault>>;
  /**
   * The value of `query` now and after each commit that could change it; one emission for one commit. Of a lost or closed
   * storage it announces nothing: `lost` says why.
   */
  live<T>(query: (reader: Reader) => Promise<T>): Live<T>;
  /** Set once and for good: from then on writes answer "lost" and reads reject. Closing is no loss. */
  readonly lost: Live<StorageLoss | undefined>;
  close(): void;
}

/**
 * A storage with changes on it that are not written yet, so that several things can be taken in one after the other and
 * written at once. What was read or is pending is answered from memory: use it within one turn, for rows that nobody writes
 * outside of that. Knows nothing of what the rows are for.
 */

import type { Records, Table } from "../ports/records.ts";
import type { Batch, Change, Expectation, Storage } from "../ports/storage.ts";

export interface Overlay {
  /** Reads as if all that was added had been written. Nothing can be written through it. */
  readonly storage: Storage;
  /** Reads these rows at once, for those who ask for one after the other. */
  fetch(table: "seen", keys: readonly string[]): Promise<void>;
  /** Throws where an expectation does not hold against what was added before: within one turn that is a bug. */
  add(batch: Batch): void;
  /** All that was added, as one batch: of each row the last change, and the expectations of before the first. */
  readonly batch: Batch;
}

export function overlayOn(base: Storage): Overlay {
  const known = new Map<string, Promise<unknown>>();
  const pending = new Map<string, Change>();
  const expected = new Map<string, Expectation>();

  /** Pending changes of a table, by key. */
  function pendingIn(table: Table): Map<string, Change> {
    return new Map([...pending.values()].flatMap((one) => (one.table === table ? [[keyOf(one), one]] : [])));
  }

  function merged<T extends Table>(table: T, rows: readonly Records[T][]): Records[T][] {
    const changed = pendingIn(table);
    const put = [...changed.values()].flatMap((one) => (one.kind === "put" ? [one.row as Records[T]] : []));
    return [...rows.filter(({ key }) => !changed.has(key)), ...put];
  }

  const storage: Storage = {
    ...base,
    async get<T extends Table>(table: T, key: string) {
      const place = `${table} ${key}`;
      const change = pending.get(place);
      if (change !== undefined) return change.kind === "put" ? (change.row as Records[T]) : undefined;
      const read = known.get(place) ?? base.get(table, key);
      known.set(place, read);
      return read as Promise<Records[T] | undefined>;
    },
    async getMany<T extends Table>(table: T, keys: readonly string[]) {
      const rows = await Promise.all(keys.map((key) => storage.get(table, key)));
      return rows.filter((row) => row !== undefined);
    },
    all: async (table) => merged(table, await base.all(table)).sort((a, b) => compare(a.key, b.key)),
    async ofConversation(table, conversation, window) {
      const { limit = Number.POSITIVE_INFINITY, before } = window ?? {};
      // Rows that are pending may take the place of as many of those on the disk.
      const wider = window && { ...window, limit: limit + pendingIn(table).size };
      const rows = merged(table, await base.ofConversation(table, conversation, wider))
        .filter((row) => row.conversation === conversation && (before === undefined || row.order < before))
        .sort((a, b) => compare(a.order, b.order));
      return rows.slice(Math.max(0, rows.length - limit));
    },
    commit() {
      throw new Error("what is only laid over a storage cannot be written through it");
    },
  };

  return {
    storage,
    async fetch(table, keys) {
      const rows = new Map((await base.getMany(table, keys)).map((row) => [row.key as string, row]));
      for (const key of keys) known.set(`${table} ${key}`, Promise.resolve(rows.get(key)));
    },
    add({ expect = [], changes }) {
      for (const one of expect) {
        const place = `${one.table} ${one.key}`;
        const change = pending.get(place);
        if (change === undefined) expected.set(place, one);
        else if (revisionAfter(change) !== one.revision) throw new Error("a row is not as it was expected to be");
      }
      for (const change of changes) pending.set(`${change.table} ${keyOf(change)}`, change);
    },
    get batch() {
      return { expect: [...expected.values()], changes: [...pending.values()] };
    },
  };
}

const keyOf = (change: Change): string => (change.kind === "put" ? change.row.key : change.key);

/** What an expectation compares with; only such tables are expected of. */
function revisionAfter(change: Change): number | undefined {
  return change.kind === "put" && (change.table === "groups" || change.table === "profile")
    ? change.row.revision
    : undefined;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

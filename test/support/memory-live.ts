// Live queries of the memory storage: notes what a query read and runs it again after a commit that touches it.
// Commits that come faster than the query runs are seen together, as with the real storage.
import type { Table } from "../../core/ports/records.ts";
import type { Batch, Reader } from "../../core/ports/storage.ts";

export interface MemoryLive {
  committed(batch: Batch): void;
  end(): void;
}

export function memoryLive<T>(
  reader: Reader,
  query: (reader: Reader) => Promise<T>,
  listener: (value: T) => void,
  isOpen: () => boolean,
): MemoryLive {
  let ended = false;
  let running = false;
  let stale = false;
  let seen = new Footprint();

  async function run(): Promise<void> {
    running = true;
    do {
      stale = false;
      seen = new Footprint();
      const value = await query(seen.watching(reader));
      if (!stale && !ended && isOpen()) listener(value);
    } while (stale && !ended);
    running = false;
  }

  function start(): void {
    run().catch((error: unknown) => {
      running = false;
      // A query has no reason to fail while its storage is open: let the test fail.
      if (!ended && isOpen()) throw error;
    });
  }

  start();
  return {
    committed(batch) {
      if (ended || !seen.touchedBy(batch)) return;
      stale = true;
      if (!running) start();
    },
    end() {
      ended = true;
    },
  };
}

/** What one run of a query depended on: rows by key, and whole tables. */
class Footprint {
  readonly #rows = new Set<string>();
  readonly #tables = new Set<Table>();

  watching(reader: Reader): Reader {
    return {
      get: (table, key) => {
        this.#rows.add(`${table} ${key}`);
        return reader.get(table, key);
      },
      all: (table) => {
        this.#tables.add(table);
        return reader.all(table);
      },
      ofConversation: (table, conversation, window) => {
        this.#tables.add(table);
        return reader.ofConversation(table, conversation, window);
      },
    };
  }

  touchedBy(batch: Batch): boolean {
    return batch.changes.some(
      (change) =>
        this.#tables.has(change.table) ||
        this.#rows.has(`${change.table} ${change.kind === "put" ? change.row.key : change.key}`),
    );
  }
}

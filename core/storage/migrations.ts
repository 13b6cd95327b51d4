/**
 * Every schema there ever was, in order: the place in the list is the version. To change the schema add a file with the
 * next number here and a frozen database beside its tests; never edit an earlier one, profiles out there have it.
 */
import type { Table } from "../ports/records.ts";
import { firstTables } from "./migrations/0001-first-tables.ts";
import { addedTables, severalOfEverything } from "./migrations/0002-several-of-everything.ts";
import { groups, tablesOfGroups } from "./migrations/0003-groups.ts";

export interface Schema {
  /** Table name to Dexie's notation of its keys; only what the version adds or changes. */
  readonly tables: Readonly<Record<string, string>>;
  /** Table name to what becomes of each of its rows. */
  readonly rows?: Readonly<Record<string, RowChange>>;
}

/** Looks at nothing but the row. */
export type RowChange = (row: Readonly<Record<string, unknown>>) => object;

export const schemas: readonly Schema[] = [
  { tables: firstTables satisfies Partial<Record<Table, string>> },
  {
    tables: addedTables satisfies Partial<Record<Table, string>>,
    rows: severalOfEverything,
  },
  {
    tables: tablesOfGroups satisfies Record<
      Exclude<Table, keyof typeof firstTables | keyof typeof addedTables>,
      string
    >,
    rows: groups,
  },
];

/**
 * Every schema there ever was, in order: the place in the list is the version. To change the schema add a file with the
 * next number here and a frozen database beside its tests; never edit an earlier one, profiles out there have it.
 */
import type { Table } from "../ports/records.ts";
import { firstTables } from "./migrations/0001-first-tables.ts";

/** Table name to Dexie's notation of its keys; only what the version adds or changes. */
export type Schema = Readonly<Record<string, string>>;

export const schemas: readonly Schema[] = [firstTables satisfies Record<Table, string>];

/**
 * Reads a table of published test vectors from `data/`: `fields` names the columns, each case is one row. Bytes are
 * lower-case hex. Where the numbers come from, and how many were taken, is in README.md.
 */

import { readFileSync } from "node:fs";
import { hexToBytes } from "@noble/hashes/utils.js";

type Cell = string | number | boolean | null | readonly unknown[];
export type Table = { readonly fields: readonly string[]; readonly cases: readonly (readonly Cell[])[] };

export function readTable(name: string): Table {
  return JSON.parse(readFileSync(new URL(`data/${name}.json`, import.meta.url), "utf8")) as Table;
}

/**
 * Every case of `data/<name>.json`. `count` is the number of cases there must be, so that a table that was emptied or
 * cut short fails its test instead of proving nothing.
 */
export function readVectors<Row>(name: string, count: number): Row[] {
  const { fields, cases } = readTable(name);
  if (count < 1 || cases.length !== count) throw new Error(`${name}: ${cases.length} cases where ${count} are due`);
  return cases.map((cells) => {
    if (cells.length !== fields.length)
      throw new Error(`${name}: a case with ${cells.length} of ${fields.length} fields`);
    return Object.fromEntries(fields.map((field, index) => [field, cells[index]])) as Row;
  });
}

/** By the library's decoder, not ours, so that no vector rests on the code under test. */
export const hex = hexToBytes;

/** What the call gave, or `"refused"` where it threw: libraries say no by throwing. */
export async function orRefused<T>(call: () => T | Promise<T>): Promise<T | "refused"> {
  try {
    return await call();
  } catch {
    return "refused";
  }
}

/**
 * Makes a row that owns its bytes and no others. Structured clone copies the whole buffer behind a view: a slice of a
 * network frame would drag the frame, and whatever plaintext lies beside it, onto the disk. Knows no table.
 */

/** A deep copy of plain objects, arrays, maps, byte strings and primitives, which is all that rows are made of. */
export function exactBytes<T>(value: T): T;
export function exactBytes(value: unknown): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value)) return value.map((item) => exactBytes(item));
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [key, exactBytes(one)]));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, exactBytes(field)]));
  }
  return value;
}

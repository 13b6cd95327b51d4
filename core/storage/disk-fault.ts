/** What a failed Dexie operation means for the engine (FAULTS F9, F10). Nothing of a failed write was written. */
import type { WriteFault } from "../ports/storage.ts";

const diskGone = [
  "DatabaseClosedError",
  "AbortError",
  "UnknownError",
  "InvalidStateError",
  "TransactionInactiveError",
  "TimeoutError",
  "OpenFailedError",
];

/** Of a read: the disk, not the query, failed. A query that was given up by its asker is aborted, which says nothing. */
const unreadable = ["UnknownError", "NotReadableError"];

/**
 * From what was thrown and from what the transaction itself says it died of: a request that was still waiting knows
 * only that it was aborted. `undefined` is a bug of ours, such as a row that cannot be stored.
 */
export function writeFault(
  error: unknown,
  transactionError: DOMException | null | undefined,
): Exclude<WriteFault, "conflict"> | undefined {
  const names = [...[error, ...failuresOf(error)].map(nameOf), transactionError?.name ?? ""];
  if (names.includes("QuotaExceededError")) return "full";
  return names.some((name) => diskGone.includes(name)) ? "lost" : undefined;
}

export const isDiskGone = (error: unknown): boolean => unreadable.includes(nameOf(error));

/** Whether a database could not be opened, or made newer, for want of room. */
export function isNoRoom(error: unknown): boolean {
  if (nameOf(error) === "QuotaExceededError") return true;
  // Dexie wraps the browser's error, once or more.
  return error instanceof Error && "inner" in error && isNoRoom(error.inner);
}

/** Of several requests at once Dexie answers with what each of them failed of. */
function failuresOf(error: unknown): readonly unknown[] {
  return error instanceof Error && "failures" in error && Array.isArray(error.failures) ? error.failures : [];
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "");

/** What a failed Dexie transaction means for the engine (FAULTS F9, F10). Nothing of it was written. */
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

/**
 * From what was thrown and from what the transaction itself says it died of: a request that was still waiting knows
 * only that it was aborted. `undefined` is a bug of ours, such as a row that cannot be stored.
 */
export function writeFault(
  error: unknown,
  transactionError: DOMException | null | undefined,
): Exclude<WriteFault, "conflict"> | undefined {
  const names = [error instanceof Error ? error.name : "", transactionError?.name ?? ""];
  if (names.includes("QuotaExceededError")) return "full";
  return names.some((name) => diskGone.includes(name)) ? "lost" : undefined;
}

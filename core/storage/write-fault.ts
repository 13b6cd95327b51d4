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
 * From what was thrown and what the transaction itself says it died of. `undefined` is a bug of ours, such as a row
 * that cannot be stored.
 */
export function writeFault(
  error: unknown,
  transactionError: DOMException | null | undefined,
): Exclude<WriteFault, "conflict"> | undefined {
  const names = [...causes(error), ...causes(transactionError)].map((cause) => cause.name);
  // Quota may fail one request or the whole: then the request that was waiting knows only that it was aborted.
  if (names.includes("QuotaExceededError")) return "full";
  return names.some((name) => diskGone.includes(name)) ? "lost" : undefined;
}

/** Dexie wraps what the browser said in `inner`. */
function causes(error: unknown): readonly { readonly name: string }[] {
  if (typeof error !== "object" || error === null || !("name" in error)) return [];
  const inner = "inner" in error && error.inner !== error ? causes(error.inner) : [];
  return [{ name: String(error.name) }, ...inner];
}

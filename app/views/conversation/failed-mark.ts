/** Which states of an own message ask for something to be done. */
import type { MessageMark } from "@kith/core";

/** It did not get there, or does not by itself. */
export function isFailed(mark: MessageMark | undefined): boolean {
  return mark?.kind === "refused" || mark?.kind === "expired" || mark?.kind === "trouble";
}

/** Names and places of messages (§8), as text that sorts: a timeline is ordered by comparing strings. */

import type { DeviceId, MessageId } from "../lang/brand.ts";
import type { HybridTime } from "./clock.ts";

/** Scoped to its author's device (invariant 5): `contentId` alone is a claim of whoever wrote it. */
export function messageIdOf(device: DeviceId, contentId: string): MessageId {
  return `${device}/${contentId}` as MessageId;
}

/**
 * Of a line that is no message. Whoever makes it gives the id that its place is made of, and may have used that before: it is the
 * name of no message, nor of the line of another change. `made`: the epoch that a change led to; else it was said.
 */
export function lineIdOf(device: DeviceId, contentId: string, made: number | "said"): MessageId {
  return `${messageIdOf(device, contentId)}.${made}` as MessageId;
}

/** Clock (14 hex digits), count (8), device (32), content id (16): sorts as text the way the numbers do. */
export function orderOf(time: HybridTime, device: DeviceId, contentId: string): string {
  const clock = time.clockMs.toString(16).padStart(14, "0") + time.clockCount.toString(16).padStart(8, "0");
  return clock + device + contentId;
}

/** The clock in an `orderOf`. */
export function clockOf(order: string): number {
  return Number.parseInt(order.slice(0, 14), 16);
}

/** The clock's count in an `orderOf`. */
export function countOf(order: string): number {
  return Number.parseInt(order.slice(14, 22), 16);
}

/** Names and places of messages (§8), as text that sorts: a timeline is ordered by comparing strings. */

import type { DeviceId, MessageId } from "../lang/brand.ts";

/** Scoped to its author's device (invariant 5): `contentId` alone is a claim of whoever wrote it. */
export function messageIdOf(device: DeviceId, contentId: string): MessageId {
  return `${device}/${contentId}` as MessageId;
}

/**
 * `clockMs ‖ clockCount ‖ device ‖ id` in hex of fixed width (14, 8, 32 and 16 characters), so that it sorts as the
 * numbers do. `clockMs` up to 2^53 - 1, `clockCount` up to 2^32 - 1, as decoded content has them.
 */
export function orderOf(message: {
  readonly clockMs: number;
  readonly clockCount: number;
  readonly device: DeviceId;
  readonly id: string;
}): string {
  const clock = message.clockMs.toString(16).padStart(14, "0") + message.clockCount.toString(16).padStart(8, "0");
  return clock + message.device + message.id;
}

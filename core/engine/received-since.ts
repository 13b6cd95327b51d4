/**
 * What counts as here of the others' numbers (§8.2) on a device that may be an earlier copy of itself: what it had heard before
 * the oldest that is here it does not know. Reads only.
 */

import { without } from "../conversation/ranges.ts";
import type { Member } from "../group/state.ts";
import type { DeviceId } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { Ranges } from "../wire/have.ts";
import type { Context } from "./context.ts";

/** Messages looked through. More that this device has of a group are of a time before any copy. */
const maxLookedThrough = 20_000;

/**
 * Every number below the lowest that is here counts, of a device that nothing is here of all: the first that was heard of somebody
 * made those before it count as here (`said`), though they may have been said to what this device was. Whatever was not for it
 * the author says (`lacking`).
 */
export async function receivedSince(
  context: Context,
  { key, received }: Pick<ConversationRecord, "key" | "received">,
  others: readonly Member[],
): Promise<ConversationRecord["received"]> {
  const lowest = new Map<DeviceId, number>();
  const rows = await context.storage.ofConversation("messages", key, { limit: maxLookedThrough });
  for (const { authorDevice, number, sharedBy } of rows) {
    // What members shared this device did not hear of its author: that tells nothing of what it forgot.
    if (number === 0 || sharedBy !== undefined) continue;
    lowest.set(authorDevice, Math.min(number, lowest.get(authorDevice) ?? number));
  }
  const since = others.map(({ credential: { device } }): [DeviceId, Ranges] => {
    const here = received[device] ?? [];
    const [, last = 1] = here[0] ?? [];
    // Of acts nothing is left here.
    const known = Math.min(last, lowest.get(device) ?? last);
    return [device, without(here, [[1, known - 1]])];
  });
  return { ...received, ...Object.fromEntries(since) };
}

/** What an acknowledgement changes: the outbox row it shortens or ends, and the mark of the message it was for. */

import { advance, type Delivery } from "../conversation/marks.ts";
import type { ConversationId, DeviceId, EnvelopeHash } from "../lang/brand.ts";
import type { OutboxRecord } from "../ports/records.ts";
import type { Change } from "../ports/storage.ts";
import type { Context } from "./context.ts";

/**
 * Nothing where the envelope is not known, is of another conversation, or `device` was not among its recipients: only
 * who was meant can say that it arrived. Call within the conversation's turn.
 */
export async function acknowledgedChanges(
  context: Context,
  conversation: ConversationId,
  hash: EnvelopeHash,
  device: DeviceId,
  outcome: "delivered" | "refused",
): Promise<readonly Change[]> {
  const row = await context.storage.get("outbox", hash);
  if (row === undefined || row.conversation !== conversation || !row.waitingFor.includes(device)) return [];
  const waitingFor = row.waitingFor.filter((one) => one !== device);
  return [
    waitingFor.length === 0
      ? { kind: "delete", table: "outbox", key: row.key }
      : { kind: "put", table: "outbox", row: { ...row, waitingFor } },
    ...(await markChanges(context, row, [device], { kind: outcome, atMs: context.clock.now() })),
  ];
}

/** The message of `row`, if it has one, with this fact known of `devices`. */
export async function markChanges(
  context: Context,
  row: OutboxRecord,
  devices: readonly DeviceId[],
  fact: Delivery,
): Promise<readonly Change[]> {
  const message = row.message && (await context.storage.get("messages", row.message));
  if (!message) return [];
  const deliveries = { ...message.deliveries };
  for (const device of devices) deliveries[device] = advance(deliveries[device], fact);
  return [{ kind: "put", table: "messages", row: { ...message, deliveries } }];
}

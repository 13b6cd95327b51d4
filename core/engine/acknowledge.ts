/** What an acknowledgement changes: the outbox row it shortens or ends, and the mark of the message it was for. */

import { type Held, learn, nothingHeard } from "../conversation/marks.ts";
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
    ...(await markChanges(context, row, device, outcome)),
  ];
}

/** The message of `row`, if it has one, with what `device` said of its copy. */
async function markChanges(
  context: Context,
  row: OutboxRecord,
  device: DeviceId,
  fact: "delivered" | "refused",
): Promise<readonly Change[]> {
  const message = row.message && (await context.storage.get("messages", row.message));
  if (!message) return [];
  const now = learn(message.deliveries[device] ?? nothingHeard, fact, context.clock.now());
  return [{ kind: "put", table: "messages", row: { ...message, deliveries: { ...message.deliveries, [device]: now } } }];
}

/** The message of `row`, if it has one, with a node's promise; a newer one of the same node takes the place of the older. */
export async function heldChanges(context: Context, row: OutboxRecord, promise: Held): Promise<readonly Change[]> {
  const message = row.message && (await context.storage.get("messages", row.message));
  if (!message) return [];
  const held = [...message.held.filter(({ node }) => node !== promise.node), promise];
  return [{ kind: "put", table: "messages", row: { ...message, held, trouble: undefined } }];
}

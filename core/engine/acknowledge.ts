/** What an acknowledgement or a receipt changes: the outbox rows it shortens or ends, and the facts of the messages they were for. */

import { learn, nothingHeard } from "../conversation/marks.ts";
import type { ConversationId, DeviceId, EnvelopeHash, MessageId } from "../lang/brand.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { Change } from "../ports/storage.ts";
import type { Context } from "./context.ts";
import { damaged } from "./heal.ts";
import { messageChanges } from "./message-row.ts";
import { rowUnsealed } from "./outbox-row.ts";

/** New keys are made, and it is sealed with them, this often before it counts as refused for good. */
const maxRefusals = 2;

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
  if (outcome === "refused" && row.content !== undefined && row.refusals < maxRefusals) {
    const known = await context.storage.get("conversations", conversation);
    if (known === undefined) return [];
    // One of many: the keys of the conversation are not to be doubted for it.
    if (known.kind === "group") return againUnsealed(context, { ...row, content: row.content });
    return [
      { kind: "put", table: "outbox", row: { ...row, refusals: row.refusals + 1 } },
      { kind: "put", table: "conversations", row: damaged(known, "refused", context.clock.now()) },
    ];
  }
  // Between two people that is a Welcome, or about keys.
  if (outcome === "refused" && row.content === undefined) context.refusedWelcome(conversation, device);
  return [shortened(row, device), ...(await markChanges(context, row, device, outcome))];
}

/** To be sealed again with the keys of now, for all who have not answered. Who has it already knows it by its id. */
async function againUnsealed(
  { storage }: Context,
  row: OutboxRecord & { readonly content: Uint8Array },
): Promise<readonly Change[]> {
  return [
    { kind: "delete", table: "outbox", key: row.key },
    { kind: "put", table: "outbox", row: await rowUnsealed(storage, { ...row, refusals: row.refusals + 1 }) },
  ];
}

/** The row without `device`; it ends with the last. */
function shortened(row: OutboxRecord, device: DeviceId): Change {
  const waitingFor = row.waitingFor.filter((one) => one !== device);
  return waitingFor.length === 0
    ? { kind: "delete", table: "outbox", key: row.key }
    : { kind: "put", table: "outbox", row: { ...row, waitingFor } };
}

/**
 * The person of `device` has read these (§8.3). Nothing of what was not for that device. Whoever has read something has
 * it, even where the acknowledgement is still under way. Call within the conversation's turn.
 */
export async function readChanges(
  context: Context,
  conversation: ConversationId,
  messages: readonly MessageId[],
  device: DeviceId,
): Promise<readonly Change[]> {
  const changes: Change[] = [];
  const arrived = new Set<MessageId>();
  for (const id of messages) {
    const message = await context.storage.get("messages", id);
    const copy = message?.deliveries[device];
    if (message?.conversation !== conversation || copy === undefined || copy.readAtMs !== undefined) continue;
    if (copy.deliveredAtMs === undefined) arrived.add(id);
    const deliveries = { ...message.deliveries, [device]: learn(copy, "read", context.clock.now()) };
    changes.push({ kind: "put", table: "messages", row: { ...message, deliveries } });
  }
  const waiting = arrived.size === 0 ? [] : await context.storage.ofConversation("outbox", conversation);
  const ended = waiting.filter((row) => row.message && arrived.has(row.message) && row.waitingFor.includes(device));
  return [...changes, ...ended.map((row) => shortened(row, device))];
}

/** The message of `row`, if it has one, with what `device` said of its copy. */
function markChanges(
  context: Context,
  row: OutboxRecord,
  device: DeviceId,
  fact: "delivered" | "refused",
): Promise<readonly Change[]> {
  return messageChanges(context, row, (message) => {
    const now = learn(message.deliveries[device] ?? nothingHeard, fact, context.clock.now());
    return { ...message, deliveries: { ...message.deliveries, [device]: now } };
  });
}

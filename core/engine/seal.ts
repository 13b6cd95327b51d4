/**
 * Content to a durable envelope: the group step and the outbox row that go into one batch (invariant 2). Nothing is
 * written or sent here.
 */

import { sealNonceBytes } from "../crypto/seal.ts";
import { sealContent } from "../group/messages.ts";
import { viewGroup } from "../group/state.ts";
import type { DeviceId } from "../lang/brand.ts";
import { noBytes } from "../lang/bytes.ts";
import type { ConversationRecord, GroupRecord, OutboxRecord, TopicRecord } from "../ports/records.ts";
import type { Change } from "../ports/storage.ts";
import { envelopeHash, sealEnvelope } from "../wire/envelope.ts";
import { deriveTopic } from "../wire/topic.ts";
import type { Context } from "./context.ts";
import { stepWithin } from "./group-step.ts";

export interface Sealed {
  readonly group: GroupRecord;
  /** The devices that this envelope is for. */
  readonly recipients: readonly DeviceId[];
  /** The group step, the outbox row, and its mark as own so that the topic's echo is recognised. */
  readonly changes: readonly Change[];
}

export async function sealForConversation(
  context: Context,
  group: GroupRecord,
  topic: TopicRecord,
  content: Uint8Array,
  row: Pick<OutboxRecord, "order" | "ends" | "message"> & Partial<Pick<OutboxRecord, "refusals" | "alsoAt">>,
): Promise<Sealed> {
  const { members, own } = await viewGroup(group.state);
  const recipients = members.filter((member) => member.leaf !== own.leaf).map((member) => member.credential.device);
  const { next, message } = await sealContent(group.state, content);
  const key = deriveTopic(topic.secret).envelopeKey;
  const envelope = sealEnvelope(
    key,
    topic.key,
    { kind: "mls", message, generation: group.generation },
    context.random.bytes(sealNonceBytes),
  );
  // Content is bounded by its checks far below the largest envelope.
  if (!envelope.ok) throw new Error("content that passed its bounds does not fit an envelope");
  const hash = envelopeHash(envelope.value);
  const after = stepWithin(group, next, 1);
  const nowMs = context.clock.now();
  return {
    group: after,
    recipients,
    changes: [
      { kind: "put", table: "groups", row: after },
      {
        kind: "put",
        table: "seen",
        row: { key: hash, conversation: group.key, acknowledge: false, atMs: nowMs, owedAtMs: undefined },
      },
      {
        kind: "put",
        table: "outbox",
        row: {
          key: hash,
          conversation: group.key,
          topic: topic.key,
          order: row.order,
          envelope: envelope.value,
          content,
          generation: group.generation,
          epoch: group.epoch,
          refusals: row.refusals ?? 0,
          slot: undefined,
          ends: row.ends,
          waitingFor: recipients,
          alsoAt: row.alsoAt ?? [],
          custodies: [],
          keepings: [],
          message: row.message,
          sinceMs: nowMs,
        },
      },
    ],
  };
}

/**
 * Content that waits without an envelope, because the keys there are may not be used: it is sealed with those of the
 * successor group (§11). Its key is a hash of its own, as an envelope would have.
 */
export function waitUnsealed(
  context: Context,
  conversation: ConversationRecord,
  content: Uint8Array,
  waitingFor: readonly DeviceId[],
  row: Pick<OutboxRecord, "order" | "ends" | "message"> & Partial<Pick<OutboxRecord, "alsoAt">>,
): Change {
  return {
    kind: "put",
    table: "outbox",
    row: {
      ...row,
      key: envelopeHash(content),
      conversation: conversation.key,
      topic: conversation.topic,
      envelope: noBytes,
      content,
      generation: 0,
      epoch: 0,
      refusals: 0,
      slot: undefined,
      waitingFor,
      alsoAt: row.alsoAt ?? [],
      custodies: [],
      keepings: [],
      sinceMs: context.clock.now(),
    },
  };
}

/**
 * The same content once more, for the group's epoch of now: what was sealed long ago and never left this device would be
 * refused by members who have dropped that epoch's keys. They recognise the message by its id if they had it after all.
 */
export async function sealAgain(
  context: Context,
  group: GroupRecord,
  topic: TopicRecord,
  row: OutboxRecord & { readonly content: Uint8Array },
): Promise<readonly Change[]> {
  const sealed = await sealForConversation(context, group, topic, row.content, row);
  return [{ kind: "delete", table: "outbox", key: row.key }, ...sealed.changes];
}

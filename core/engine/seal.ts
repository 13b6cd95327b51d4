/**
 * Content to a durable envelope: the group step and the outbox row that go into one batch (invariant 2). Nothing is
 * written or sent here.
 */

import { sealNonceBytes } from "../crypto/seal.ts";
import { sealContent } from "../group/messages.ts";
import { viewGroup } from "../group/state.ts";
import type { DeviceId } from "../lang/brand.ts";
import { noBytes } from "../lang/bytes.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { envelopeHash, sealEnvelope } from "../wire/envelope.ts";
import { envelopeKeyOf } from "../wire/topic.ts";
import type { Context } from "./context.ts";
import { stepWithin } from "./group-step.ts";
import { freshRow, neverSealed, ownMark } from "./outbox-row.ts";

/** What the row of some content says besides its envelope. */
export type Carried = Pick<OutboxRecord, "order" | "ends" | "message"> &
  Partial<Pick<OutboxRecord, "alsoAt" | "unsaid" | "epoch">>;

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
  { order, ends, message, refusals = 0, alsoAt = [], unsaid }: Carried & Partial<Pick<OutboxRecord, "refusals">>,
): Promise<Sealed> {
  const { members, own } = await viewGroup(group.state);
  const leaving = await leavingDevices(context, group);
  const recipients = members
    .filter((member) => member.leaf !== own.leaf && !leaving.includes(member.credential.device))
    .map((member) => member.credential.device);
  const { next, message: sealed } = await sealContent(group.state, content);
  const key = envelopeKeyOf(topic.secret);
  const envelope = sealEnvelope(
    key,
    topic.key,
    { kind: "mls", message: sealed, generation: group.generation },
    context.random.bytes(sealNonceBytes),
  );
  // Content is bounded by its checks far below the largest envelope.
  if (!envelope.ok) throw new Error("content that passed its bounds does not fit an envelope");
  const hash = envelopeHash(envelope.value);
  const after = stepWithin(group, next, 1);
  return {
    group: after,
    recipients,
    changes: [
      { kind: "put", table: "groups", row: after },
      ownMark(context, hash, group.key),
      {
        kind: "put",
        table: "outbox",
        row: freshRow(context, {
          key: hash,
          conversation: group.key,
          topic: topic.key,
          order,
          envelope: envelope.value,
          content,
          generation: group.generation,
          epoch: group.epoch,
          refusals,
          ends,
          waitingFor: recipients,
          alsoAt,
          message,
          ...(unsaid && { unsaid }),
        }),
      },
    ],
  };
}

/** Of who said that they leave a group: they read nothing any more, and nobody waits for them. */
async function leavingDevices(context: Context, { key }: GroupRecord): Promise<readonly DeviceId[]> {
  const conversation = await context.storage.get("conversations", key);
  return (conversation?.group?.people ?? []).flatMap(({ leaving, devices }) => (leaving === undefined ? [] : devices));
}

/**
 * Content that waits without an envelope, because the keys there are may not be used, or not yet: it is sealed once they
 * may, or with those of the successor group (§11). Its key is a hash of its own, as an envelope would have. `row.epoch`: in which it
 * was sealed before, if it was.
 */
export function waitUnsealed(
  context: Context,
  conversation: ConversationRecord,
  content: Uint8Array,
  waitingFor: readonly DeviceId[],
  { order, ends, message, alsoAt = [], epoch = neverSealed }: Carried,
): Change {
  return {
    kind: "put",
    table: "outbox",
    row: freshRow(context, {
      key: envelopeHash(content),
      conversation: conversation.key,
      topic: conversation.topic,
      order,
      envelope: noBytes,
      content,
      epoch,
      ends,
      waitingFor,
      alsoAt,
      message,
    }),
  };
}

/** Sealed for every member; who has it already need not acknowledge it once more. */
export function onlyFor(change: Change, waitingFor: readonly DeviceId[]): Change {
  if (change.kind !== "put" || change.table !== "outbox") return change;
  return { ...change, row: { ...change.row, waitingFor } };
}

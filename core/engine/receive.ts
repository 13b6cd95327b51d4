/**
 * Receiving (DESIGN §6): open on a copy, write group step, timeline and what is owed in one batch, then answer. The answer
 * is what a link or the mailbox acknowledges with (invariants 1, 3, 4, 6).
 */

import { openMessage, withLiveKeys } from "../group/messages.ts";
import { viewGroup } from "../group/state.ts";
import type { ConversationId, EnvelopeHash } from "../lang/brand.ts";
import { assertNever } from "../lang/result.ts";
import type { ConversationRecord, GroupRecord, TopicRecord } from "../ports/records.ts";
import type { Change } from "../ports/storage.ts";
import { decodeContent } from "../wire/content.ts";
import { envelopeHash, openEnvelope } from "../wire/envelope.ts";
import { deriveTopic } from "../wire/topic.ts";
import { applyContent, nothingSaid } from "./apply-content.ts";
import { type Context, commit } from "./context.ts";
import { stepEpoch, stepWithin, unchanged } from "./group-step.ts";
import { leafCheckWith } from "./roster.ts";

/** How an envelope came. `sequence` moves the topic's cursor in the same batch. */
export type Arrival = { readonly via: "link" } | { readonly via: "topic"; readonly sequence: number };

/**
 * `taken`: committed here, or was before. `refused`: no key of this device will ever open it. `later`: its epoch is not
 * reached yet. `not-kept`: this device could not write; nothing may be acknowledged.
 */
export type Receipt = "taken" | "refused" | "later" | "not-kept";

export function receive(
  context: Context,
  topicId: TopicRecord["key"],
  conversationId: ConversationId,
  envelope: Uint8Array,
  arrival: Arrival,
): Promise<Receipt> {
  return context.turns(conversationId, async () => {
    const topic = await context.storage.get("topics", topicId);
    const group = await context.storage.get("groups", conversationId);
    const conversation = await context.storage.get("conversations", conversationId);
    if (topic === undefined || group === undefined || conversation === undefined) {
      // Deleted or blocked meanwhile: nobody is left to keep it, and a topic without its conversation is not read again.
      return topic === undefined
        ? "refused"
        : write(context, "refused", [{ kind: "delete", table: "topics", key: topicId }]);
    }
    return take(context, { topic, group, conversation, hash: envelopeHash(envelope), envelope, arrival });
  });
}

interface Arrived {
  readonly topic: TopicRecord;
  readonly group: GroupRecord;
  readonly conversation: ConversationRecord;
  readonly hash: EnvelopeHash;
  readonly envelope: Uint8Array;
  readonly arrival: Arrival;
}

async function take(context: Context, arrived: Arrived): Promise<Receipt> {
  const { topic, group, conversation, hash, envelope, arrival } = arrived;
  const seen = await context.storage.get("seen", hash);
  if (seen !== undefined) {
    const again = seen.acknowledge && arrival.via === "topic";
    return write(context, "taken", [topicRow(topic, arrival, again ? { hash, refused: false } : undefined)]);
  }
  if (arrival.via === "topic" && group.pending !== undefined && envelopeHash(group.pending.envelope) === hash) {
    return mergeOwnCommit(context, arrived);
  }
  const refuse = () => write(context, "refused", [topicRow(topic, arrival, { hash, refused: true })]);
  const payload = openEnvelope(deriveTopic(topic.secret).envelopeKey, topic.key, envelope);
  // Not sealed by a member: not worth an answer that a member would read.
  if (!payload.ok && payload.error === "not-authentic")
    return write(context, "refused", [topicRow(topic, arrival, undefined)]);
  if (!payload.ok || payload.value.kind !== "mls") return refuse();
  const check = await leafCheckWith(context, conversation.contact);
  const opened = await openMessage(group.state, payload.value.message, check);
  if (!opened.ok) {
    // In a topic, entries come in the order of their commits, so what is ahead there will stay ahead for ever.
    if (opened.error === "later-epoch" && arrival.via === "link") return "later";
    if (opened.error === "unopenable") return refuse();
    const healing = conversation.healing ?? { why: "behind", sinceMs: context.clock.now(), asked: undefined };
    const row = { ...conversation, healing };
    return write(context, "refused", [
      topicRow(topic, arrival, undefined),
      { kind: "put", table: "conversations", row },
    ]);
  }
  const nowMs = context.clock.now();
  switch (opened.value.kind) {
    case "commit": {
      // Its slot in the topic decides (§10): one that comes another way could split the conversation.
      if (arrival.via === "link") return "later";
      const next = stepEpoch(group, opened.value.next, await viewGroup(opened.value.next), false, nowMs);
      return write(
        context,
        "taken",
        [
          { kind: "put", table: "groups", row: next },
          seenRow(arrived, false, nowMs),
          topicRow(topic, arrival, undefined),
        ],
        group,
      );
    }
    case "content": {
      const content = decodeContent(opened.value.content);
      const applied = content.ok
        ? await applyContent(context, conversation, content.value, opened.value.sender)
        : nothingSaid;
      const answerDue = !content.ok || applied.acknowledge;
      const owed = answerDue && arrival.via === "topic" ? { hash, refused: !content.ok } : undefined;
      return write(
        context,
        content.ok ? "taken" : "refused",
        [
          { kind: "put", table: "groups", row: stepWithin(group, opened.value.next, 0) },
          seenRow(arrived, applied.acknowledge, nowMs),
          topicRow(topic, arrival, owed),
          ...applied.changes,
        ],
        group,
      );
    }
    default:
      return assertNever(opened.value);
  }
}

/** The topic gave back our own commit: its slot is granted, whatever became of the answer. */
export async function mergeOwnCommit(
  context: Context,
  arrived: Omit<Arrived, "envelope" | "conversation">,
): Promise<Receipt> {
  const { group, topic, arrival, hash } = arrived;
  if (group.pending === undefined) return "refused";
  const nowMs = context.clock.now();
  const state = withLiveKeys(group.pending.state, group.state);
  const next = stepEpoch(group, state, await viewGroup(state), true, nowMs);
  return write(
    context,
    "taken",
    [
      { kind: "put", table: "groups", row: next },
      { kind: "put", table: "seen", row: { key: hash, conversation: group.key, acknowledge: false, atMs: nowMs } },
      topicRow(topic, arrival, undefined),
    ],
    group,
  );
}

function seenRow({ hash, conversation }: Arrived, acknowledge: boolean, atMs: number): Change {
  return { kind: "put", table: "seen", row: { key: hash, conversation: conversation.key, acknowledge, atMs } };
}

/** The topic with its cursor moved and, if owed, the acknowledgement noted. */
function topicRow(topic: TopicRecord, arrival: Arrival, owed: TopicRecord["due"][number] | undefined): Change {
  const cursor = arrival.via === "topic" ? Math.max(topic.cursor, arrival.sequence) : topic.cursor;
  const due = owed && arrival.via === "topic" ? [...topic.due, owed] : topic.due;
  return { kind: "put", table: "topics", row: { ...topic, cursor, due } };
}

async function write(
  context: Context,
  receipt: Receipt,
  changes: readonly Change[],
  group?: GroupRecord,
): Promise<Receipt> {
  const written = await commit(context, { expect: group ? [unchanged(group)] : [], changes });
  return written.ok ? receipt : "not-kept";
}

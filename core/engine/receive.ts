/**
 * Receiving (DESIGN §6): open on a copy, write group step, timeline and what is owed in one batch, then answer. The answer
 * is what a link or the mailbox acknowledges with (invariants 1, 3, 4, 6).
 */

import { epochOfMessage, openMessage, withLiveKeys } from "../group/messages.ts";
import { viewGroup } from "../group/state.ts";
import type { ConversationId, EnvelopeHash, NodeUrl } from "../lang/brand.ts";
import { assertNever, err } from "../lang/result.ts";
import type { ConversationRecord, Damage, GroupRecord, SeenRecord, TopicRecord } from "../ports/records.ts";
import type { Change, Expectation } from "../ports/storage.ts";
import { decodeContent } from "../wire/content.ts";
import { envelopeHash, openEnvelope, type Payload } from "../wire/envelope.ts";
import { deriveTopic } from "../wire/topic.ts";
import { applyContent, nothingSaid } from "./apply-content.ts";
import { type Context, commit, me } from "./context.ts";
import { commitCopies } from "./copy-commit.ts";
import { claimsEndedEpoch, stepEpoch, stepWithin, unchanged, unchangedOrNone } from "./group-step.ts";
import { damaged } from "./heal.ts";
import { requestNoted, successorTaken } from "./heal-receive.ts";
import { takenIn } from "./places.ts";
import { leafCheckWith } from "./roster.ts";

/** Within this the copies of one envelope come from several nodes. Higher: whose acknowledgement was lost waits as long. */
const copiesWithinMs = 60_000;

/**
 * How an envelope came. `sequence` moves the topic's cursor in the same batch. `keeper`: over the link of somebody who kept
 * it (§7.7), so that its author is yet to hear of it.
 */
export type Arrival =
  | { readonly via: "link" | "keeper" }
  | { readonly via: "topic"; readonly node: NodeUrl; readonly sequence: number };

/**
 * `taken`: committed here, or was before. `refused`: no key of this device will ever open it. `ahead`: of a group or an
 * epoch that is not reached yet. `unanswered`: of no use here, and its author finds that out by themselves. `not-kept`: this
 * device could not write; nothing may be acknowledged.
 */
export type Receipt = "taken" | "refused" | "ahead" | "unanswered" | "not-kept";

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
    if (topic === undefined || conversation === undefined) {
      // Deleted or blocked meanwhile: nobody is left to keep it, and a topic without its conversation is not read again.
      // An answer would tell its author that the keys are damaged, or that they were blocked.
      return topic === undefined
        ? "unanswered"
        : write(context, "unanswered", [{ kind: "delete", table: "topics", key: topicId }]);
    }
    return take(context, { topic, group, conversation, hash: envelopeHash(envelope), envelope, arrival });
  });
}

interface Arrived {
  readonly topic: TopicRecord;
  /** None where it was lost. */
  readonly group: GroupRecord | undefined;
  readonly conversation: ConversationRecord;
  readonly hash: EnvelopeHash;
  readonly envelope: Uint8Array;
  readonly arrival: Arrival;
}

async function take(context: Context, arrived: Arrived): Promise<Receipt> {
  const { topic, group, hash, envelope, arrival } = arrived;
  const seen = await context.storage.get("seen", hash);
  if (seen !== undefined) return takeAgain(context, arrived, seen);
  if (arrival.via === "topic" && group?.pending !== undefined && envelopeHash(group.pending.envelope) === hash) {
    return mergeOwnCommit(context, { group, topic, hash, arrival });
  }
  const payload = openEnvelope(deriveTopic(topic.secret).envelopeKey, topic.key, envelope);
  // Not sealed by a member: not worth an answer that a member would read.
  if (!payload.ok && payload.error === "not-authentic")
    return write(context, "refused", [topicRow(topic, arrival, undefined)]);
  if (!payload.ok) return refuse(context, arrived);
  switch (payload.value.kind) {
    case "mls":
      return takeMls(context, arrived, payload.value);
    case "heal-request":
    case "successor":
      return takeAboutKeys(context, arrived, payload.value);
    case "invite-bundle":
    case "invite-reply":
      return refuse(context, arrived);
    default:
      return assertNever(payload.value);
  }
}

function refuse(context: Context, { topic, arrival, hash }: Arrived): Promise<Receipt> {
  return write(context, "refused", [topicRow(topic, arrival, { hash, refused: true })]);
}

/** A request for a successor group, or one. From strangers neither is taken, nor answered. */
async function takeAboutKeys(
  context: Context,
  arrived: Arrived,
  payload: Extract<Payload, { kind: "heal-request" | "successor" }>,
): Promise<Receipt> {
  const { topic, group, conversation, hash, arrival } = arrived;
  const contact = conversation.contact && (await context.storage.get("contacts", conversation.contact));
  const moved = topicRow(topic, arrival, undefined);
  if (!contact || contact.state === "blocked") return write(context, "unanswered", [moved]);
  const about = { conversation, contact, group, topic };
  const nowMs = context.clock.now();
  if (payload.kind === "heal-request") {
    const noted = await requestNoted(context, about, payload);
    if (noted === undefined) return write(context, "unanswered", [moved]);
    // The successor is the answer: till it comes the request waits, for whoever takes it may forget it with their disk.
    return write(context, "unanswered", [moved, seenRow(arrived, false, nowMs), ...noted]);
  }
  const taken = await successorTaken(context, about, payload);
  if (taken === "refused") return refuse(context, arrived);
  if (taken === "nothing") return write(context, "unanswered", [moved]);
  const owed = topicRow(topic, arrival, { hash, refused: false });
  const changes = [owed, seenRow(arrived, true, nowMs), ...taken.changes];
  return write(context, "taken", changes, unchangedOrNone(conversation.key, group));
}

async function takeMls(
  context: Context,
  arrived: Arrived,
  payload: Extract<Payload, { kind: "mls" }>,
): Promise<Receipt> {
  const { topic, group, conversation, hash, arrival } = arrived;
  const nowMs = context.clock.now();
  const moved = topicRow(topic, arrival, undefined);
  // Its author seals it again for the group that took the old one's place.
  if (group !== undefined && payload.generation < group.generation) return write(context, "unanswered", [moved]);
  const note = (why: Damage, receipt: Receipt) =>
    write(context, receipt, [moved, { kind: "put", table: "conversations", row: damaged(conversation, why, nowMs) }]);
  if (group === undefined) return note("lost", "unanswered");
  const check = await leafCheckWith(context, conversation.contact);
  const isAhead = payload.generation > group.generation;
  const opened = isAhead ? err("later-epoch" as const) : await openMessage(group.state, payload.message, check);
  if (!opened.ok) {
    switch (opened.error) {
      case "later-epoch":
      case "other-group":
        return "ahead";
      case "past-commit": {
        const epoch = epochOfMessage(payload.message) ?? 0;
        if (arrival.via !== "topic" || !claimsEndedEpoch(group, epoch, payload.message))
          return refuse(context, arrived);
        return note("forked", "unanswered");
      }
      case "damaged-state":
        return note("lost", "unanswered");
      case "unopenable":
        return refuse(context, arrived);
      default:
        return assertNever(opened.error);
    }
  }
  const expected = unchanged(group);
  switch (opened.value.kind) {
    case "commit": {
      // Its slot in the topic decides (§10): one that comes another way could split the conversation.
      if (arrival.via !== "topic") return "ahead";
      const next = stepEpoch(
        group,
        opened.value.next,
        await viewGroup(opened.value.next),
        payload.message,
        false,
        nowMs,
      );
      const changes: readonly Change[] = [
        { kind: "put", table: "groups", row: next },
        seenRow(arrived, false, nowMs),
        moved,
      ];
      return write(context, "taken", changes, expected);
    }
    case "content": {
      const { content: bytes, next, sender } = opened.value;
      const { device } = await me(context);
      // Said by this device, which does not know of it: the profile is an earlier copy of itself.
      const rolledBack = sender.credential.device === device;
      const from = rolledBack ? damaged(conversation, "rolled-back", nowMs) : conversation;
      const content = decodeContent(bytes);
      const applied = content.ok ? await applyContent(context, from, content.value, sender) : nothingSaid;
      const answerDue = !rolledBack && (!content.ok || applied.acknowledge);
      const owed = answerDue && arrival.via !== "link" ? { hash, refused: !content.ok } : undefined;
      return write(
        context,
        content.ok ? "taken" : "refused",
        [
          { kind: "put", table: "groups", row: stepWithin(group, next, 0) },
          seenRow(arrived, answerDue && applied.acknowledge, nowMs),
          topicRow(topic, arrival, owed),
          ...(rolledBack ? [{ kind: "put", table: "conversations", row: from } as const] : []),
          ...applied.changes,
        ],
        expected,
      );
    }
    default:
      return assertNever(opened.value);
  }
}

/** The topic gave back our own commit: its slot is granted, whatever became of the answer. */
export async function mergeOwnCommit(
  context: Context,
  { group, topic, arrival, hash }: Pick<Arrived, "topic" | "arrival" | "hash"> & { readonly group: GroupRecord },
): Promise<Receipt> {
  if (group.pending === undefined) return "refused";
  const nowMs = context.clock.now();
  const state = withLiveKeys(group.pending.state, group.state);
  const own = openEnvelope(deriveTopic(topic.secret).envelopeKey, topic.key, group.pending.envelope);
  if (!own.ok || own.value.kind !== "mls") throw new Error("an own commit cannot be read back");
  const next = stepEpoch(group, state, await viewGroup(state), own.value.message, true, nowMs);
  return write(
    context,
    "taken",
    [
      { kind: "put", table: "groups", row: next },
      {
        kind: "put",
        table: "seen",
        row: { key: hash, conversation: group.key, acknowledge: false, atMs: nowMs, owedAtMs: undefined },
      },
      topicRow(topic, arrival, undefined),
      ...(await commitCopies(context, group, hash)),
    ],
    unchanged(group),
  );
}

function seenRow({ hash, conversation, arrival }: Arrived, acknowledge: boolean, atMs: number): Change {
  const owedAtMs = acknowledge && arrival.via !== "link" ? atMs : undefined;
  return {
    kind: "put",
    table: "seen",
    row: { key: hash, conversation: conversation.key, acknowledge, atMs, owedAtMs },
  };
}

/**
 * What is known came once more through the topic. Its author may wait for an acknowledgement that was lost; but a copy at
 * another node, which comes soon after, says nothing of that.
 */
function takeAgain(context: Context, { topic, hash, arrival }: Arrived, seen: SeenRecord): Promise<Receipt> {
  const nowMs = context.clock.now();
  const isCopy = seen.owedAtMs !== undefined && Math.abs(nowMs - seen.owedAtMs) < copiesWithinMs;
  if (!seen.acknowledge || arrival.via !== "topic" || isCopy) {
    return write(context, "taken", [topicRow(topic, arrival, undefined)]);
  }
  return write(context, "taken", [
    topicRow(topic, arrival, { hash, refused: false }),
    { kind: "put", table: "seen", row: { ...seen, owedAtMs: nowMs } },
  ]);
}

/** The topic with its cursor moved and, if owed, the acknowledgement noted. */
function topicRow(topic: TopicRecord, arrival: Arrival, owed: TopicRecord["due"][number] | undefined): Change {
  if (arrival.via === "link") return { kind: "put", table: "topics", row: topic };
  const due = owed ? [...topic.due, owed] : topic.due;
  const read = arrival.via === "topic" ? takenIn(topic, arrival.node, arrival.sequence) : topic;
  return { kind: "put", table: "topics", row: { ...read, due } };
}

async function write(
  context: Context,
  receipt: Receipt,
  changes: readonly Change[],
  expected?: Expectation,
): Promise<Receipt> {
  const written = await commit(context, { expect: expected ? [expected] : [], changes });
  return written.ok ? receipt : "not-kept";
}

/**
 * Receiving: open on a copy, write group step, timeline and what is owed in one batch, then answer. The answer
 * is what a link or the mailbox acknowledges with (invariants 1, 3, 4, 6).
 */

import type { ConversationId } from "../lang/brand.ts";
import { assertNever } from "../lang/result.ts";
import type { SeenRecord } from "../ports/outbox-records.ts";
import type { Batch, Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { envelopeHash, openEnvelope, type Payload } from "../wire/envelope.ts";
import type { EpochMarks } from "../wire/epoch-marks.ts";
import { envelopeKeyOf } from "../wire/topic.ts";
import {
  type Arrival,
  type Arrived,
  type Beyond,
  beyond,
  isAboutKeys,
  isPlain,
  nothingBeyond,
  type Receipt,
  refusal,
  seenRow,
  type Taken,
  topicRow,
} from "./arrived.ts";
import { type Context, commit } from "./context.ts";
import { waitsForLeaf, welcomeBackTaken } from "./group-heal-join.ts";
import { unchangedOrNone } from "./group-step.ts";
import { requestNoted, successorTaken } from "./heal-receive.ts";
import { welcomeTaken } from "./join.ts";
import { groupRequestTaken } from "./leaf-asked.ts";
import { overlayOn } from "./overlay.ts";
import { partTaken, wholeTaken } from "./parts-taken.ts";
import { asInGroup, ownChangeTaken, takeInGroup } from "./receive-group.ts";
import { ahead, ownCommitTaken, takeMls } from "./receive-mls.ts";

export type { Receipt } from "./arrived.ts";

/** Within this the copies of one envelope come from several nodes. Higher: whose acknowledgement was lost waits as long. */
const copiesWithinMs = 60_000;

export interface Received {
  readonly receipt: Receipt;
  /** The conversation's keys are damaged, asked for, or have moved on. */
  readonly aboutKeys: boolean;
  readonly beyond: Beyond;
}

/** An envelope, and how it came. */
export interface Incoming {
  readonly envelope: Uint8Array;
  readonly arrival: Arrival;
}

/**
 * Written at once. A strict write takes milliseconds and wakes every view: lower, and who comes back to a thousand messages
 * waits for them. Higher: a person's own words wait for their turn, and a crash has more to be taken in again.
 */
const mostTogether = 150;
const mostBytesTogether = 256 * 1_024;

/**
 * Takes in the first of these, and with it as many of those behind it as are plain words, receipts and the like: all in one
 * batch or none. Answers for what it tried, in order, at least for the first; the others are to be handed in again.
 */
export function receive(
  context: Context,
  topicId: TopicRecord["key"],
  conversationId: ConversationId,
  incoming: readonly Incoming[],
): Promise<readonly Received[]> {
  const place = { topicId, conversationId };
  return context.turns(conversationId, () => takeTogether(context, place, asManyAsFit(incoming)));
}

function asManyAsFit(incoming: readonly Incoming[]): readonly Incoming[] {
  let bytes = 0;
  const tooMuch = incoming.findIndex(({ envelope }, index) => {
    bytes += envelope.length;
    return index > 0 && (index >= mostTogether || bytes > mostBytesTogether);
  });
  return tooMuch < 0 ? incoming : incoming.slice(0, tooMuch);
}

interface Into {
  readonly topicId: TopicRecord["key"];
  readonly conversationId: ConversationId;
}

async function takeTogether(context: Context, into: Into, incoming: readonly Incoming[]): Promise<readonly Received[]> {
  const overlay = overlayOn(context.storage);
  const hashed = incoming.map((one) => ({ ...one, hash: envelopeHash(one.envelope) }));
  await overlay.fetch(
    "seen",
    hashed.map(({ hash }) => hash),
  );
  const received: Received[] = [];
  const tell: (() => void)[] = [];
  for (const one of hashed) {
    const told: (() => void)[] = [];
    const step = await takeNext({ ...withTold(context, told), storage: overlay.storage }, into, one);
    // It goes in as if it had come alone: with what is on the disk by then, and nothing beside it in its batch.
    if (!step.isPlain && received.length > 0) break;
    overlay.add(step.batch);
    received.push(step.received);
    tell.push(...told);
    if (!step.isPlain) break;
  }
  const { batch } = overlay;
  if (batch.changes.length === 0) return received;
  const written = await commit(context, batch);
  if (written.ok) {
    for (const one of tell) one();
    return received;
  }
  // Some of it may still fit.
  const half = received.length >> 1;
  if (written.error === "storage-full" && half > 0) return takeTogether(context, into, incoming.slice(0, half));
  return received.map(() => ({ receipt: "not-kept", aboutKeys: false, beyond: nothingBeyond }));
}

/** What others are told of holds once it is written. */
function withTold(context: Context, told: (() => void)[]): Context {
  return {
    ...context,
    moved: (id) => void told.push(() => context.moved(id)),
    heardWhereLeft: (id) => void told.push(() => context.heardWhereLeft(id)),
    heardMarks: (...heard) => void told.push(() => context.heardMarks(...heard)),
    heardOfGroups: (...heard) => void told.push(() => context.heardOfGroups(...heard)),
    refusedWelcome: (...heard) => void told.push(() => context.refusedWelcome(...heard)),
    doubted: (id) => void told.push(() => context.doubted(id)),
    heardHave: (...heard) => void told.push(() => context.heardHave(...heard)),
  };
}

/** What taking in one envelope writes, and what it means once that is written. */
interface Step {
  readonly received: Received;
  readonly batch: Batch;
  readonly isPlain: boolean;
}

async function takeNext(
  context: Context,
  { topicId, conversationId }: Into,
  { envelope, arrival, hash }: Incoming & Pick<Arrived, "hash">,
): Promise<Step> {
  const topic = await context.storage.get("topics", topicId);
  const group = await context.storage.get("groups", conversationId);
  const conversation = await context.storage.get("conversations", conversationId);
  if (topic === undefined || conversation === undefined) {
    // Deleted or blocked meanwhile: nobody is left to keep it, and a topic without its conversation is not read again.
    // An answer would tell its author that the keys are damaged, or that they were blocked.
    const gone: readonly Change[] = topic === undefined ? [] : [{ kind: "delete", table: "topics", key: topicId }];
    const received = { receipt: "unanswered", aboutKeys: false, beyond: nothingBeyond } as const;
    return { received, batch: { changes: gone }, isPlain: false };
  }
  const arrived = { topic, group, conversation, hash, envelope, arrival };
  const { receipt, changes, expect } = await take(context, arrived);
  const isNothing = changes.length === 0;
  const aboutKeys = !isNothing && isAboutKeys(arrived, changes);
  return {
    received: { receipt, aboutKeys, beyond: isNothing ? nothingBeyond : beyond(arrived, changes) },
    batch: { expect: expect ? [expect] : [], changes },
    isPlain: receipt === "taken" && !aboutKeys && changes.every((change) => isPlain(arrived, change)),
  };
}

async function take(context: Context, arrived: Arrived): Promise<Taken> {
  const { topic, group, conversation, hash, envelope, arrival } = arrived;
  const seen = await context.storage.get("seen", hash);
  if (seen !== undefined) return takeAgain(context, arrived, seen);
  if (arrival.via === "topic" && group?.pending !== undefined && envelopeHash(group.pending.envelope) === hash) {
    const inGroup = asInGroup(arrived);
    return inGroup ? ownChangeTaken(context, inGroup) : ownCommitTaken(context, { group, topic, hash, arrival });
  }
  const payload = openEnvelope(envelopeKeyOf(topic.secret), topic.key, envelope);
  // Not sealed by a member: not worth an answer that a member would read.
  if (!payload.ok && payload.error === "not-authentic") {
    return { receipt: "refused", changes: [topicRow(arrived, undefined)] };
  }
  if (!payload.ok) return refusal(arrived);
  switch (payload.value.kind) {
    case "mls": {
      const inGroup = asInGroup(arrived);
      // The keys are lost: what comes behind the Welcome that was asked for is read again with its keys.
      if (inGroup === undefined && waitsForLeaf(conversation)) return ahead;
      return inGroup ? takeInGroup(context, inGroup, payload.value.message) : takeMls(context, arrived, payload.value);
    }
    case "heal-request":
      if (conversation.group !== undefined) return groupRequestTaken(context, arrived, payload.value);
      return takeAboutKeys(context, arrived, payload.value);
    case "successor":
      return takeAboutKeys(context, arrived, payload.value);
    case "welcome":
      return conversation.group === undefined
        ? welcomeTaken(context, arrived, payload.value.welcome)
        : welcomeBackTaken(context, arrived, payload.value.welcome);
    case "part":
      return partTaken(context, arrived, payload.value);
    case "whole":
      return wholeTaken(context, arrived, payload.value);
    case "epoch-marks":
      return marksTaken(context, arrived, payload.value);
    case "invite-bundle":
    case "invite-reply":
    // Of the topic of a link, or of shared history.
    case "group-invite-bundle":
    case "group-join-request":
    case "group-link-answer":
    case "history-piece":
      return refusal(arrived);
    default:
      return assertNever(payload.value);
  }
}

/** A request for a successor group, or one. From strangers neither is taken, nor answered. */
async function takeAboutKeys(
  context: Context,
  arrived: Arrived,
  payload: Extract<Payload, { kind: "heal-request" | "successor" }>,
): Promise<Taken> {
  const { topic, group, conversation, hash } = arrived;
  const contact = conversation.contact && (await context.storage.get("contacts", conversation.contact));
  const unanswered: Taken = { receipt: "unanswered", changes: [topicRow(arrived, undefined)] };
  if (!contact || contact.state === "blocked") return unanswered;
  const about = { conversation, contact, group, topic };
  const nowMs = context.clock.now();
  if (payload.kind === "heal-request") {
    const noted = await requestNoted(context, about, payload);
    if (noted === undefined) return unanswered;
    // The successor is the answer: till it comes the request waits, for whoever takes it may forget it with their disk.
    return { ...unanswered, changes: [...unanswered.changes, seenRow(arrived, false, nowMs), ...noted] };
  }
  const taken = await successorTaken(context, about, payload);
  if (taken === "refused") return refusal(arrived);
  if (taken === "nothing") return unanswered;
  const owed = topicRow(arrived, { hash, refused: false });
  const changes = [owed, seenRow(arrived, true, nowMs), ...taken.changes];
  return { receipt: "taken", changes, expect: unchangedOrNone(conversation.key, group) };
}

/** Of who is a stranger here nothing is heard outside a group. */
async function marksTaken(context: Context, arrived: Arrived, marks: EpochMarks): Promise<Taken> {
  const { key, contact } = arrived.conversation;
  const person = contact && (await context.storage.get("contacts", contact));
  if (contact === undefined || person?.state === "accepted") context.heardMarks(key, marks);
  const seen = seenRow(arrived, false, context.clock.now());
  return { receipt: "taken", changes: [topicRow(arrived, undefined), seen] };
}

/**
 * What is known came once more through the topic. Its author may wait for an acknowledgement that was lost; but a copy at
 * another node, which comes soon after, says nothing of that.
 */
function takeAgain(context: Context, arrived: Arrived, seen: SeenRecord): Taken {
  const nowMs = context.clock.now();
  const isCopy = seen.owedAtMs !== undefined && Math.abs(nowMs - seen.owedAtMs) < copiesWithinMs;
  if (!seen.acknowledge || arrived.arrival.via !== "topic" || isCopy) {
    return { receipt: "taken", changes: [topicRow(arrived, undefined)] };
  }
  const owed = topicRow(arrived, { hash: arrived.hash, refused: false });
  return { receipt: "taken", changes: [owed, { kind: "put", table: "seen", row: { ...seen, owedAtMs: nowMs } }] };
}

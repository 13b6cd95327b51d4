/**
 * Taking in an MLS message (§8, §10): content and commits of others, and the own commit whose slot is granted. Answers what
 * is to be written; writes nothing.
 */

import { messageIdOf } from "../conversation/order.ts";
import { epochOfMessage, openMessage, withLiveKeys } from "../group/messages.ts";
import type { EpochThen } from "../group/open-in-group.ts";
import { type Member, viewGroup } from "../group/state.ts";
import type { AccountId, DeviceId } from "../lang/brand.ts";
import { assertNever, err } from "../lang/result.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import type { Damage } from "../ports/healing.ts";
import type { Change } from "../ports/storage.ts";
import { type Content, decodeContent } from "../wire/content.ts";
import { openEnvelope, type Payload } from "../wire/envelope.ts";
import { deriveTopic } from "../wire/topic.ts";
import { applyContent, nothingSaid } from "./apply-content.ts";
import { type Arrived, type Receipt, refusal, seenRow, type Taken, topicRow } from "./arrived.ts";
import { type Context, commit, me } from "./context.ts";
import { commitCopies } from "./copy-commit.ts";
import { claimsEndedEpoch, stepEpoch, stepWithin, unchanged } from "./group-step.ts";
import { damaged } from "./heal.ts";
import { ownMark } from "./outbox-row.ts";
import { leafCheckWith } from "./roster.ts";

type MlsPayload = Extract<Payload, { kind: "mls" }>;

export async function takeMls(context: Context, arrived: Arrived, { message, generation }: MlsPayload): Promise<Taken> {
  const { group, conversation, arrival } = arrived;
  // Its author seals it again for the group that took the old one's place.
  if (group !== undefined && generation < group.generation) return noted(context, arrived, undefined);
  if (group === undefined) return noted(context, arrived, "lost");
  const check = await leafCheckWith(context, conversation.contact);
  const isAhead = generation > group.generation;
  const opened = isAhead ? err("later-epoch" as const) : await openMessage(group.state, message, check);
  if (!opened.ok) {
    switch (opened.error) {
      case "later-epoch":
      case "other-group":
      case "own-commit":
        return ahead;
      case "past-commit": {
        const epoch = epochOfMessage(message) ?? 0;
        const isFork = arrival.via === "topic" && claimsEndedEpoch(group, epoch, message);
        return isFork ? noted(context, arrived, "forked") : refusal(arrived);
      }
      case "damaged-state":
        return noted(context, arrived, "lost");
      case "unopenable":
        // Under keys that its author has forgotten to have used, as it may have forgotten the move: the refusal would not be read.
        if (isElsewhere(arrived)) context.heardWhereLeft(conversation.key);
        return refusal(arrived);
      default:
        return assertNever(opened.error);
    }
  }
  switch (opened.value.kind) {
    case "commit":
      return takeCommit(context, { ...arrived, group }, message, opened.value.next);
    case "content":
      return takeContent(context, { ...arrived, group }, opened.value);
    default:
      return assertNever(opened.value);
  }
}

/** Not written anywhere: it is tried again when the keys have moved on. */
export const ahead: Taken = { receipt: "ahead", changes: [] };

/** Of no use here; `why`: what it shows about the keys here. */
export function noted(context: Context, arrived: Arrived, why: Damage | undefined, claimedBy?: AccountId): Taken {
  const changes: Change[] = [topicRow(arrived, undefined)];
  if (why !== undefined) {
    const row = damaged(arrived.conversation, why, context.clock.now(), claimedBy);
    changes.push({ kind: "put", table: "conversations", row });
  }
  return { receipt: "unanswered", changes };
}

type WithKeys = Arrived & { readonly group: GroupRecord };

async function takeCommit(
  context: Context,
  arrived: WithKeys,
  message: Uint8Array,
  next: GroupRecord["state"],
): Promise<Taken> {
  const { group, arrival } = arrived;
  // Its slot in the topic decides (§10): one that comes another way could split the conversation.
  if (arrival.via !== "topic") return ahead;
  const nowMs = context.clock.now();
  const row = stepEpoch(group, next, await viewGroup(next), message, false, nowMs);
  return {
    receipt: "taken",
    changes: [{ kind: "put", table: "groups", row }, seenRow(arrived, false, nowMs), topicRow(arrived, undefined)],
    expect: unchanged(group),
  };
}

/** What somebody else than its author brought over a link is acknowledged to the author. */
function asBrought(arrived: WithKeys, { credential }: Member): WithKeys {
  const { via, from } = { from: undefined, ...arrived.arrival };
  return via === "link" && from !== undefined && from !== credential.device
    ? { ...arrived, arrival: { via: "keeper" } }
    : arrived;
}

export async function takeContent(
  context: Context,
  came: WithKeys,
  opened: {
    readonly content: Uint8Array;
    readonly next: GroupRecord["state"];
    readonly sender: Member;
    readonly then?: EpochThen;
  },
): Promise<Taken> {
  const arrived = asBrought(came, opened.sender);
  const { group, conversation, arrival, hash } = arrived;
  const nowMs = context.clock.now();
  const { device, account } = await me(context);
  const content = decodeContent(opened.content);
  // Said by this device, which does not know of it: the profile is an earlier copy of itself.
  const rolledBack = opened.sender.credential.device === device;
  const isShown = rolledBack && content.ok && (await isForgotten(context, conversation, content.value, device));
  const claimedBy = conversation.kind === "group" && !isShown ? account : undefined;
  const from = rolledBack ? damaged(conversation, "rolled-back", nowMs, claimedBy) : conversation;
  const applied = content.ok
    ? await applyContent(context, from, content.value, opened.sender, opened.then)
    : nothingSaid;
  const answerDue = !rolledBack && (!content.ok || applied.acknowledge);
  const owed = answerDue && arrival.via !== "link" ? { hash, refused: !content.ok } : undefined;
  // Only for what a person says: two who tell each other of a move would answer each other for ever.
  const isWords = answerDue && content.ok && content.value.number > 0;
  if (isWords && isElsewhere(arrived)) context.heardWhereLeft(conversation.key);
  return {
    receipt: content.ok ? "taken" : "refused",
    changes: [
      { kind: "put", table: "groups", row: stepWithin(group, opened.next, 0) },
      seenRow(arrived, answerDue && applied.acknowledge, nowMs),
      topicRow(arrived, owed),
      ...(rolledBack ? [{ kind: "put", table: "conversations", row: from } as const] : []),
      ...applied.changes,
    ],
    expect: unchanged(group),
  };
}

/**
 * Whether what this device said shows that it forgot something. A member can show it again whatever it said: a signature does not
 * cover how often its author had sealed.
 */
async function isForgotten(
  { storage }: Context,
  { sentNumber }: ConversationRecord,
  { id, number, body }: Content,
  device: DeviceId,
): Promise<boolean> {
  if (number > sentNumber) return true;
  return number > 0 && body.kind === "text" && (await storage.get("messages", messageIdOf(device, id))) === undefined;
}

/** At a node that was left, or at one's own, where others look for mail besides (§12.2). */
function isElsewhere({ arrival, conversation }: Arrived): boolean {
  return arrival.via === "topic" && !conversation.nodes.includes(arrival.node);
}

type OwnCommit = Pick<Arrived, "topic" | "arrival" | "hash"> & { readonly group: GroupRecord };

/** The topic gave back our own commit: its slot is granted, whatever became of the answer. */
export async function ownCommitTaken(context: Context, own: OwnCommit): Promise<Taken> {
  const { group, topic, hash } = own;
  if (group.pending === undefined) throw new Error("no own commit waits for its slot");
  const nowMs = context.clock.now();
  const state = withLiveKeys(group.pending.state, group.state);
  const payload = openEnvelope(deriveTopic(topic.secret).envelopeKey, topic.key, group.pending.envelope);
  if (!payload.ok || payload.value.kind !== "mls") throw new Error("an own commit cannot be read back");
  const next = stepEpoch(group, state, await viewGroup(state), payload.value.message, true, nowMs);
  return {
    receipt: "taken",
    changes: [
      { kind: "put", table: "groups", row: next },
      ownMark(context, hash, group.key),
      topicRow(own, undefined),
      ...(await commitCopies(context, await context.storage.get("conversations", group.key), group, hash)),
    ],
    expect: unchanged(group),
  };
}

/** The same, written: the node has granted the slot. Call within the conversation's turn. */
export async function mergeOwnCommit(context: Context, own: OwnCommit): Promise<Receipt> {
  const { receipt, changes } = await ownCommitTaken(context, own);
  const written = await commit(context, { expect: [unchanged(own.group)], changes });
  return written.ok ? receipt : "not-kept";
}

/** An envelope that has arrived in a conversation, and what taking it in writes. Opens and decides nothing. */

import type { ConversationId, DeviceId, EnvelopeHash, NodeUrl } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import type { Change, Expectation } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { takenIn } from "./places.ts";

/**
 * How an envelope came. `sequence` moves the topic's cursor in the same batch. `keeper`: over the link of somebody who kept
 * it (§7.7), so that its author is yet to hear of it. `from`: the device at the other end of the link, in a group, where
 * anybody may bring what somebody else said.
 */
export type Arrival =
  | { readonly via: "link" | "keeper"; readonly from?: DeviceId }
  | { readonly via: "topic"; readonly node: NodeUrl; readonly sequence: number };

/**
 * `taken`: committed here, or was before. `refused`: no key of this device will ever open it. `ahead`: of a group or an
 * epoch that is not reached yet. `unanswered`: of no use here, and its author finds that out by themselves. `not-kept`: this
 * device could not write; nothing may be acknowledged.
 */
export type Receipt = "taken" | "refused" | "ahead" | "unanswered" | "not-kept";

export interface Arrived {
  readonly topic: TopicRecord;
  /** None where it was lost. */
  readonly group: GroupRecord | undefined;
  readonly conversation: ConversationRecord;
  readonly hash: EnvelopeHash;
  readonly envelope: Uint8Array;
  readonly arrival: Arrival;
}

/** The receipt holds once the changes are written. */
export interface Taken {
  readonly receipt: Receipt;
  readonly changes: readonly Change[];
  readonly expect?: Expectation;
}

export function seenRow({ hash, conversation, arrival }: Arrived, acknowledge: boolean, atMs: number): Change {
  const owedAtMs = acknowledge && arrival.via !== "link" ? atMs : undefined;
  return {
    kind: "put",
    table: "seen",
    row: { key: hash, conversation: conversation.key, acknowledge, atMs, owedAtMs },
  };
}

/**
 * Refusals that wait to be told. Only strangers are told nothing for long: higher, and whoever has an invite makes this row,
 * which is written with each envelope, grow by whatever they leave. Whoever is not told goes on trying until it expires.
 */
const maxRefusalsDue = 200;

/** The topic with its cursor moved and, if owed, the acknowledgement noted. */
export function topicRow(
  { topic, arrival }: Pick<Arrived, "topic" | "arrival">,
  owed: TopicRecord["due"][number] | undefined,
): Change {
  if (arrival.via === "link") return { kind: "put", table: "topics", row: topic };
  const isTooMuch = owed?.refused === true && topic.due.filter(({ refused }) => refused).length >= maxRefusalsDue;
  const due = owed && !isTooMuch ? [...topic.due, owed] : topic.due;
  const read = arrival.via === "topic" ? takenIn(topic, arrival.node, arrival.sequence) : topic;
  return { kind: "put", table: "topics", row: { ...read, due } };
}

/** No key of this device opens it, which its author is told. */
export function refusal(arrived: Arrived): Taken {
  return { receipt: "refused", changes: [topicRow(arrived, { hash: arrived.hash, refused: true })] };
}

/**
 * Whether it may be written together with what came before and behind it: words, marks, a step of the same keys. Not what
 * others read in their own turn, as they do what is known of people, nor what decides how the next envelope is read.
 */
export function isPlain({ conversation, group, topic }: Arrived, change: Change): boolean {
  switch (change.table) {
    case "seen":
    case "messages":
      return change.kind === "put";
    case "outbox":
      return change.kind === "delete" || change.row.conversation === conversation.key;
    case "topics":
      return change.kind === "put" && change.row.key === topic.key;
    case "groups":
      return change.kind === "put" && keysOf(change.row) === keysOf(group) && change.row.pending === group?.pending;
    case "conversations": {
      if (change.kind === "delete" || change.row.key !== conversation.key) return false;
      const { row } = change;
      const names = ["topic", "nodes", "group", "healing", "asker", "split", "newcomers", "shared"] as const;
      return names.every((name) => row[name] === conversation[name]);
    }
    default:
      return false;
  }
}

/** Whether something is to be done about the conversation's keys now: they are damaged, asked for, or have moved on. */
export function isAboutKeys({ conversation, group }: Arrived, changes: readonly Change[]): boolean {
  // Noticed before, and nobody was asked for new ones yet.
  if (conversation.healing !== undefined && conversation.healing.asked === undefined) return true;
  return changes.some((change) => {
    if (change.kind !== "put") return false;
    if (change.table === "groups") return keysOf(change.row) !== keysOf(group);
    const { healing, asker, split } = change.table === "conversations" ? change.row : conversation;
    return healing !== conversation.healing || asker !== conversation.asker || split !== conversation.split;
  });
}

/** What taking it in begins outside its topic. */
export interface Beyond {
  /** Other conversations in which something is to be carried now. */
  readonly conversations: readonly ConversationId[];
  /** Topics began or ended. */
  readonly follow: boolean;
  /** A key package that was left with the contact was used. */
  readonly stockUsed: boolean;
  /** This person is no member any more. */
  readonly over: boolean;
  /** Something is to be left for who came by a link. */
  readonly publish: boolean;
}

export const nothingBeyond: Beyond = {
  conversations: [],
  follow: false,
  stockUsed: false,
  over: false,
  publish: false,
};

export function beyond({ conversation, topic }: Arrived, changes: readonly Change[]): Beyond {
  const others = new Set<ConversationId>();
  let { follow, stockUsed, over, publish } = nothingBeyond;
  for (const change of changes) {
    if (change.table === "topics") follow ||= change.kind === "delete" || change.row.key !== topic.key;
    if (change.kind === "delete") continue;
    if (change.table === "outbox" && change.row.conversation !== conversation.key) others.add(change.row.conversation);
    if (change.table === "conversations") over ||= (change.row.group?.standing.kind ?? "member") !== "member";
    publish ||= change.table === "groupLinks";
    if (change.table === "keyPackages") stockUsed ||= change.row.privatePackage !== undefined;
  }
  return { conversations: [...others], follow, stockUsed, over, publish };
}

const keysOf = (group: GroupRecord | undefined) => `${group?.generation} ${group?.epoch}`;

/**
 * A leaf of a group of somebody's own making (§13.7): who gave it is remembered, and what the group's first node shows of the
 * others tells whether they go on without this device. Writes nothing.
 */

import type { MessageHeader } from "../group/messages.ts";
import type { AccountId } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GivenLeaf } from "../ports/healing.ts";
import type { Arrival } from "./arrived.ts";
import { maySeal } from "./keys-in-use.ts";
import type { InGroup } from "./receive-group.ts";

/** What somebody sealed before they read of the leaf is at the node by then. Higher: a device is alone for longer. */
const saidBeforeMs = 3_600_000;
/** Anybody can leave what looks like a change of before. Lower: a device is given leaf after leaf. */
const onceInMs = 24 * 3_600_000;
/** Higher: who did no wrong cannot help for longer. */
const notBelievedMs = 7 * 24 * 3_600_000;

export function givenNow(by: AccountId, arrival: Arrival, atMs: number): GivenLeaf {
  return { by, atMs, ...(arrival.via === "topic" && { at: { node: arrival.node, sequence: arrival.sequence } }) };
}

/**
 * Whether the others go on where this device is not: their first node has a change behind the Welcome, of an epoch before it. An
 * honest one is refused there, since its slot is taken; and words of such epochs stop when all have read.
 */
export function goOnWithout({ conversation, group, arrival }: InGroup, header: MessageHeader, nowMs: number): boolean {
  const { given, misled, nodes } = conversation;
  if (given === undefined || arrival.via !== "topic" || arrival.node !== nodes[0]) return false;
  // Keys that were used elsewhere are worse.
  if (conversation.healing && !maySeal(conversation)) return false;
  if (header.epoch >= group.joinedEpoch - 1 || !areOthers(conversation, given.by)) return false;
  if (misled && Math.abs(nowMs - misled.atMs) < onceInMs) return false;
  const isLater = Math.abs(nowMs - given.atMs) > saidBeforeMs;
  const isBehind = given.at?.node === arrival.node ? arrival.sequence > given.at.sequence : isLater;
  return isBehind && (header.kind === "commit" || isLater);
}

/** Of a group of two nobody is led away: there is only who gave the leaf. This device is one of them. */
function areOthers({ group }: ConversationRecord, by: AccountId): boolean {
  return (group?.people.filter(({ account }) => account !== by).length ?? 0) > 1;
}

/** To ask for keys, and not to be given any by the same person for a while. */
export function ledAway(conversation: ConversationRecord, nowMs: number): ConversationRecord {
  const { given, ...rest } = conversation;
  if (given === undefined) return conversation;
  return {
    ...rest,
    misled: { by: given.by, atMs: nowMs },
    healing: { why: "forked", sinceMs: nowMs, asked: undefined },
  };
}

export function isBelieved({ misled }: ConversationRecord, giver: AccountId, nowMs: number): boolean {
  return misled?.by !== giver || Math.abs(nowMs - misled.atMs) > notBelievedMs;
}

/**
 * What a device does while something is wrong with its keys of a conversation (§11, §13.7). Changes nothing.
 */

import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { placeAt } from "./places.ts";

/** Long enough for members who are away at night to come and give a leaf. */
const waitsForLeafMs = 6 * 3_600_000;

/**
 * Whether anything may be sealed: not with damaged keys. That a group is in a later epoch is what anybody with its topic can
 * claim, and that the others are in another one; a device which hears so goes on, and those who are further have the keys of its
 * epoch still or ask it to say it again.
 */
export function maySeal({ healing, group }: Pick<ConversationRecord, "healing" | "group">): boolean {
  return healing === undefined || (group !== undefined && (healing.why === "behind" || healing.why === "forked"));
}

/**
 * Whether it makes commits, too. Where the first node's entries are all here and can be opened, nothing is lacking, whatever
 * somebody claims; else it waits, for a while, to be given a leaf: a change would divide the group.
 */
export function mayChange(
  conversation: Pick<ConversationRecord, "healing" | "group" | "nodes">,
  topic: TopicRecord,
  nowMs: number,
): boolean {
  if (!maySeal(conversation)) return false;
  const { healing, nodes } = conversation;
  const [arbiter] = nodes;
  if (healing === undefined || arbiter === undefined) return true;
  const mayLack = healing.why === "forked" || placeAt(topic, arbiter)?.incomplete !== undefined;
  return !mayLack || Math.abs(nowMs - healing.sinceMs) > waitsForLeafMs;
}

/**
 * Taking a successor group into use (§11), whether made here or by the other side: the new keys, everything that nobody
 * acknowledged sealed again with them, and one line in the timeline. Writes and sends nothing.
 */

import { tick } from "../conversation/clock.ts";
import { messageIdOf, orderOf } from "../conversation/order.ts";
import type { GroupState } from "../group/state.ts";
import { toHex } from "../lang/bytes.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import type { Notice } from "../ports/message-record.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { ProfileRecord } from "../ports/people-records.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { encodeContent } from "../wire/content.ts";
import type { HaveOf } from "../wire/have.ts";
import type { Context } from "./context.ts";
import { successorRecord } from "./group-step.ts";
import { movedInOutbox, numbersUsed } from "./have.ts";
import { messageChanges, noCopies } from "./message-row.ts";
import { nodesAgain } from "./nodes-again.ts";
import { neverSealed } from "./outbox-row.ts";
import { nextContent } from "./own-content.ts";
import { quietAgain } from "./quiet-again.ts";
import { sealForConversation } from "./seal.ts";

export interface Succession {
  readonly conversation: ConversationRecord;
  /** What the new group takes the place of, if it can still be found. */
  readonly before: GroupRecord | undefined;
  readonly topic: TopicRecord;
  readonly state: GroupState;
  /** What the other side has of what was said here. */
  readonly have: readonly HaveOf[];
}

/** Call within the conversation's turn; what changes must be written under the expectation that the group is still `before`. */
export async function successionChanges(
  context: Context,
  profile: ProfileRecord,
  { conversation: known, before, topic, state, have }: Succession,
): Promise<readonly Change[]> {
  const nowMs = context.clock.now();
  // This profile may be an earlier copy of itself: the numbers that the other side has are not to be given again.
  const used = await numbersUsed(context, known, have);
  const conversation = used ? { ...known, sentNumber: used.sentNumber } : known;
  const renumbered = new Map(used?.rows.map((moved) => [moved.before.key, moved]));
  let group = await successorRecord(conversation.key, before, state, nowMs);
  const changes: Change[] = [{ kind: "put", table: "groups", row: group }];
  for (const row of used?.messages ?? []) changes.push({ kind: "put", table: "messages", row });
  for (const was of await context.storage.ofConversation("outbox", conversation.key)) {
    // The reply to an invite lies in another topic, under other keys.
    if (was.topic !== topic.key) continue;
    const moved = renumbered.get(was.key);
    // Other members may have more of what a later self of this profile said; they are about to say so.
    if (was.epoch === neverSealed && !context.caughtUp.has(conversation.key)) {
      if (moved !== undefined) changes.push(...movedInOutbox(moved));
      continue;
    }
    const row = moved?.after ?? was;
    changes.push({ kind: "delete", table: "outbox", key: was.key });
    // What carries no content was about the old group: its requests, commits and Welcomes.
    if (row.content === undefined) continue;
    const sealed = await sealForConversation(context, group, topic, row.content, row);
    group = sealed.group;
    changes.push(...sealed.changes, ...(await heldNoMore(context, row)));
  }
  const { device } = profile;
  let renewed = { ...conversation, healing: undefined, asker: undefined };
  const kept = await nodesAgain(context, conversation, topic, device);
  if (kept !== undefined) {
    const told = await sealForConversation(context, group, topic, encodeContent(kept.content), kept.row);
    group = told.group;
    changes.push(...told.changes);
  }
  // What was told under the old keys may lie where nobody can open it any more.
  for (const body of await quietAgain(context, conversation, profile)) {
    const { content, order } = nextContent(context, renewed, device, body);
    const row = { order, ends: "custody", message: undefined } as const;
    const told = await sealForConversation(context, group, topic, encodeContent(content), row);
    group = told.group;
    changes.push(...told.changes);
    renewed = { ...renewed, clockMs: content.clockMs, clockCount: content.clockCount };
  }
  return [
    ...changes,
    { kind: "put", table: "conversations", row: renewed },
    noticeRow(context, renewed, profile, nowMs),
  ];
}

/** What nodes hold of the message is sealed with keys that are gone: it brings it to nobody. */
function heldNoMore(context: Context, row: OutboxRecord): Promise<readonly Change[]> {
  return messageChanges(context, row, (message) => (message.held.length > 0 ? { ...message, held: [] } : message));
}

/** Stands where it happened; nobody else's timeline has it. */
export function noticeRow(
  context: Context,
  conversation: ConversationRecord,
  { account, device }: ProfileRecord,
  nowMs: number,
  notice: Notice = "keys-renewed",
): Change {
  const id = toHex(context.random.bytes(8));
  return {
    kind: "put",
    table: "messages",
    row: {
      key: messageIdOf(device, id),
      conversation: conversation.key,
      order: orderOf(tick(conversation, nowMs), device, id),
      author: account,
      authorDevice: device,
      sentAtMs: nowMs,
      receivedAtMs: nowMs,
      number: 0,
      body: { kind: "notice", notice },
      ...noCopies,
    },
  };
}

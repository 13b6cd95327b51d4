/**
 * Slow mode (§13.10). Whether a text came too soon follows from which texts there are, by their authors' clocks, and not from
 * which of them came here first: one that comes late takes a later one back that was shown, so that all devices show the same.
 * One that is not shown counts as said, for the same reason. Writes nothing.
 */

import { rankOf, ranks } from "../conversation/group-rights.ts";
import { clockOf, orderOf } from "../conversation/order.ts";
import type { AccountId, ConversationId, DeviceId } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { MessageRecord } from "../ports/message-record.ts";
import type { Reader } from "../ports/storage.ts";
import { maxSlowModeS } from "../wire/bounds.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import { isUnread } from "./reading.ts";

/** By the facts of the epoch that a text is sealed in: how long after the author's text before it, in ms; 0: no matter. */
export function spacingOf(facts: GroupFacts, account: AccountId): number {
  return rankOf(facts, account) >= ranks.admin ? 0 : facts.slowModeS * 1000;
}

/** What stands in the rows of a text that is to keep such a distance, and of its conversation. */
export const spaced = (spacingMs: number) => (spacingMs === 0 ? {} : { spacingMs });
export const slowed = (spacingMs: number) => (spacingMs === 0 ? {} : ({ slowed: true } as const));

const windowMessages = 200;

/** Greater than the order of everything said up to then. */
export const endOf = (clockMs: number) => orderOf({ clockMs, clockCount: 0xffff_ffff }, "~" as DeviceId, "");

/** The clock of the author's newest text whose order is below `before`, as far back as `sinceMs`. */
export async function saidBefore(
  reader: Reader,
  id: ConversationId,
  account: AccountId,
  before: string,
  sinceMs: number,
): Promise<number | undefined> {
  for (let below = before; ; ) {
    const rows = await reader.ofConversation("messages", id, { limit: windowMessages, before: below });
    const said = rows.findLast((row) => row.author === account && wasSaid(row));
    if (said !== undefined) return said.sentAtMs;
    const oldest = rows[0]?.order;
    if (oldest === undefined || rows.length < windowMessages || clockOf(oldest) < sinceMs) return undefined;
    below = oldest;
  }
}

type Timed = Pick<MessageRecord, "conversation" | "author" | "order" | "sentAtMs">;

/** Less than `spacingMs` after the author's text before it. */
export async function isTooSoon(reader: Reader, message: Timed, spacingMs: number): Promise<boolean> {
  const { conversation, author, order, sentAtMs } = message;
  if (spacingMs === 0) return false;
  const lastMs = await saidBefore(reader, conversation, author, order, sentAtMs - spacingMs);
  return lastMs !== undefined && lastMs + spacingMs > sentAtMs;
}

/** Later ones of its author that are shown and, now that it is known, came too soon after it. */
export async function tooSoonAfter(reader: Reader, message: Timed): Promise<readonly MessageRecord[]> {
  const { conversation, author, order, sentAtMs } = message;
  const found: MessageRecord[] = [];
  for (let below = endOf(sentAtMs + maxSlowModeS * 1000); ; ) {
    const rows = await reader.ofConversation("messages", conversation, { limit: windowMessages, before: below });
    const isAfter = (row: MessageRecord) => row.author === author && row.order > order && isShown(row);
    found.push(...rows.filter((row) => isAfter(row) && sentAtMs + (row.spacingMs ?? 0) > row.sentAtMs));
    const oldest = rows[0]?.order;
    if (oldest === undefined || rows.length < windowMessages || oldest <= order) return found;
    below = oldest;
  }
}

/** Its words stay where they are the own ones: their author is told, and gives them to who lacks them (§8.2). */
export function heldBack(message: MessageRecord, own: AccountId): MessageRecord {
  const { author, body } = message;
  return { ...message, body: { kind: "too-soon", text: author === own && body.kind === "text" ? body.text : "" } };
}

/** Without what was counted of them as unread, and without their words in the list of chats. */
export function withoutThem(
  conversation: ConversationRecord,
  them: readonly MessageRecord[],
  own: AccountId,
): ConversationRecord {
  const unread = them.filter((row) => isUnread(conversation, row, own)).length;
  const { last } = conversation;
  const isLast = them.some(({ order }) => order === last?.order);
  return {
    ...conversation,
    unread: Math.max(0, conversation.unread - unread),
    last: last !== undefined && isLast ? { ...last, text: "", without: "too-soon" } : last,
  };
}

/** By its author itself, as far as this device was there for it: a text, or what is left of one. */
function wasSaid(message: MessageRecord): boolean {
  return message.body.kind === "too-soon" || isShown(message);
}

function isShown({ body, number, sharedBy }: MessageRecord): boolean {
  if (sharedBy !== undefined) return false;
  // Of a removal that came before what it removes nobody knows when that was said. A text is one with any number.
  return body.kind === "text" || body.kind === "unknown" || (body.kind === "removed" && number !== 0);
}

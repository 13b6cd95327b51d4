/** A message that was said: its row in the timeline, and what it changes in the conversation's. Writes nothing. */

import { observe } from "../conversation/clock.ts";
import { mayWrite } from "../conversation/group-rights.ts";
import { nothingHeard } from "../conversation/marks.ts";
import { messageIdOf, orderOf } from "../conversation/order.ts";
import { common, include, union, without } from "../conversation/ranges.ts";
import type { Member } from "../group/state.ts";
import type { DeviceId } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { MessageBody, MessageRecord } from "../ports/message-record.ts";
import type { Change } from "../ports/storage.ts";
import type { Content } from "../wire/content.ts";
import type { Ranges } from "../wire/have.ts";
import type { GroupThen } from "./apply-in-group.ts";
import { type Context, me } from "./context.ts";
import { knownToExist } from "./history-claims.ts";
import { noCopies } from "./message-row.ts";
import { bodyAfterRemoval, isAwaited } from "./removal.ts";
import { preview } from "./send.ts";
import { heldBack, isTooSoon, slowed, spaced, spacingOf, tooSoonAfter, withoutThem } from "./slow-mode.ts";

/**
 * Words, or what an older Kith takes for them. Its author waits to hear that they arrived, whatever becomes of them. `then`: of a
 * group, the epoch in which they were sealed.
 */
export async function saidChanges(
  context: Context,
  conversation: ConversationRecord,
  content: Content,
  sender: Member,
  said: Extract<MessageBody, { kind: "text" | "unknown" }>,
  then?: GroupThen,
): Promise<readonly Change[]> {
  const { device, account } = sender.credential;
  const facts = then?.facts;
  const profile = await me(context);
  const key = messageIdOf(device, content.id);
  const numbered = await withNumber(context, conversation, content.number, device);
  const noted: readonly Change[] =
    numbered === conversation ? [] : [{ kind: "put", table: "conversations", row: numbered }];
  const there = await context.storage.get("messages", key);
  // The same message in another envelope: said once already (invariant 5 scopes the id to its author).
  if (there !== undefined && there.sharedBy === undefined && !isAwaited(there)) return noted;
  // What somebody said of it in another conversation, where it never was, is nothing here.
  const known = there?.conversation === conversation.key ? there : undefined;
  // Against the rules of the group: nobody shows it, and nobody asks for it again.
  if (facts !== undefined && !mayWrite(facts, account)) return noted;
  const spacingMs = facts === undefined ? 0 : spacingOf(facts, account);
  const nowMs = context.clock.now();
  const order = orderOf(content, device, content.id);
  const body = known === undefined ? said : bodyAfterRemoval(known, account, said, facts);
  const row: MessageRecord = {
    key,
    conversation: conversation.key,
    order,
    author: account,
    authorDevice: device,
    sentAtMs: content.clockMs,
    receivedAtMs: nowMs,
    number: content.number,
    body,
    ...noCopies,
    // Said by what this profile was, and forgotten with it.
    ...(device === profile.device && { deliveries: nothingHeardBy(then, device) }),
    ...spaced(spacingMs),
  };
  const own = profile.account;
  const shown = (await isTooSoon(context.storage, row, spacingMs)) ? heldBack(row, own) : row;
  const back = conversation.slowed === true ? await tooSoonAfter(context.storage, row) : [];
  const after = { ...numbered, ...observe(numbered, content, nowMs), ...slowed(spacingMs) };
  const newest = withoutThem(await withNewest(context, after, shown), back, own);
  return [
    ...[shown, ...back.map((one) => heldBack(one, own))].map(
      (one) => ({ kind: "put", table: "messages", row: one }) as const,
    ),
    { kind: "put", table: "conversations", row: newest },
  ];
}

function nothingHeardBy(then: GroupThen | undefined, own: DeviceId): MessageRecord["deliveries"] {
  const devices = then?.members.map(({ credential }) => credential.device).filter((device) => device !== own) ?? [];
  return Object.fromEntries(devices.map((device) => [device, nothingHeard]));
}

/** Unread, and the newest of the list. */
async function withNewest(
  context: Context,
  conversation: ConversationRecord,
  { order, body, author, sentAtMs }: MessageRecord,
): Promise<ConversationRecord> {
  const isWords = body.kind === "text" || body.kind === "unknown";
  const mine = author === (await me(context)).account;
  const contact = conversation.kind === "group" ? await context.storage.get("contacts", author) : undefined;
  // What is not shown calls for nothing.
  if (!isWords || contact?.state === "blocked") return conversation;
  const isNewest = conversation.last === undefined || order > conversation.last.order;
  const text = body.kind === "text" ? preview(body.text) : "";
  // A clock that runs ahead must not keep this chat on top.
  const atMs = Math.min(sentAtMs, context.clock.now());
  return {
    ...conversation,
    // Whatever its place: what was written before my newest words and came after them has not been read either.
    unread: mine ? conversation.unread : conversation.unread + 1,
    last: isNewest ? { order, text, mine, author, atMs } : conversation.last,
  };
}

/** The conversation with a numbered content of this device in it (§8.2); the same one where that changes nothing. */
export async function withNumber(
  context: Context,
  conversation: ConversationRecord,
  number: number,
  device: DeviceId,
): Promise<ConversationRecord> {
  if (number === 0) return conversation;
  const { device: own } = await me(context);
  if (device === own) {
    // Of this device, in a profile that forgot it (§11): its number is not to be given again.
    return number > conversation.sentNumber ? { ...conversation, sentNumber: number } : conversation;
  }
  const before = conversation.received[device] ?? (await whatCountsAsHere(context, conversation, number));
  const numbers = include(before, number);
  if (numbers === conversation.received[device]) return conversation;
  const isFirst = conversation.received[device] === undefined;
  const shared = isFirst && conversation.shared && knownToExist(conversation.shared, device, number);
  return { ...conversation, received: { ...conversation.received, [device]: numbers }, ...(shared && { shared }) };
}

/** The author says that these of its numbers were not for this device: nothing below the highest of them is waited for. */
export function withoutWaiting<Row extends ConversationRecord>(
  conversation: Row,
  author: DeviceId,
  notFor: Ranges,
): Row {
  const here = conversation.received[author];
  const highest = here?.at(-1)?.[1];
  if (here === undefined || highest === undefined) return conversation;
  const known = common(without([[1, highest]], here), notFor);
  if (known.length === 0) return conversation;
  return { ...conversation, received: { ...conversation.received, [author]: union(here, known) } };
}

/** Who joined a group does not miss what its members had said before. */
async function whatCountsAsHere(context: Context, { key, kind }: ConversationRecord, number: number): Promise<Ranges> {
  if (kind !== "group" || number === 1) return [];
  const group = await context.storage.get("groups", key);
  return group === undefined || group.joinedEpoch === 0 ? [] : [[1, number - 1]];
}

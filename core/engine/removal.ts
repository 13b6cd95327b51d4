/**
 * A message that is taken away for everybody in a group (§13.10), whichever comes first, it or its removal. Its words leave
 * this disk; a mark with who did it stays in its place. Writes nothing.
 */

import { observe } from "../conversation/clock.ts";
import { mayRemoveMessage, rankOf, ranks } from "../conversation/group-rights.ts";
import { orderOf } from "../conversation/order.ts";
import type { Member } from "../group/state.ts";
import type { AccountId, DeviceId, MessageId } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupOfConversation } from "../ports/group-of-conversation.ts";
import type { MessageBody, MessageRecord } from "../ports/message-record.ts";
import type { Change } from "../ports/storage.ts";
import type { Content } from "../wire/content.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import type { GroupThen } from "./apply-in-group.ts";
import { type Context, me } from "./context.ts";
import { noCopies } from "./message-row.ts";
import { isUnread } from "./reading.ts";

type InGroup = ConversationRecord & { readonly group: GroupOfConversation };

/** What the removal by `sender` changes: the conversation's row last. Nothing where they have no right to it. */
export async function removalChanges(
  context: Context,
  conversation: InGroup,
  content: Content,
  sender: Member,
  id: MessageId,
  { facts, members }: GroupThen,
): Promise<{ readonly changes: readonly Change[]; readonly conversation: ConversationRecord }> {
  const { account: by, device } = sender.credential;
  const nowMs = context.clock.now();
  const seen = { ...conversation, ...observe(conversation, content, nowMs) };
  const known = await context.storage.get("messages", id);
  if (known !== undefined && known.conversation !== conversation.key) return { changes: [], conversation };
  if (known !== undefined) return removedBy(context, { ...seen, group: conversation.group }, known, by, facts);
  const [authorDevice = ""] = id.split("/");
  const author = members.find(({ credential }) => credential.device === authorDevice)?.credential.account;
  // Of somebody who was gone by then nobody knows whose device it was; their words may still come.
  if (!mayRemoveMessage(facts, by, author ?? nobody)) return { changes: [], conversation };
  const row: MessageRecord = {
    key: id,
    conversation: conversation.key,
    order: orderOf(content, device, content.id),
    author: author ?? by,
    authorDevice: authorDevice as DeviceId,
    sentAtMs: content.clockMs,
    receivedAtMs: nowMs,
    number: 0,
    body: { kind: "removed", by },
    ...noCopies,
  };
  return { changes: [{ kind: "put", table: "messages", row }], conversation: seen };
}

const nobody = "" as AccountId;

/** The same of a message that is here. `facts`: of the epoch in which the removal is sealed. */
export async function removedBy(
  context: Context,
  conversation: InGroup,
  message: MessageRecord,
  by: AccountId,
  facts: GroupFacts,
): Promise<{ readonly changes: readonly Change[]; readonly conversation: ConversationRecord }> {
  const { sharedBy, ...heard } = message;
  const { body, author, order } = message;
  const isWords = body.kind === "text" || body.kind === "unknown" || body.kind === "removed";
  if (!isWords || !mayRemoveMessage(facts, by, author)) return { changes: [], conversation };
  const isKnownRemoved = body.kind === "removed" && sharedBy === undefined;
  // From whoever removed it, and not on the word of who shared it any more.
  const row: MessageRecord = {
    ...heard,
    body: { kind: "removed", by: isKnownRemoved ? firstOf(author, body.by, by) : by },
  };
  const own = (await me(context)).account;
  const wasUnread = body.kind !== "removed" && isUnread(conversation, message, own);
  const { last } = conversation;
  return {
    changes: [{ kind: "put", table: "messages", row }],
    conversation: {
      ...conversation,
      unread: Math.max(0, conversation.unread - (wasUnread ? 1 : 0)),
      last: last?.order === order ? { ...last, text: "", without: "removed" } : last,
    },
  };
}

/** Its removal came before it: what is known of it is who took it away. */
export function isAwaited({ body, number }: MessageRecord): boolean {
  return body.kind === "removed" && number === 0;
}

/**
 * What is left of words whose removal came first, and was judged then. Where it was not known whose they are, whoever removed
 * them had the right to those of anybody without a rank, and of nobody else. That it was removed before this person came is a member's word: it counts
 * of whoever could take the words away themselves.
 */
export function bodyAfterRemoval(
  known: MessageRecord,
  author: AccountId,
  said: MessageBody,
  facts: GroupFacts | undefined,
): MessageBody {
  const { body, sharedBy } = known;
  if (body.kind !== "removed") return said;
  if (sharedBy !== undefined) return facts && mayRemoveMessage(facts, sharedBy, author) ? body : said;
  if (known.author === author) return body;
  const isAnybodys = known.author === body.by && facts !== undefined && rankOf(facts, author) === ranks.member;
  return isAnybodys ? body : said;
}

/** Of two who took the same away all devices name the same one, whatever came first: the author, else the lower account. */
function firstOf(author: AccountId, a: AccountId, b: AccountId): AccountId {
  if (a === author || b === author) return author;
  return a < b ? a : b;
}

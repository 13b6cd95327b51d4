/** Small things a person does to a conversation that concern this device alone: drafts, what was read, who is verified. */

import type { AccountId, ConversationId, MessageId } from "../lang/brand.ts";
import { done, type Result } from "../lang/result.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { MessageRecord } from "../ports/message-record.ts";
import type { Reader } from "../ports/storage.ts";
import { maxReadMessages, maxTextCharacters } from "../wire/bounds.ts";
import { type Context, commit, me, withPerson } from "./context.ts";
import type { WriteFaultView } from "./face.ts";

type Written = Promise<Result<void, WriteFaultView>>;

/** Kept up to the length of a message; what is longer could not be sent. */
export function saveDraft(context: Context, id: ConversationId, text: string): Written {
  const draft = text.slice(0, maxTextCharacters);
  return change(context, id, (row) => (row.draft === draft ? row : { ...row, draft }));
}

export function markRead(context: Context, id: ConversationId): Written {
  return change(context, id, (row) => {
    const upTo = row.last?.order ?? row.readUpTo;
    return row.unread === 0 && row.readUpTo === upTo ? row : allRead(context, row, upTo);
  });
}

/** Read here and not told yet. Lower: after a long absence, authors of the oldest never hear of it. */
const maxReadsDue = 1_000;
/** The unread are among the newest; own messages between them make the window a little larger than their number. */
export const unreadMargin = 50;

/** The conversation with nothing unread, and with what that tells its authors (§8.3). Call within the conversation's turn. */
export async function allRead(context: Context, row: ConversationRecord, upTo: string): Promise<ConversationRecord> {
  const readsDue = [...row.readsDue, ...(await newlyRead(context, row))].slice(-maxReadsDue);
  return { ...row, unread: 0, readUpTo: upTo, readAtMs: context.clock.now(), readsDue };
}

/**
 * Another device of this person tells what was read on it (§8.3): that, and what stands before it, is unread here no longer, and
 * nobody is told a second time. The conversation as it is then; the very same where nothing of it was unread.
 */
export async function readElsewhere(
  context: Context,
  row: ConversationRecord,
  messages: readonly MessageId[],
): Promise<ConversationRecord> {
  if (row.unread === 0) return row;
  const { account } = await me(context);
  const told = await context.storage.getMany("messages", messages);
  const read = told.filter((one) => one.conversation === row.key && isUnread(row, one, account));
  if (read.length === 0) return row;
  const [readUpTo = row.readUpTo] = [row.readUpTo, ...read.map(({ order }) => order)].toSorted().reverse();
  const known = new Set(messages);
  const readsDue = row.readsDue.filter((id) => !known.has(id));
  // What came together with it was there before it.
  const next = { ...row, readUpTo, readAtMs: context.clock.now() + 1, readsDue };
  const limit = row.unread + unreadMargin;
  const newest = await context.storage.ofConversation("messages", row.key, { limit });
  return { ...next, unread: newest.filter((one) => isUnread(next, one, account)).length };
}

async function newlyRead(context: Context, row: ConversationRecord): Promise<readonly MessageId[]> {
  const { receipts, account } = await me(context);
  if (row.unread === 0 || row.kind === "self" || !receipts) return [];
  const limit = Math.min(row.unread, maxReadsDue) + unreadMargin;
  const newest = await context.storage.ofConversation("messages", row.key, { limit });
  const due = new Set(row.readsDue);
  const hidden = row.kind === "group" ? await blockedPeople(context.storage) : nobody;
  const unread = (message: MessageRecord) =>
    isUnread(row, message, account) && !due.has(message.key) && !hidden.has(message.author);
  return newest.filter(unread).map(({ key }) => key);
}

/**
 * The newest words of the others that were read here and of which their authors were told, or should have been. What was read
 * before receipts were turned on is told by nobody.
 */
export async function readAndTold(context: Context, row: ConversationRecord): Promise<readonly MessageId[]> {
  const { account } = await me(context);
  const due = new Set(row.readsDue);
  const newest = await context.storage.ofConversation("messages", row.key, { limit: maxReadMessages });
  const isTold = (one: MessageRecord) =>
    isTheirs(one, account) && !isUnread(row, one, account) && !due.has(one.key) && one.order > (row.receiptsFrom ?? "");
  return newest.filter(isTold).map(({ key }) => key);
}

const nobody: ReadonlySet<AccountId> = new Set();

/** Whose words are not shown in groups. */
export async function blockedPeople(reader: Reader): Promise<ReadonlySet<AccountId>> {
  return new Set((await reader.all("contacts")).filter(({ state }) => state === "blocked").map(({ key }) => key));
}

/** Words of others that were not read here. `own`: this person. */
export function isUnread({ readUpTo, readAtMs }: ConversationRecord, message: MessageRecord, own: AccountId): boolean {
  // What was written before the newest words read here, and came after them, has not been read either.
  return isTheirs(message, own) && (message.order > readUpTo || message.receivedAtMs >= readAtMs);
}

/** What was shared of the time before this person came counts for nobody as unread. */
export function isTheirs({ author, body, sharedBy }: MessageRecord, own: AccountId): boolean {
  return author !== own && sharedBy === undefined && (body.kind === "text" || body.kind === "unknown");
}

type Edit = (row: ConversationRecord) => ConversationRecord | Promise<ConversationRecord>;

function change(context: Context, id: ConversationId, edit: Edit): Written {
  return context.turns(id, async () => {
    const row = await context.storage.get("conversations", id);
    if (row === undefined) return done;
    const edited = await edit(row);
    return edited === row ? done : commit(context, { changes: [{ kind: "put", table: "conversations", row: edited }] });
  });
}

export async function setVerified(context: Context, account: AccountId, verified: boolean): Written {
  return withPerson(context, account, async () => {
    const contact = await context.storage.get("contacts", account);
    if (contact === undefined) return done;
    return commit(context, { changes: [{ kind: "put", table: "contacts", row: { ...contact, verified } }] });
  });
}

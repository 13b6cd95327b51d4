/** Deciding about a stranger's request (§5.4), and forgetting a conversation with everything that was said in it. */

import type { AccountId, ConversationId } from "../lang/brand.ts";
import { done, type Result } from "../lang/result.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { ContactRecord } from "../ports/people-records.ts";
import type { Change } from "../ports/storage.ts";
import { type Context, commit, conversationWithContact, me, withPerson } from "./context.ts";
import type { WriteFaultView } from "./face.ts";
import { sendQuiet } from "./send.ts";

/** Answers whether the conversation lives on. An answer to what is no request changes nothing. */
export async function answerRequest(
  context: Context,
  id: ConversationId,
  answer: "accept" | "block" | "delete",
): Promise<Result<void, WriteFaultView>> {
  const account = (await context.storage.get("conversations", id))?.contact;
  if (account === undefined) return done;
  return withPerson(context, account, async () => {
    const found = await conversationWithContact(context, id);
    const contact = found.ok ? found.value.contact : undefined;
    if (!found.ok || contact === undefined) return done;
    if (answer === "accept") {
      if (contact.state !== "requested") return done;
      // In one batch: whoever is accepted hears of it, whatever happens next.
      const accepted: Change = { kind: "put", table: "contacts", row: { ...contact, state: "accepted" } };
      const profile = await me(context);
      return sendQuiet(context, id, { kind: "profile", name: profile.name, nodes: profile.nodes }, () => [accepted]);
    }
    const forget = await forgetPerson(context, contact.key);
    const last: Change =
      answer === "block"
        ? { kind: "put", table: "contacts", row: { ...contact, state: "blocked" } }
        : await forgotten(context, contact);
    return commit(context, { changes: [...forget, last] });
  });
}

/** Who is in a group with this person stays known from there. */
async function forgotten(context: Context, contact: ContactRecord): Promise<Change> {
  const isInGroup = (await context.storage.all("conversations")).some(({ group }) =>
    group?.people.some(({ account }) => account === contact.key),
  );
  return isInGroup
    ? { kind: "put", table: "contacts", row: { ...contact, state: "stranger" } }
    : { kind: "delete", table: "contacts", key: contact.key };
}

/** Every conversation with them: two arise when both open each other's invites. */
async function forgetPerson(context: Context, account: AccountId): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for (const conversation of await context.storage.all("conversations")) {
    if (conversation.contact === account) changes.push(...(await forgetConversation(context, conversation)));
  }
  return changes;
}

/** Everything of a conversation: keys, words, what waits, and its place at the node. */
export async function forgetConversation(
  context: Context,
  conversation: ConversationRecord,
): Promise<readonly Change[]> {
  const id = conversation.key;
  const messages = await context.storage.ofConversation("messages", id);
  const waiting = await context.storage.ofConversation("outbox", id);
  const topics = (await context.storage.all("topics")).filter(
    ({ purpose }) => purpose.kind !== "invite" && purpose.conversation === id,
  );
  const seen = (await context.storage.all("seen")).filter((row) => row.conversation === id);
  return [
    ...seen.map(({ key }): Change => ({ kind: "delete", table: "seen", key })),
    { kind: "delete", table: "conversations", key: id },
    { kind: "delete", table: "groups", key: id },
    ...messages.map(({ key }): Change => ({ kind: "delete", table: "messages", key })),
    ...waiting.map(({ key }): Change => ({ kind: "delete", table: "outbox", key })),
    ...topics.map(({ key }): Change => ({ kind: "delete", table: "topics", key })),
  ];
}

/** The reply's slot was taken by somebody else: the conversation stays, with the words in it, and says so. */
export function replyTooLate(context: Context, reply: OutboxRecord): Promise<void> {
  return context.turns(reply.conversation, async () => {
    const found = await conversationWithContact(context, reply.conversation);
    if (!found.ok || found.value.contact === undefined) return;
    const waiting = await context.storage.ofConversation("outbox", reply.conversation);
    await commit(context, {
      changes: [
        { kind: "put", table: "contacts", row: { ...found.value.contact, state: "invite-used" } },
        { kind: "delete", table: "topics", key: reply.topic },
        ...waiting.map(({ key }): Change => ({ kind: "delete", table: "outbox", key })),
      ],
    });
  });
}

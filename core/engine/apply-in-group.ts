/**
 * What content changes in a group (§13.10), where most who speak may be strangers: nothing of it makes them more than that.
 * Writes nothing.
 */

import { observe } from "../conversation/clock.ts";
import { rankOf, ranks } from "../conversation/group-rights.ts";
import { lineIdOf } from "../conversation/order.ts";
import type { Member } from "../group/state.ts";
import type { AccountId } from "../lang/brand.ts";
import { assertNever } from "../lang/result.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupOfConversation } from "../ports/group-of-conversation.ts";
import type { MessageRecord } from "../ports/message-record.ts";
import type { Change } from "../ports/storage.ts";
import type { Content } from "../wire/content.ts";
import type { GroupInvite } from "../wire/content-group.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import { type Applied, nothingSaid, orderIn, toldChanges } from "./apply-content.ts";
import { type Context, me } from "./context.ts";
import { inviteTold } from "./group-links.ts";
import { offerChanges } from "./history-take.ts";
import { leaveNoted } from "./leave-noted.ts";
import { noCopies } from "./message-row.ts";
import { ownerConfirmNoted, ownerGoneNoted, ownerIsHere } from "./owner-missed.ts";
import { removalChanges } from "./removal.ts";
import { saidChanges, withNumber, withoutWaiting } from "./said.ts";

type InGroup = ConversationRecord & { readonly group: GroupOfConversation };

/**
 * The group in the epoch in which something was sealed: by its facts it is judged (§13.10), so that it does not matter what a
 * device had read by then.
 */
export interface GroupThen {
  readonly facts: GroupFacts;
  readonly members: readonly Member[];
}

/** Whatever the owner says ends what is said of their being gone (§13.13). */
export async function applyInGroup(
  context: Context,
  conversation: InGroup,
  content: Content,
  sender: Member,
  then: GroupThen,
): Promise<Applied> {
  const here = await ownerIsHere(context, conversation, sender.credential.account);
  if (here === undefined) return applied(context, conversation, content, sender, then);
  const { changes, acknowledge } = await applied(context, here.conversation, content, sender, then);
  const ended: readonly Change[] = [...here.changes, { kind: "put", table: "conversations", row: here.conversation }];
  return { changes: [...ended, ...changes], acknowledge };
}

async function applied(
  context: Context,
  conversation: InGroup,
  content: Content,
  sender: Member,
  then: GroupThen,
): Promise<Applied> {
  const { body } = content;
  const { account, device } = sender.credential;
  // With keys of an epoch that is over, by somebody who is gone.
  if (!conversation.group.people.some(({ devices }) => devices.includes(device))) return nothingSaid;
  switch (body.kind) {
    case "text":
    case "unknown":
      return {
        changes: await saidChanges(context, conversation, content, sender, body, then),
        acknowledge: true,
      };
    case "profile":
      return { changes: await named(context, body.name, orderIn(content, sender), sender), acknowledge: false };
    case "delivered":
    case "read":
      return { changes: await toldChanges(context, conversation, body, sender), acknowledge: false };
    case "have":
      context.heardHave(conversation.key, device, body.have);
      return nothingSaid;
    case "leave": {
      const statement = { account, device, signature: body.signature };
      const noted = await leaveNoted(context, conversation, statement);
      return numbered(context, noted.conversation, content, sender, noted.changes);
    }
    case "remove-message": {
      const removed = await removalChanges(context, conversation, content, sender, body.message, then);
      return numbered(context, removed.conversation, content, sender, removed.changes);
    }
    case "history-offer": {
      const heard = await offerChanges(context, conversation, body, sender);
      return numbered(context, heard.conversation, content, sender, heard.changes);
    }
    case "owner-gone": {
      const noted = await ownerGoneNoted(context, conversation, content, sender, body, then.facts);
      return numbered(context, noted.conversation, content, sender, noted.changes);
    }
    case "owner-confirm": {
      const noted = await ownerConfirmNoted(context, conversation, content, sender, body, then.facts);
      return numbered(context, noted, content, sender, []);
    }
    // Who has its words knows it by its id, and keeps them.
    case "unsaid":
      return numbered(context, conversation, content, sender, []);
    case "not-for": {
      if (body.device !== (await me(context)).device) return nothingSaid;
      const row = withoutWaiting(conversation, device, body.ranges);
      const put = { kind: "put", table: "conversations", row } as const;
      return { changes: row === conversation ? [] : [put], acknowledge: false };
    }
    case "report":
      return reported(context, conversation, content, sender, body);
    case "group-invite":
      return numbered(context, conversation, content, sender, await linkTold(context, conversation, body, account));
    // Between two people only. Where a group is kept is in nobody's hands alone.
    case "nodes":
    case "keeper":
    case "key-packages":
    case "there":
    case "leaf-wanted":
      return { changes: [], acknowledge: body.kind === "nodes" };
    default:
      return assertNever(body);
  }
}

/**
 * Shown to whoever may do something about it, and not to whom it is about (§13.10). Everybody else's device has it and says
 * nothing.
 */
async function reported(
  context: Context,
  conversation: InGroup,
  content: Content,
  sender: Member,
  { message: id, text: words }: Extract<Content["body"], { kind: "report" }>,
): Promise<Applied> {
  const { account } = await me(context);
  const message = await context.storage.get("messages", id);
  if (rankOf(conversation.group.facts, account) < ranks.admin || message?.author === account)
    return numbered(context, conversation, content, sender, []);
  const { device, account: author } = sender.credential;
  const row: MessageRecord = {
    key: lineIdOf(device, content.id, "said"),
    conversation: conversation.key,
    order: orderIn(content, sender),
    author,
    authorDevice: device,
    sentAtMs: content.clockMs,
    receivedAtMs: context.clock.now(),
    number: 0,
    body: { kind: "reported", words, message: id },
    ...noCopies,
  };
  return numbered(context, conversation, content, sender, [{ kind: "put", table: "messages", row }]);
}

/** For owner and admins only, and from them only: nobody else's device keeps it. */
async function linkTold(
  context: Context,
  conversation: InGroup,
  invite: GroupInvite,
  by: AccountId,
): Promise<readonly Change[]> {
  const { facts } = conversation.group;
  const { account } = await me(context);
  const isForMe = rankOf(facts, by) >= ranks.admin && rankOf(facts, account) >= ranks.admin;
  return isForMe ? inviteTold(context, conversation, invite) : [];
}

/** Something with a number, besides what it changed already. */
async function numbered(
  context: Context,
  conversation: ConversationRecord,
  content: Content,
  { credential }: Member,
  changes: readonly Change[],
): Promise<Applied> {
  const time = observe(conversation, content, context.clock.now());
  const row = await withNumber(context, { ...conversation, ...time }, content.number, credential.device);
  return { changes: [...changes, { kind: "put", table: "conversations", row }], acknowledge: true };
}

/** Contacts say it in the conversation with them, along with where they look for mail. */
async function named(
  context: Context,
  name: string,
  order: string,
  { credential }: Member,
): Promise<readonly Change[]> {
  const contact = await context.storage.get("contacts", credential.account);
  if (contact === undefined || contact.state === "accepted" || contact.state === "requested") return [];
  if (order <= contact.profileOrder) return [];
  return [{ kind: "put", table: "contacts", row: { ...contact, name, profileOrder: order } }];
}

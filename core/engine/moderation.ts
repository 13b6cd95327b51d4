/** What a person does about a message of a group (§13.10): takes it away for everybody, or reports it to those who may. */

import type { ConversationId, MessageId } from "../lang/brand.ts";
import { done, err, type Result } from "../lang/result.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupOfConversation } from "../ports/group-of-conversation.ts";
import type { MessageRecord } from "../ports/message-record.ts";
import { maxReportCharacters } from "../wire/bounds.ts";
import { checkText } from "../wire/content.ts";
import { actSaid } from "./act-said.ts";
import { type Context, commit, me } from "./context.ts";
import type { GroupFault } from "./group-face.ts";
import { removedBy } from "./removal.ts";
import { isOpenTo } from "./who-may-write.ts";

type Kick = (id: ConversationId) => void;

export function removeMessage(context: Context, id: MessageId, kick: Kick): Promise<Result<void, GroupFault>> {
  return about(context, id, kick, async (conversation, message) => {
    const { account } = await me(context);
    if (message.body.kind === "removed") return done;
    const removed = await removedBy(context, conversation, message, account, conversation.group.facts);
    if (removed.changes.length === 0) return err("not-allowed");
    const said = await actSaid(context, removed.conversation, { kind: "remove-message", message: id });
    return commit(context, {
      expect: said.batch.expect,
      changes: [
        ...said.batch.changes,
        ...removed.changes,
        { kind: "put", table: "conversations", row: said.conversation },
      ],
    });
  });
}

/** `words`: why, "" for nothing. */
export function reportMessage(
  context: Context,
  id: MessageId,
  words: string,
  kick: Kick,
): Promise<Result<void, GroupFault>> {
  return about(context, id, kick, async (conversation, { author, body }) => {
    const { account } = await me(context);
    if (author === account || (body.kind !== "text" && body.kind !== "unknown")) return err("not-allowed");
    const text = checkText(words);
    const why = text.ok ? text.value.slice(0, maxReportCharacters) : "";
    const said = await actSaid(context, conversation, { kind: "report", message: id, text: why });
    return commit(context, {
      expect: said.batch.expect,
      changes: [...said.batch.changes, { kind: "put", table: "conversations", row: said.conversation }],
    });
  });
}

type InGroup = ConversationRecord & { readonly group: GroupOfConversation };

async function about(
  context: Context,
  id: MessageId,
  kick: Kick,
  act: (conversation: InGroup, message: MessageRecord) => Promise<Result<void, GroupFault>>,
): Promise<Result<void, GroupFault>> {
  const where = (await context.storage.get("messages", id))?.conversation;
  if (where === undefined) return err("no-such-conversation");
  const acted = await context.turns(where, async (): Promise<Result<void, GroupFault>> => {
    const message = await context.storage.get("messages", id);
    const conversation = await context.storage.get("conversations", where);
    if (message === undefined || conversation?.group === undefined) return err("no-such-conversation");
    if (!(await isOpenTo(context, conversation))) return err("not-allowed");
    return act({ ...conversation, group: conversation.group }, message);
  });
  if (acted.ok) kick(where);
  return acted;
}

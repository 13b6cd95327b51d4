/** What an application does with groups (PROTOCOL.md §13). Decides nothing itself. */

import type { ConversationId } from "../lang/brand.ts";
import { done, err, type Result } from "../lang/result.ts";
import { type Context, commit } from "./context.ts";
import type { Engine } from "./engine.ts";
import type { GroupFault, GroupMessenger, WriteFaultView } from "./face.ts";
import { forkGroup } from "./group-copy.ts";
import { createNewGroup } from "./group-create.ts";
import { askedView, cancelAsked } from "./group-link-asked.ts";
import { createGroupLink, withdrawGroupLink } from "./group-links.ts";
import { cancelChange, orderChange } from "./group-order.ts";
import { answerRequestOf } from "./group-requests.ts";
import { namesView, setBlocked, setKnownAs } from "./known-people.ts";
import { removeMessage, reportMessage } from "./moderation.ts";
import { forgetConversation } from "./request.ts";

export function createGroups({
  context,
  afterwards,
  background,
  kick,
  leaving,
  links,
  publish,
  succession,
}: Engine): GroupMessenger {
  return {
    names: () => namesView(context),
    async createGroup(choice) {
      const made = await afterwards(createNewGroup(context, choice));
      if (made.ok) kick(made.value);
      return made;
    },
    async forkGroup(id, choice, watch) {
      const made = await afterwards(forkGroup(context, id, choice, watch));
      if (made.ok) kick(made.value);
      return made;
    },
    async changeGroup(id, act) {
      const ordering = orderChange(context, id, act);
      // A move connects to the new nodes first.
      const ordered = await (act.kind === "move" ? afterwards(ordering) : ordering);
      if (ordered.ok) kick(id);
      return ordered;
    },
    // A node that was asked for a move alone is let go.
    cancelChange: (id, change) => afterwards(cancelChange(context, id, change)),
    leaveGroup: (id) => afterwards(leaving.leave(id)),
    deleteGroup: (id) => afterwards(deleteGroup(context, id)),
    setMuted: (id, on) => setMuted(context, id, on),
    async createGroupInvite(id, choice) {
      const made = await afterwards(createGroupLink(context, id, choice));
      if (!made.ok) return made;
      kick(id);
      await publish();
      return made;
    },
    async withdrawGroupInvite(id, invite) {
      const withdrawn = await afterwards(withdrawGroupLink(context, id, invite));
      if (withdrawn.ok) kick(id);
      background(publish());
      return withdrawn;
    },
    async answerJoinRequest(id, account, letIn) {
      const answered = await answerRequestOf(context, id, account, letIn);
      if (answered.ok) kick(id);
      if (!letIn) background(publish());
      return answered;
    },
    asked: askedView(context),
    async cancelAsked(id) {
      const cancelled = await afterwards(cancelAsked(context, id));
      background(publish().then(() => afterwards(Promise.resolve())));
      return cancelled;
    },
    proposeOwner: (id, next) => succession.propose(id, next),
    agreeOwner: (id) => succession.agree(id),
    withdrawOwnerProposal: (id) => succession.withdraw(id),
    removeMessage: (id) => removeMessage(context, id, kick),
    reportMessage: (id, words) => reportMessage(context, id, words, kick),
    async setBlocked(account, on) {
      const written = await setBlocked(context, account, on);
      if (written.ok && on) links.dropPerson(account);
      return written;
    },
    setKnownAs: (account, name) => setKnownAs(context, account, name),
  };
}

/** One that is over for this person: what was said goes, nobody is told. */
function deleteGroup(context: Context, id: ConversationId): Promise<Result<void, GroupFault>> {
  return context.turns(id, async () => {
    const conversation = await context.storage.get("conversations", id);
    if (conversation?.group === undefined) return err("no-such-conversation");
    if (conversation.group.standing.kind === "member") return err("not-allowed");
    return commit(context, { changes: await forgetConversation(context, conversation) });
  });
}

function setMuted(context: Context, id: ConversationId, muted: boolean): Promise<Result<void, WriteFaultView>> {
  return context.turns(id, async () => {
    const row = await context.storage.get("conversations", id);
    if (row === undefined || row.muted === muted) return done;
    return commit(context, { changes: [{ kind: "put", table: "conversations", row: { ...row, muted } }] });
  });
}

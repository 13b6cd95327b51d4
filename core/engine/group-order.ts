/** Ordering a change of a group (§13.3): refused at once where it cannot be, else it waits with the others for its turn. */

import type { Act, GroupAct } from "../conversation/group-acts.ts";
import { permissions, rankOf, ranks } from "../conversation/group-rights.ts";
import { isSameNodes, isSameRules } from "../conversation/role-change.ts";
import type { AccountId, ConversationId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import { assertNever, done, err, ok, type Result } from "../lang/result.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupOfConversation } from "../ports/group-of-conversation.ts";
import type { Change } from "../ports/storage.ts";
import { maxNodesOfConversation, maxPeopleOfGroup, maxSlowModeS } from "../wire/bounds.ts";
import { checkDescription, checkGroupName, isEmoji } from "../wire/group-text.ts";
import { readNodeUrls } from "../wire/node-urls.ts";
import { wantedOf } from "./commits.ts";
import { type Context, commit, me } from "./context.ts";
import type { GroupFault, WriteFaultView } from "./face.ts";
import { presentPeople } from "./talking.ts";
import { isOpenTo } from "./who-may-write.ts";

const idLength = 16;

/** Its turn comes when the commits of the conversation are looked at. */
export function orderChange(context: Context, id: ConversationId, wish: GroupAct): Promise<Result<void, GroupFault>> {
  return context.turns(id, async () => {
    const conversation = await context.storage.get("conversations", id);
    if (conversation?.group === undefined) return err("no-such-conversation");
    if (!(await isOpenTo(context, conversation))) return err("not-allowed");
    const { account } = await me(context);
    const act = await inOrder(context, conversation.group, wish, account);
    if (!act.ok) return act;
    const fault = faultOf(conversation.group, act.value, account);
    if (fault !== undefined) return err(fault);
    return commit(context, { changes: [await changeRow(context, conversation, act.value)] });
  });
}

/** The last in the line. */
export async function changeRow(context: Context, { key }: ConversationRecord, act: Act): Promise<Change> {
  const place = 1 + Math.max(0, ...(await wantedOf(context, key)).map((one) => one.place));
  const id = toHex(context.random.bytes(idLength));
  const row = { key: id, conversation: key, act, place, sinceMs: context.clock.now() };
  return { kind: "put", table: "changes", row };
}

/** What a node may have already comes into force or ends by itself. */
export function cancelChange(context: Context, id: ConversationId, key: string): Promise<Result<void, WriteFaultView>> {
  return context.turns(id, async () => {
    const change = await context.storage.get("changes", key);
    const pending = (await context.storage.get("groups", id))?.pending;
    if (change?.conversation !== id || pending?.change === key) return done;
    return commit(context, { changes: [{ kind: "delete", table: "changes", key }] });
  });
}

/** Texts as they go into the group; of the persons those who are not there. */
async function inOrder(
  context: Context,
  { people }: GroupOfConversation,
  act: GroupAct,
  own: AccountId,
): Promise<Result<GroupAct, GroupFault>> {
  switch (act.kind) {
    case "add": {
      const wanted = [...new Set(act.people)].filter((account) => !people.some((one) => one.account === account));
      if (wanted.length === 0) return err(act.people.length === 0 ? "people" : "no-change");
      for (const account of wanted) {
        const contact = await context.storage.get("contacts", account);
        if (account === own || contact?.state !== "accepted") return err("people");
      }
      return people.length + wanted.length > maxPeopleOfGroup ? err("too-many") : ok({ ...act, people: wanted });
    }
    case "rename": {
      const name = checkGroupName(act.name);
      return name.ok ? ok({ ...act, name: name.value }) : err("name");
    }
    case "describe": {
      const description = checkDescription(act.description);
      return description.ok ? ok({ ...act, description: description.value }) : err("description");
    }
    case "picture":
      return isEmoji(act.emoji) ? ok(act) : err("emoji");
    case "rules": {
      const { slowModeS } = act.rules;
      return Number.isInteger(slowModeS) && slowModeS >= 0 && slowModeS <= maxSlowModeS ? ok(act) : err("not-allowed");
    }
    case "move":
      return readNodeUrls(act.nodes, 1, maxNodesOfConversation) === undefined ? err("nodes") : ok(act);
    case "remove":
    case "role":
    case "hand-over":
      return ok(act);
    default:
      return assertNever(act);
  }
}

function faultOf(group: GroupOfConversation, act: GroupAct, account: AccountId): GroupFault | undefined {
  const { facts } = group;
  const here = presentPeople(group).map((person) => person.account);
  const rights = permissions(facts, here, account);
  switch (act.kind) {
    case "add":
      return rights.add ? undefined : "not-allowed";
    case "remove":
      return rights.remove.includes(act.account) ? undefined : "not-allowed";
    case "role":
    case "hand-over": {
      if (!rights.appoint || act.account === account) return "not-allowed";
      if (!here.includes(act.account)) return "people";
      const rank = act.kind === "hand-over" ? ranks.owner : ranks[act.role];
      return rankOf(facts, act.account) === rank ? "no-change" : undefined;
    }
    case "rename":
      return rights.edit ? same(facts.name === act.name) : "not-allowed";
    case "describe":
      return rights.edit ? same(facts.description === act.description) : "not-allowed";
    case "picture":
      return rights.edit ? same(facts.emoji === act.emoji) : "not-allowed";
    case "rules":
      return rights.edit ? same(isSameRules(facts, act.rules)) : "not-allowed";
    case "move":
      return rights.edit ? same(isSameNodes(facts.nodes, act.nodes)) : "not-allowed";
    default:
      return assertNever(act);
  }
}

const same = (isSame: boolean): GroupFault | undefined => (isSame ? "no-change" : undefined);

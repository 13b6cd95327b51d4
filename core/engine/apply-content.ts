/**
 * What opened content changes in a conversation besides its keys: a message in the timeline, a name, marks. Writes nothing;
 * the changes go into one batch with the group step. What is of groups alone is in `apply-in-group`.
 */

import { observe } from "../conversation/clock.ts";
import { orderOf } from "../conversation/order.ts";
import type { EpochThen } from "../group/open-in-group.ts";
import type { Member } from "../group/state.ts";
import type { NodeUrl } from "../lang/brand.ts";
import { assertNever } from "../lang/result.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { ContactRecord } from "../ports/people-records.ts";
import type { Change } from "../ports/storage.ts";
import type { Content } from "../wire/content.ts";
import { acknowledgedChanges, readChanges } from "./acknowledge.ts";
import { applyInGroup } from "./apply-in-group.ts";
import { type Context, me } from "./context.ts";
import { packagesTaken } from "./key-stock.ts";
import { readElsewhere } from "./reading.ts";
import { saidChanges } from "./said.ts";

/** What content changes besides the keys; `acknowledge`: its author waits to hear that it arrived. */
export interface Applied {
  readonly changes: readonly Change[];
  readonly acknowledge: boolean;
}
export const nothingSaid: Applied = { changes: [], acknowledge: false };

/** `then`: of a group, the epoch in which it was sealed. */
export async function applyContent(
  context: Context,
  conversation: ConversationRecord,
  content: Content,
  sender: Member,
  then?: EpochThen,
): Promise<Applied> {
  const { group } = conversation;
  if (group !== undefined) {
    const facts = then?.context.kind === "group" ? then.context.facts : group.facts;
    return applyInGroup(context, { ...conversation, group }, content, sender, { facts, members: then?.members ?? [] });
  }
  const contact = await context.storage.get("contacts", sender.credential.account);
  const heard: readonly Change[] =
    contact !== undefined && !contact.answered
      ? [{ kind: "put", table: "contacts", row: { ...contact, answered: true } }]
      : [];
  const { body } = content;
  switch (body.kind) {
    case "text":
    case "unknown": {
      const changes = await saidChanges(context, conversation, content, sender, body);
      return { changes: [...heard, ...changes], acknowledge: true };
    }
    case "profile":
      return { changes: introduced(contact, body, orderIn(content, sender)), acknowledge: false };
    case "delivered":
    case "read":
      return { changes: [...(await toldChanges(context, conversation, body, sender)), ...heard], acknowledge: false };
    case "nodes":
      return moved(context, conversation, content, body.nodes, orderIn(content, sender));
    case "have":
      context.heardHave(conversation.key, sender.credential.device, body.have);
      return { changes: heard, acknowledge: false };
    case "keeper": {
      const order = orderIn(content, sender);
      if (contact === undefined || order <= contact.keeperOrder) return { changes: heard, acknowledge: false };
      const row: ContactRecord = { ...contact, answered: true, keeper: body.on, keeperOrder: order };
      return { changes: [{ kind: "put", table: "contacts", row }], acknowledge: false };
    }
    case "key-packages": {
      const taken =
        conversation.kind === "direct" && contact !== undefined
          ? await packagesTaken(context, contact, sender, body.packages)
          : [];
      return { changes: [...heard, ...taken], acknowledge: false };
    }
    // Of groups: between two people they change nothing.
    case "leave":
    case "group-invite":
    case "remove-message":
    case "report":
    case "history-offer":
    case "owner-gone":
    case "owner-confirm":
    case "unsaid":
    case "not-for":
      return { changes: heard, acknowledge: false };
    case "there":
    case "leaf-wanted":
      if (contact?.state === "accepted") context.heardOfGroups(conversation.key, sender.credential, body);
      return { changes: heard, acknowledge: false };
    default:
      return assertNever(body);
  }
}

export function orderIn(content: Content, { credential }: Member): string {
  return orderOf(content, credential.device, content.id);
}

/** What an older profile says that comes later, from another node, is over. */
function introduced(
  contact: ContactRecord | undefined,
  { name, nodes }: { readonly name: string; readonly nodes: readonly NodeUrl[] },
  order: string,
): readonly Change[] {
  if (contact === undefined) return [];
  const said = order > contact.profileOrder ? { name, nodes, profileOrder: order } : {};
  return [{ kind: "put", table: "contacts", row: { ...contact, ...said, answered: true } }];
}

/** Of several moves the newest counts, on every device alike. Its author waits to hear of it: till then some look elsewhere. */
function moved(
  context: Context,
  conversation: ConversationRecord,
  content: Content,
  nodes: readonly NodeUrl[],
  order: string,
): Applied {
  if (order <= conversation.nodesOrder) return { changes: [], acknowledge: true };
  context.moved(conversation.key);
  const time = observe(conversation, content, context.clock.now());
  return {
    changes: [{ kind: "put", table: "conversations", row: { ...conversation, ...time, nodes, nodesOrder: order } }],
    acknowledge: true,
  };
}

/** What somebody says of this device's envelopes and messages, or this person on another device of what they read. */
export async function toldChanges(
  context: Context,
  conversation: ConversationRecord,
  body: Extract<Content["body"], { kind: "delivered" | "read" }>,
  { credential: { account, device } }: Member,
): Promise<readonly Change[]> {
  const { key } = conversation;
  if (body.kind === "read" && account === (await me(context)).account) {
    const row = await readElsewhere(context, conversation, body.messages);
    const here: readonly Change[] = row === conversation ? [] : [{ kind: "put", table: "conversations", row }];
    return [...here, ...(await readChanges(context, key, body.messages, device))];
  }
  if (body.kind === "read") return readChanges(context, key, body.messages, device);
  const changes: Change[] = [];
  for (const hash of body.hashes) changes.push(...(await acknowledgedChanges(context, key, hash, device, "delivered")));
  for (const hash of body.refused) changes.push(...(await acknowledgedChanges(context, key, hash, device, "refused")));
  return changes;
}

/**
 * What opened content changes in a conversation besides its keys: a message in the timeline, a name, marks. Writes nothing;
 * the changes go into one batch with the group step (DESIGN §6).
 */

import { observe } from "../conversation/clock.ts";
import { messageIdOf, orderOf } from "../conversation/order.ts";
import { include } from "../conversation/ranges.ts";
import type { Member } from "../group/state.ts";
import type { NodeUrl } from "../lang/brand.ts";
import { assertNever } from "../lang/result.ts";
import type { ContactRecord, ConversationRecord, MessageBody } from "../ports/records.ts";
import type { Change } from "../ports/storage.ts";
import type { Content } from "../wire/content.ts";
import { acknowledgedChanges, readChanges } from "./acknowledge.ts";
import type { Context } from "./context.ts";
import { packagesTaken } from "./key-stock.ts";
import { preview } from "./send.ts";

/** What content changes besides the keys; `acknowledge`: its author waits to hear that it arrived. */
export interface Applied {
  readonly changes: readonly Change[];
  readonly acknowledge: boolean;
}
export const nothingSaid: Applied = { changes: [], acknowledge: false };

export async function applyContent(
  context: Context,
  conversation: ConversationRecord,
  content: Content,
  sender: Member,
): Promise<Applied> {
  const contact = await context.storage.get("contacts", sender.credential.account);
  const heard: readonly Change[] =
    contact !== undefined && !contact.answered
      ? [{ kind: "put", table: "contacts", row: { ...contact, answered: true } }]
      : [];
  const { body } = content;
  switch (body.kind) {
    case "text":
      return said(context, conversation, content, sender, { kind: "text", text: body.text }, heard);
    case "unknown":
      return said(context, conversation, content, sender, { kind: "unknown", raw: body.raw }, heard);
    case "profile":
      return { changes: introduced(contact, body, orderIn(content, sender)), acknowledge: false };
    case "delivered": {
      const changes = [];
      for (const hash of body.hashes)
        changes.push(
          ...(await acknowledgedChanges(context, conversation.key, hash, sender.credential.device, "delivered")),
        );
      for (const hash of body.refused)
        changes.push(
          ...(await acknowledgedChanges(context, conversation.key, hash, sender.credential.device, "refused")),
        );
      return { changes: [...changes, ...heard], acknowledge: false };
    }
    case "read": {
      const changes = await readChanges(context, conversation.key, body.messages, sender.credential.device);
      return { changes: [...changes, ...heard], acknowledge: false };
    }
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
      return { changes: heard, acknowledge: false };
    default:
      return assertNever(body);
  }
}

function orderIn(content: Content, { credential }: Member): string {
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

async function said(
  context: Context,
  conversation: ConversationRecord,
  content: Content,
  sender: Member,
  body: MessageBody,
  heard: readonly Change[],
): Promise<Applied> {
  const { device, account } = sender.credential;
  const key = messageIdOf(device, content.id);
  // Of this device, in a profile that forgot it (§11): nothing to read, and its number is not to be given again.
  const mine = account !== conversation.contact;
  const before = conversation.received[device] ?? [];
  const numbers = content.number === 0 ? before : include(before, content.number);
  const received = mine ? conversation.received : { ...conversation.received, [device]: numbers };
  // The same message in another envelope: said once already (invariant 5 scopes the id to its author).
  if ((await context.storage.get("messages", key)) !== undefined) {
    const noted: Change = { kind: "put", table: "conversations", row: { ...conversation, received } };
    return { changes: numbers === before ? [] : [noted], acknowledge: true };
  }
  const nowMs = context.clock.now();
  const order = orderOf(content, device, content.id);
  const isNewest = conversation.last === undefined || order > conversation.last.order;
  const text = body.kind === "text" ? preview(body.text) : "";
  return {
    acknowledge: true,
    changes: [
      ...heard,
      {
        kind: "put",
        table: "messages",
        row: {
          key,
          conversation: conversation.key,
          order,
          author: account,
          authorDevice: device,
          sentAtMs: content.clockMs,
          receivedAtMs: nowMs,
          number: content.number,
          body,
          deliveries: {},
          held: [],
          keepings: [],
          trouble: undefined,
        },
      },
      {
        kind: "put",
        table: "conversations",
        row: {
          ...conversation,
          ...observe(conversation, content, nowMs),
          received,
          sentNumber: mine ? Math.max(conversation.sentNumber, content.number) : conversation.sentNumber,
          // Whatever its place: what was written before my newest words and came after them has not been read either.
          unread: mine ? conversation.unread : conversation.unread + 1,
          // A clock that runs ahead must not keep this chat on top.
          last: isNewest ? { order, text, mine, atMs: Math.min(content.clockMs, nowMs) } : conversation.last,
        },
      },
    ],
  };
}

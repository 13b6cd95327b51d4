/**
 * Saying once more where a conversation is kept (§12): with new keys, and to who still says something where it was before.
 * A profile that is an earlier copy of itself has forgotten the move, and would be heard nowhere.
 */

import { clockOf, countOf, orderOf } from "../conversation/order.ts";
import type { ConversationId, DeviceId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { type Content, decodeContent, encodeContent } from "../wire/content.ts";
import { type Context, commit, conversationWithContact, me } from "./context.ts";
import type { Carried } from "./seal.ts";
import { sealOrWait } from "./send.ts";

interface Again {
  readonly content: Content;
  readonly row: Carried;
}

/**
 * With the clock of the move itself, so that it is no newer than what was said since. To wherever the other side may look.
 * `undefined`: it was never moved, or what says so still waits.
 */
export async function nodesAgain(
  context: Context,
  { key, contact: account, nodes, nodesOrder }: ConversationRecord,
  topic: TopicRecord,
  device: DeviceId,
): Promise<Again | undefined> {
  if (nodesOrder === "" || (await context.waiting(key)).some(saysNodes)) return undefined;
  const contact = account && (await context.storage.get("contacts", account));
  const time = { clockMs: clockOf(nodesOrder), clockCount: countOf(nodesOrder) };
  const id = toHex(context.random.bytes(8));
  const places = [...topic.places.map(({ node }) => node), ...(contact ? contact.nodes : [])];
  const alsoAt = [...new Set(places)].filter((node) => !nodes.includes(node));
  return {
    content: { id, ...time, number: 0, body: { kind: "nodes", nodes } },
    row: { order: orderOf(time, device, id), ends: "acknowledged", message: undefined, alsoAt },
  };
}

function saysNodes({ content }: OutboxRecord): boolean {
  const read = content && decodeContent(content);
  return read?.ok === true && read.value.body.kind === "nodes";
}

/** Whether there is something to be carried. */
export function sayNodesAgain(context: Context, id: ConversationId): Promise<boolean> {
  return context.turns(id, async () => {
    const found = await conversationWithContact(context, id);
    if (!found.ok || found.value.contact?.state !== "accepted") return false;
    const { conversation } = found.value;
    const topic = await context.storage.get("topics", conversation.topic);
    const { device } = await me(context);
    const again = topic && (await nodesAgain(context, conversation, topic, device));
    if (again === undefined) return false;
    return (await commit(context, await sealOrWait(context, conversation, encodeContent(again.content), again.row))).ok;
  });
}

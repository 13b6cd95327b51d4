/**
 * Keeping a conversation at other nodes (§12): said inside it, in use here at once and with the others when they hear of
 * it. What says so is left at the old nodes, at the new ones and where the others look besides.
 */

import { clockOf, countOf, orderOf } from "../conversation/order.ts";
import type { ConversationId, DeviceId, NodeUrl } from "../lang/brand.ts";
import { done, err, type Result } from "../lang/result.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import { maxNodesOfConversation } from "../wire/bounds.ts";
import { encodeContent } from "../wire/content.ts";
import { type Context, commit, conversationWithContact, me } from "./context.ts";
import type { NodesFault } from "./face.ts";
import { nextContent } from "./own-content.ts";
import { sealOrWait } from "./send.ts";

/** Answers whether there is something to be carried. */
export function moveConversation(
  context: Context,
  id: ConversationId,
  nodes: readonly NodeUrl[],
): Promise<Result<void, NodesFault | "not-allowed">> {
  return context.turns(id, async () => {
    if (!areNodes(nodes)) return err("nodes");
    const found = await conversationWithContact(context, id);
    if (!found.ok || found.value.contact?.state !== "accepted") return err("not-allowed");
    const { conversation, contact } = found.value;
    if (conversation.nodes.join() === nodes.join()) return done;
    const { device } = await me(context);
    const { content, order } = nextContent(context, afterMove(conversation), device, { kind: "nodes", nodes });
    const alsoAt = [...new Set([...conversation.nodes, ...contact.nodes])].filter((node) => !nodes.includes(node));
    const row = { order, ends: "acknowledged", message: undefined, alsoAt } as const;
    const sealed = await sealOrWait(context, conversation, encodeContent(content), row);
    return commit(context, {
      expect: sealed.expect,
      changes: [
        ...sealed.changes,
        {
          kind: "put",
          table: "conversations",
          row: { ...conversation, nodes, nodesOrder: order },
        },
      ],
    });
  });
}

/**
 * Its clock where the last move is before it; else that move's. Whoever made that one may have had a clock far ahead, which
 * is not followed (§8), and a move that sorts before it would count here and nowhere else.
 */
function afterMove(conversation: ConversationRecord): ConversationRecord {
  const { nodesOrder } = conversation;
  if (nodesOrder === "" || nodesOrder < orderOf(conversation, "" as DeviceId, "")) return conversation;
  return { ...conversation, clockMs: clockOf(nodesOrder), clockCount: countOf(nodesOrder) };
}

export function areNodes(nodes: readonly NodeUrl[]): boolean {
  return nodes.length >= 1 && nodes.length <= maxNodesOfConversation && new Set(nodes).size === nodes.length;
}

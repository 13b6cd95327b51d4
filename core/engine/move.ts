/**
 * Keeping a conversation at other nodes (§12): said inside it, in use here at once and with the others when they hear of
 * it. What says so is left at the old nodes, at the new ones and where the others look besides.
 */

import type { ConversationId, NodeUrl } from "../lang/brand.ts";
import { done, err, type Result } from "../lang/result.ts";
import { maxNodesOfConversation } from "../wire/bounds.ts";
import { encodeContent } from "../wire/content.ts";
import { type Context, commit, conversationWithContact, me } from "./context.ts";
import type { NodesFault } from "./face.ts";
import { nextContent, sealOrWait } from "./send.ts";

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
    const { content, order } = nextContent(context, conversation, device, { kind: "nodes", nodes });
    const alsoAt = [...new Set([...conversation.nodes, ...contact.nodes])].filter((node) => !nodes.includes(node));
    const row = { order, ends: "acknowledged", message: undefined, alsoAt } as const;
    const sealed = await sealOrWait(context, conversation, contact, encodeContent(content), row);
    const { clockMs, clockCount } = content;
    return commit(context, {
      expect: sealed.expect,
      changes: [
        ...sealed.changes,
        {
          kind: "put",
          table: "conversations",
          row: { ...conversation, nodes, nodesOrder: order, clockMs, clockCount },
        },
      ],
    });
  });
}

export function areNodes(nodes: readonly NodeUrl[]): boolean {
  return nodes.length >= 1 && nodes.length <= maxNodesOfConversation && new Set(nodes).size === nodes.length;
}

/** The person's own nodes (§12): where their mail waits. Every accepted contact is told, in one batch with the change. */

import type { ConversationId, NodeUrl } from "../lang/brand.ts";
import { err, type Result } from "../lang/result.ts";
import type { Context } from "./context.ts";
import type { NodesFault } from "./face.ts";
import { areNodes } from "./move.ts";
import { changeProfile } from "./person.ts";

export async function setNodes(
  context: Context,
  nodes: readonly NodeUrl[],
  kick: (id: ConversationId) => void,
): Promise<Result<void, NodesFault>> {
  if (!areNodes(nodes)) return err("nodes");
  return changeProfile(context, { nodes }, kick);
}

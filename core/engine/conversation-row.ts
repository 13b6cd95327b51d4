/** A conversation in which nothing was said yet. */

import type { AccountId, ConversationId, NodeUrl, TopicId } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";

export function freshConversation(
  key: ConversationId,
  kind: ConversationRecord["kind"],
  contact: AccountId | undefined,
  topic: TopicId,
  nodes: readonly NodeUrl[],
  sinceMs: number,
): ConversationRecord {
  return {
    key,
    kind,
    contact,
    group: undefined,
    muted: false,
    topic,
    nodes,
    nodesOrder: "",
    healing: undefined,
    asker: undefined,
    draft: "",
    clockMs: 0,
    clockCount: 0,
    readUpTo: "",
    unread: 0,
    readAtMs: 0,
    readsDue: [],
    sentNumber: 0,
    received: {},
    newcomers: [],
    shared: undefined,
    last: undefined,
    sinceMs,
  };
}

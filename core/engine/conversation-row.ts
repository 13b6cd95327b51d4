/** A conversation in which nothing was said yet. */

import type { AccountId, ConversationId, TopicId } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/records.ts";

export function freshConversation(
  key: ConversationId,
  kind: "self" | "direct",
  contact: AccountId | undefined,
  topic: TopicId,
  sinceMs: number,
): ConversationRecord {
  return {
    key,
    kind,
    contact,
    topic,
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
    last: undefined,
    sinceMs,
  };
}

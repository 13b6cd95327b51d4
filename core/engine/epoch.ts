/** Finding the conversation and the epoch secret that a topic's link or signal speaks with (§7, §9). */

import type { AccountId, ConversationId, TopicId } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import type { Context } from "./context.ts";

export interface Speaking {
  readonly topic: TopicRecord;
  readonly conversation: ConversationRecord & { readonly contact: AccountId };
  readonly group: GroupRecord;
}

/** A direct conversation with an accepted contact, or `undefined`: nobody else is spoken with by links or signals. */
export async function speakingOn(context: Context, topicId: TopicId): Promise<Speaking | undefined> {
  const topic = await context.storage.get("topics", topicId);
  if (topic?.purpose.kind !== "conversation") return undefined;
  return speakingIn(context, topic.purpose.conversation);
}

export async function speakingIn(context: Context, id: ConversationId): Promise<Speaking | undefined> {
  const conversation = await context.storage.get("conversations", id);
  if (conversation?.contact === undefined) return undefined;
  const contact = await context.storage.get("contacts", conversation.contact);
  const topic = await context.storage.get("topics", conversation.topic);
  const group = await context.storage.get("groups", id);
  if (contact?.state !== "accepted" || topic === undefined || group === undefined) return undefined;
  return { topic, conversation: { ...conversation, contact: contact.key }, group };
}

export function secretOfEpoch(group: GroupRecord, epoch: number): Uint8Array | undefined {
  return group.epochSecrets.find((kept) => kept.epoch === epoch)?.secret;
}

/**
 * Whom a conversation is said to, between two people as in a group: its keys, its topic, and the devices that are to have what
 * is said now. Links, presence and nodes of others go by `epoch`, which knows accepted contacts only.
 */

import type { AccountId, ConversationId, DeviceId, TopicId } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupOfConversation, GroupPerson } from "../ports/group-of-conversation.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { type Context, me } from "./context.ts";
import { speakingIn } from "./epoch.ts";
import { devicesOf } from "./roster.ts";

export interface Talking {
  readonly topic: TopicRecord;
  readonly conversation: ConversationRecord;
  readonly group: GroupRecord;
}

/** With an accepted contact, or in a group that this person is a member of. `undefined`: nobody is told anything there. */
export async function talkingIn(context: Context, id: ConversationId): Promise<Talking | undefined> {
  const conversation = await context.storage.get("conversations", id);
  if (conversation?.group === undefined) return speakingIn(context, id);
  const topic = await context.storage.get("topics", conversation.topic);
  const group = await context.storage.get("groups", id);
  if (conversation.group.standing.kind !== "member" || topic === undefined || group === undefined) return undefined;
  return { topic, conversation, group };
}

export async function talkingOn(context: Context, topicId: TopicId): Promise<Talking | undefined> {
  const topic = await context.storage.get("topics", topicId);
  if (topic?.purpose.kind !== "conversation") return undefined;
  const talking = await talkingIn(context, topic.purpose.conversation);
  // Of a topic that was read before the group took another one.
  return talking?.topic.key === topicId ? talking : undefined;
}

/**
 * The devices that something said now is for. `undefined` where nobody else is there, or nobody is to be told any more: "Note
 * to self", a group that ended for this person, or in which they are alone.
 */
export async function audienceOf(
  context: Context,
  conversation: ConversationRecord,
): Promise<readonly DeviceId[] | undefined> {
  const { group } = conversation;
  if (group === undefined) {
    const contact = conversation.contact && (await context.storage.get("contacts", conversation.contact));
    return contact ? devicesOf(contact) : undefined;
  }
  if (group.standing.kind !== "member") return undefined;
  const { device } = await me(context);
  const devices = presentPeople(group).flatMap((person) => person.devices.filter((one) => one !== device));
  return devices.length === 0 ? undefined : devices;
}

/** Everybody but who said that they leave: they read nothing any more. */
export function presentPeople({ people }: GroupOfConversation): readonly GroupPerson[] {
  return people.filter(({ leaving }) => leaving === undefined);
}

/** Whose device it is, of those who are there. */
export function personWith({ people }: GroupOfConversation, device: DeviceId): AccountId | undefined {
  return people.find(({ devices }) => devices.includes(device))?.account;
}

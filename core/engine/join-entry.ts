/**
 * What begins on this device when it joins a group (§13.6): conversation, keys, topic, the people, the line that the others have
 * of it, and the own name, to be said once the topic was read. Nothing is checked or written here.
 */

import { observe } from "../conversation/clock.ts";
import { arrivalEvents } from "../conversation/group-events.ts";
import { putOutField } from "../conversation/put-out.ts";
import type { Joined } from "../group/join.ts";
import type { GroupView, Member } from "../group/state.ts";
import type { AccountId, ConversationId, DeviceId } from "../lang/brand.ts";
import { noBytes } from "../lang/bytes.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupOfConversation, GroupPerson } from "../ports/group-of-conversation.ts";
import type { ProfileRecord } from "../ports/people-records.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { encodeContent } from "../wire/content.ts";
import type { GroupContext } from "../wire/conversation-context.ts";
import type { GroupCard } from "../wire/group-card.ts";
import type { LeaveStatement } from "../wire/leave.ts";
import { deriveTopic } from "../wire/topic.ts";
import { eventRow, knownWith } from "./commit-in-force.ts";
import type { Context } from "./context.ts";
import { freshConversation } from "./conversation-row.ts";
import { firstGroupRecord } from "./group-step.ts";
import { numbersUsed } from "./have.ts";
import { nextContent } from "./own-content.ts";
import { freshPlace } from "./places.ts";
import { ownListChanges } from "./profile-row.ts";
import { receivedSince } from "./received-since.ts";
import { waitUnsealed } from "./seal.ts";
import { noticeRow } from "./successor.ts";

/** SignedDeviceList bytes by account. */
export type Lists = ReadonlyMap<AccountId, Uint8Array>;

/** What was checked of a Welcome, and what it leads to. */
export interface Entry {
  readonly id: ConversationRecord["key"];
  readonly profile: ProfileRecord;
  readonly joined: Joined;
  readonly view: GroupView & { readonly context: GroupContext };
  readonly card: GroupCard;
  readonly lists: Lists;
  /** From before, where this person was a member once. */
  readonly before: ConversationRecord | undefined;
  /** They did not want to come any more: they are in it, and leave. */
  readonly leaves: boolean;
  /** With a new leaf, into a group that this device had forgotten. */
  readonly isBack: boolean;
}

export async function entryChanges(context: Context, entry: Entry): Promise<readonly Change[]> {
  const { id, profile, joined, view, card, lists, before } = entry;
  const nowMs = context.clock.now();
  const { topic: key } = deriveTopic(card.topicSecret);
  // As all agreed, not as who lets them in says.
  const { nodes } = view.context.facts;
  const topic: TopicRecord = {
    key,
    secret: card.topicSecret,
    places: nodes.map(freshPlace),
    due: [],
    purpose: { kind: "conversation", conversation: id },
  };
  const people = peopleWith(view.members, card.leaves);
  const group: GroupOfConversation = {
    facts: view.context.facts,
    people: entry.leaves ? leavingFor(people, profile) : people,
    standing: { kind: "member" },
    ...putOutField(card.putOut),
  };
  const begun: ConversationRecord = {
    ...(before ?? freshConversation(id, "group", undefined, key, nodes, nowMs)),
    topic: key,
    nodes,
    nodesOrder: "",
    healing: undefined,
    asker: undefined,
    group,
    ...(await (entry.isBack ? countedOf(context, id, entry) : newcomerIn(entry, nowMs))),
    ...observe(before ?? { clockMs: 0, clockCount: 0 }, card.event, nowMs),
  };
  const body = { kind: "profile", name: profile.name, nodes: [] } as const;
  const { content, order } = nextContent(context, begun, profile.device, body);
  const others = view.members.filter(({ leaf }) => leaf !== view.own.leaf);
  const row = { ...begun, clockMs: content.clockMs, clockCount: content.clockCount };
  const devices = others.map(({ credential }) => credential.device);
  return [
    ...(await peopleChanges(context, profile, lists, card)),
    { kind: "put", table: "topics", row: topic },
    { kind: "put", table: "groups", row: await firstGroupRecord(id, joined.state, nowMs, card.marks) },
    ...arrivalChanges(context, begun, entry),
    waitUnsealed(context, begun, encodeContent(content), devices, { order, ends: "custody", message: undefined }),
    { kind: "put", table: "conversations", row },
    ...(entry.isBack ? [noticeRow(context, row, profile, nowMs)] : []),
  ];
}

type Counted = Pick<ConversationRecord, "came"> & Partial<Pick<ConversationRecord, "received" | "sentNumber">>;

function newcomerIn({ view }: Entry, atMs: number): Counted {
  return { came: { atMs, history: view.context.facts.history } };
}

/** Every number of the others counts, and what they have of this device is not given again. */
async function countedOf(context: Context, key: ConversationId, { card, view, before }: Entry): Promise<Counted> {
  const known = before ?? { received: {}, sentNumber: 0 };
  const others = view.members.filter(({ leaf }) => leaf !== view.own.leaf);
  const used = await numbersUsed(context, { key, sentNumber: known.sentNumber }, card.have);
  const received = await receivedSince(context, { key, received: known.received }, others);
  return {
    came: { atMs: context.clock.now(), history: "none" },
    received,
    sentNumber: used?.sentNumber ?? known.sentNumber,
  };
}

/** A wish, to be said as soon as the topic was read (§13.5). */
function leavingFor(people: readonly GroupPerson[], { account, device }: ProfileRecord): readonly GroupPerson[] {
  const leaving = { device, signature: noBytes };
  return people.map((one) => (one.account === account ? { ...one, leaving } : one));
}

/** Ascending by account. */
export function peopleWith(members: readonly Member[], leaves: readonly LeaveStatement[]): readonly GroupPerson[] {
  const devices = new Map<AccountId, DeviceId[]>();
  for (const { credential } of members) {
    devices.set(credential.account, [...(devices.get(credential.account) ?? []), credential.device]);
  }
  return [...devices]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([account, here]) => {
      const said = leaves.find((one) => one.account === account);
      return { account, devices: here.toSorted(), leaving: said && { device: said.device, signature: said.signature } };
    });
}

/** Who is new becomes a stranger, with the name that the card gives them. */
export async function peopleChanges(
  context: Context,
  own: ProfileRecord,
  lists: Lists,
  { names }: GroupCard,
): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for (const [account, list] of lists) {
    if (account === own.account) {
      changes.push(...ownListChanges(own, list));
      continue;
    }
    const name = names.find((one) => one.account === account)?.name ?? "";
    const row = await knownWith(context, account, list, name);
    if (row !== undefined) changes.push({ kind: "put", table: "contacts", row });
  }
  return changes;
}

/** The line that the others have of it, in its place. */
function arrivalChanges(
  context: Context,
  { key: conversation, group }: ConversationRecord,
  { card: { event }, joined, view: { epoch } }: Pick<Entry, "card" | "joined" | "view">,
): readonly Change[] {
  if (group === undefined) return [];
  const { account, device } = joined.signer.credential;
  return arrivalEvents(event, group.facts).map(({ id, event: line }): Change => {
    const row = eventRow(context, { conversation, account, device, time: event, id, epoch }, line);
    return { kind: "put", table: "messages", row };
  });
}

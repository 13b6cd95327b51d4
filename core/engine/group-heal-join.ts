/**
 * Coming back into a group with the new leaf that this device asked for (§13.7): keys, people and facts are those of the Welcome,
 * what nobody acknowledged is sealed again, and one line says so. Writes nothing.
 */

import { peopleOf, unsoundness } from "../conversation/authority.ts";
import { leftWith } from "../conversation/commit-proofs.ts";
import { isFollowed } from "../conversation/leaf-giver.ts";
import { putOutField, putOutTogether } from "../conversation/put-out.ts";
import { isSameNodes, isSameRoles } from "../conversation/role-change.ts";
import { type Joined, joinWithCard } from "../group/join.ts";
import { type Member, viewGroup } from "../group/state.ts";
import type { LeafCheck } from "../group/suite.ts";
import type { AccountId } from "../lang/brand.ts";
import { equalBytes } from "../lang/bytes.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupOfConversation } from "../ports/group-of-conversation.ts";
import type { Healing } from "../ports/healing.ts";
import type { ContactRecord } from "../ports/people-records.ts";
import type { Change } from "../ports/storage.ts";
import { decodeGroupCard, type GroupCard } from "../wire/group-card.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import { type Arrived, seenRow, type Taken, topicRow } from "./arrived.ts";
import { leftBehind, splitWithin } from "./come-over.ts";
import { type Context, me } from "./context.ts";
import { heldTo } from "./group-heal.ts";
import { isUpTo, successorRecord, unchangedOrNone } from "./group-step.ts";
import { numbersUsed } from "./have.ts";
import { listsOf } from "./join.ts";
import { type Lists, peopleChanges, peopleWith } from "./join-entry.ts";
import { leavesForgotten } from "./leaf-asked.ts";
import { givenNow, isBelieved } from "./led-away.ts";
import { alignedPlaces } from "./places.ts";
import { receivedSince } from "./received-since.ts";
import { leafCheckAmid, signedOf } from "./roster.ts";
import { sealedForNow } from "./seal-for-now.ts";
import { noticeRow } from "./successor.ts";

/** Whether a Welcome in this group's topic may be for this device. */
export function waitsForLeaf(conversation: ConversationRecord): boolean {
  return conversation.group?.standing.kind === "member" && requestsOf(conversation).length > 0;
}

/** With new keys, or into the part of the group that stays. */
function requestsOf({ healing, split }: ConversationRecord): readonly Request[] {
  return [
    ...(healing?.asked ? [{ asked: healing.asked, comesOver: false }] : []),
    ...(split?.asked ? [{ asked: split.asked, comesOver: true }] : []),
  ];
}

interface Request {
  readonly asked: NonNullable<Healing["asked"]>;
  readonly comesOver: boolean;
}

/** One that is for another device, or for an earlier request, is of no use here. */
export async function welcomeBackTaken(context: Context, arrived: Arrived, welcome: Uint8Array): Promise<Taken> {
  const { conversation, group } = arrived;
  const back = await firstBack(context, arrived, welcome);
  if (back === undefined) return { receipt: "unanswered", changes: [topicRow(arrived, undefined)] };
  const seen = seenRow(arrived, false, context.clock.now());
  return {
    receipt: "taken",
    changes: [keptAt(context, arrived, back.facts), seen, ...(await backChanges(context, arrived, back))],
    expect: unchangedOrNone(conversation.key, group),
  };
}

/** The topic at the group's nodes of now: it may have moved since this device had keys. */
function keptAt(context: Context, arrived: Arrived, { nodes }: GroupFacts): Change {
  const moved = alignedPlaces(arrived.topic.places, nodes, context.clock.now());
  if (moved !== arrived.topic.places) context.moved(arrived.conversation.key);
  return topicRow({ ...arrived, topic: { ...arrived.topic, places: moved } }, undefined);
}

async function firstBack(context: Context, arrived: Arrived, welcome: Uint8Array): Promise<Back | undefined> {
  for (const request of requestsOf(arrived.conversation)) {
    const back = await backIn(context, arrived, welcome, request);
    if (back !== undefined) return back;
  }
  return undefined;
}

interface Back {
  readonly joined: Joined;
  readonly members: readonly Member[];
  readonly facts: GroupFacts;
  readonly card: GroupCard;
  readonly lists: Lists;
  /** Where they may have made this device ask. */
  readonly giver?: AccountId;
}

async function backIn(
  context: Context,
  { conversation, topic }: Arrived,
  welcome: Uint8Array,
  { asked, comesOver }: Request,
): Promise<Back | undefined> {
  const { group } = conversation;
  if (group?.standing.kind !== "member") return undefined;
  const profile = await me(context);
  const known = await contactsHere(context);
  // An earlier copy of this profile may not know yet whom it added.
  const isTrusted = ({ credential: { account } }: Member) =>
    group.people.some((one) => one.account === account) || known.get(account)?.state === "accepted";
  const checkOf = async (bytes: Uint8Array, signer: Member): Promise<LeafCheck | undefined> => {
    const card = decodeGroupCard(bytes);
    if (card.ok) await signedOf(card.value.lists);
    const lists = card.ok && isTrusted(signer) ? listsOf(card.value, profile, known) : undefined;
    return lists && leafCheckAmid([...lists.values()]);
  };
  const joined = await joinWithCard(welcome, asked, checkOf);
  const card = joined.ok ? decodeGroupCard(joined.value.card) : joined;
  if (!joined.ok || !card.ok) return undefined;
  const { context: agreed, members, epoch } = await viewGroup(joined.value.state);
  // Some may have told of other devices while the Welcome was opened.
  const lists = listsOf(card.value, await me(context), await contactsHere(context));
  if (agreed.kind !== "group" || agreed.conversation !== conversation.key || lists === undefined) return undefined;
  if (unsoundness(members, agreed.facts) !== undefined || lists.size !== peopleOf(members).size) return undefined;
  if (leftWith(card.value.leaves, conversation.key, members) === undefined) return undefined;
  const now = { facts: agreed.facts, people: peopleOf(members) };
  const { account: giver } = joined.value.signer.credential;
  const held = heldTo(conversation, profile, comesOver);
  if (!isBelieved(conversation, giver, context.clock.now())) return undefined;
  // Whoever goes turns the topic, and this one stays.
  const areAllThere = group.people.every(({ account }) => now.people.has(account));
  if (!isFollowed(giver, held, now) || !(held === undefined || comesOver || areAllThere)) return undefined;
  // Nobody new comes with a leaf that is replaced.
  if (!equalBytes(card.value.topicSecret, topic.secret) || card.value.event.added.length > 0) return undefined;
  // That there is another part is a member's word: it makes nobody an owner or an admin here, and leads to no other node.
  const { roles, nodes } = group.facts;
  if (comesOver && !(isSameRoles(agreed.facts.roles, roles) && isSameNodes(agreed.facts.nodes, nodes)))
    return undefined;
  const { marks } = card.value;
  if (comesOver && splitWithin(conversation.split, marks)?.side !== "over") return undefined;
  // In a group whose epoch is far ahead all that the others say would be of before, and pass in silence.
  if (comesOver && !(marks && isUpTo(marks, epoch))) return undefined;
  // In two parts of a group the first node has changes of both.
  const isWatched = held !== undefined && !comesOver;
  return { joined: joined.value, members, facts: agreed.facts, card: card.value, lists, ...(isWatched && { giver }) };
}

async function contactsHere(context: Context): Promise<ReadonlyMap<AccountId, ContactRecord>> {
  return new Map((await context.storage.all("contacts")).map((row) => [row.key, row]));
}

async function backChanges(
  context: Context,
  { conversation, group: before, topic, arrival }: Arrived,
  { joined, members, facts, card, lists, giver }: Back,
): Promise<readonly Change[]> {
  const { key } = conversation;
  const profile = await me(context);
  const nowMs = context.clock.now();
  const group = await successorRecord(key, before, joined.state, nowMs, card.marks);
  const here = [...peopleOf(members)];
  const now: GroupOfConversation = {
    facts,
    people: peopleWith(members, card.leaves),
    standing: { kind: "member" },
    ...putOutField(putOutTogether(key, conversation.group?.putOut, { said: card.putOut, here })),
  };
  // It may be an earlier copy of itself: the numbers that others have are not to be given again.
  const used = await numbersUsed(context, conversation, card.have);
  const sentNumber = used?.sentNumber ?? conversation.sentNumber;
  const others = members.filter(({ credential }) => credential.device !== profile.device);
  const split = splitWithin(conversation.split, card.marks);
  const isOver = conversation.split?.side === "asks" && split?.side === "over";
  const wasThere = conversation.group?.people.some(({ devices }) => devices.includes(profile.device));
  const received =
    wasThere || card.replaced ? await receivedSince(context, conversation, others) : conversation.received;
  const { given: _, ...known } = conversation;
  const row: ConversationRecord = {
    ...known,
    ...(giver && { given: givenNow(giver, arrival, nowMs) }),
    nodes: facts.nodes,
    ...(split && { split }),
    received,
    sentNumber,
    group: now,
    healing: undefined,
  };
  const again = await sealedForNow(context, {
    group,
    topic,
    here: new Set(members.map(({ credential }) => credential.device)),
    wanted: () => true,
    // Of an earlier copy of this profile, which had this Welcome already, the keys may have been used.
    mayUse: context.caughtUp.has(key),
    renumbered: used,
  });
  const requests = (await context.storage.ofConversation("outbox", key)).filter(({ content }) => content === undefined);
  return [
    { kind: "put", table: "groups", row: group },
    { kind: "put", table: "conversations", row },
    ...requests.map((one): Change => ({ kind: "delete", table: "outbox", key: one.key })),
    ...(await peopleChanges(context, profile, lists, card)),
    ...(await leavesForgotten(context, key)),
    ...again,
    // Who had no keys before has nothing that was renewed.
    ...(wasThere ? [noticeRow(context, row, profile, nowMs, isOver ? "came-over" : "keys-renewed")] : []),
    ...(isOver ? await leftBehind(context, conversation, now, profile) : []),
  ];
}

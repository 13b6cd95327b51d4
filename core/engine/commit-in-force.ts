/**
 * A commit of a group that is in force (§13.3): everything it changes on this device, as one batch with the step to its epoch.
 * Whether it may be in force was judged before; nothing is written here.
 */

import { type HybridTime, observe } from "../conversation/clock.ts";
import type { GroupEvent } from "../conversation/group-acts.ts";
import { groupEvents } from "../conversation/group-events.ts";
import { lineIdOf, orderOf } from "../conversation/order.ts";
import { ownerHeard, stillMissed } from "../conversation/owner-claims.ts";
import { putOutAfter, putOutField } from "../conversation/put-out.ts";
import { isSameNodes } from "../conversation/role-change.ts";
import type { Change as GroupChange } from "../group/open-in-group.ts";
import { type GroupState, type LeafIdentity, viewGroup } from "../group/state.ts";
import { succeedList } from "../identity/leaf-trust.ts";
import type { AccountId, ConversationId, DeviceId } from "../lang/brand.ts";
import { equalBytes } from "../lang/bytes.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupOfConversation, GroupPerson } from "../ports/group-of-conversation.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import type { MessageRecord } from "../ports/message-record.ts";
import type { ContactRecord } from "../ports/people-records.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import type { CommitNote } from "../wire/commit-note.ts";
import { readSignedDeviceList } from "../wire/device-list.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import { deriveTopic, rotatedTopicSecret } from "../wire/topic.ts";
import { type Context, me } from "./context.ts";
import { linksAfter } from "./group-link-life.ts";
import { stepEpoch } from "./group-step.ts";
import { newcomersNow } from "./history-share.ts";
import { maySeal } from "./keys-in-use.ts";
import { leavesGiven } from "./leaf-asked.ts";
import { noCopies } from "./message-row.ts";
import { alignedPlaces, complete, freshPlace } from "./places.ts";
import { ownListChanges } from "./profile-row.ts";
import { sealedForNow } from "./seal-for-now.ts";

/** A commit as it is seen by who stays. */
export interface InForce {
  readonly change: GroupChange;
  readonly note: CommitNote;
  readonly next: GroupState;
  /** MLSMessage bytes. */
  readonly message: Uint8Array;
  readonly own: boolean;
}

export interface Where {
  readonly conversation: ConversationRecord & { readonly group: GroupOfConversation };
  readonly group: GroupRecord;
  /** With the cursor behind the commit. */
  readonly topic: TopicRecord;
}

/** The changes; the row of the group among them is the last of its table. */
export async function inForceChanges(context: Context, where: Where, commit: InForce): Promise<readonly Change[]> {
  const { conversation, group, topic } = where;
  const { note, change } = commit;
  const { before, after } = change;
  const facts = factsOf(after);
  const nowMs = context.clock.now();
  const view = await viewGroup(commit.next);
  const stepped = stepEpoch(group, commit.next, view, commit.message, commit.own, nowMs);
  const turned = facts.rotation !== factsOf(before).rotation;
  const moves = !isSameNodes(facts.nodes, conversation.nodes);
  const nextTopic = turned
    ? nextTopicOf(where, facts, view.epochSecret)
    : { ...topic, places: alignedPlaces(topic.places.map(complete), facts.nodes, nowMs) };
  const time = observe(conversation, note, nowMs);
  const row: ConversationRecord = {
    ...conversation,
    ...time,
    topic: nextTopic.key,
    nodes: facts.nodes,
    healing: healingAfter(conversation.healing, turned),
    group: groupAfter(conversation, commit, facts),
    newcomers: newcomersNow(conversation.newcomers, change, facts, nowMs),
  };
  const here = new Set(after.members.map(({ credential }) => credential.device));
  const fresh = new Set(change.added.map(({ credential }) => credential.device));
  const again = await sealedForNow(context, {
    group: stepped,
    topic: nextTopic,
    here,
    wanted: (waiting) => turned || waiting.waitingFor.some((device) => fresh.has(device)),
    mayUse: maySeal(conversation) && context.caughtUp.has(conversation.key),
  });
  const given = new Map(change.added.map((one) => [one.credential.device, one.encryptionKey] as const));
  if (turned || moves) context.moved(conversation.key);
  return [
    { kind: "put", table: "groups", row: stepped },
    { kind: "put", table: "conversations", row },
    ...(turned ? ([{ kind: "delete", table: "topics", key: topic.key }] as const) : []),
    { kind: "put", table: "topics", row: nextTopic },
    ...(await peopleChanges(context, note)),
    ...eventChanges(context, row.key, commit),
    ...(await leavesGiven(context, row.key, given)),
    ...(await linksAfter(context, row.key, commit)),
    ...again,
  ];
}

/** The topic of those who stay, from its beginning at the group's nodes. What was owed in the old one is owed here. */
function nextTopicOf({ conversation, topic }: Where, { nodes }: GroupFacts, epochSecret: Uint8Array): TopicRecord {
  const secret = rotatedTopicSecret(epochSecret, conversation.key);
  return { ...topic, key: deriveTopic(secret).topic, secret, places: nodes.map(freshPlace) };
}

/**
 * Keys that take what is next are not behind: another node was faster than the first one. What else is damaged is asked for in
 * the topic of now, for nobody looks into the old one any more.
 */
function healingAfter(healing: ConversationRecord["healing"], turned: boolean): ConversationRecord["healing"] {
  if (healing === undefined || healing.why === "behind") return undefined;
  return turned ? { ...healing, asked: undefined } : healing;
}

/** Of a commit that was judged, so that it is one of a group. */
function factsOf({ context }: Pick<GroupChange["before"], "context">): GroupFacts {
  if (context.kind !== "group") throw new Error("a group without its facts");
  return context.facts;
}

/** What is said of an owner who is gone stands as long as they are the owner and make no commit (§13.13). */
function groupAfter(
  { key, group: { people, missed, putOut } }: Where["conversation"],
  { change, note }: InForce,
  facts: GroupFacts,
): GroupOfConversation {
  const { account } = change.by.credential;
  const here = peopleNow(people, change);
  const accounts = here.map((one) => one.account);
  const still = stillMissed(missed && ownerHeard(missed, ({ owner }) => owner === account), facts, accounts);
  const out = putOutAfter(key, putOut, comingAndGoing(change, note));
  return { facts, people: here, standing: { kind: "member" }, ...(still && { missed: still }), ...putOutField(out) };
}

function comingAndGoing({ before, after }: GroupChange, { leaves }: CommitNote) {
  const accountsOf = (members: readonly LeafIdentity[]) => new Set(members.map(({ credential }) => credential.account));
  const [were, are] = [accountsOf(before.members), accountsOf(after.members)];
  const left = new Set(leaves.map(({ account }) => account));
  return {
    removed: [...were].filter((account) => !are.has(account) && !left.has(account)),
    added: [...are].filter((account) => !were.has(account)),
  };
}

/** Ascending by account. Who said that they leave is leaving as long as a device of theirs has the leaf that said so. */
export function peopleNow(known: readonly GroupPerson[], { after, before }: GroupChange): readonly GroupPerson[] {
  const devices = new Map<AccountId, DeviceId[]>();
  for (const { credential } of after.members) {
    devices.set(credential.account, [...(devices.get(credential.account) ?? []), credential.device]);
  }
  const stayed = (device: DeviceId) => {
    const leaf = (members: readonly LeafIdentity[]) => members.find(({ credential }) => credential.device === device);
    const was = leaf(before.members);
    const is = leaf(after.members);
    return was !== undefined && is !== undefined && equalBytes(was.encryptionKey, is.encryptionKey);
  };
  return [...devices]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([account, here]) => {
      const leaving = known.find((person) => person.account === account)?.leaving;
      // A wish of this person that is not said yet has no statement that could be over.
      const stands = leaving !== undefined && (leaving.signature.length === 0 || stayed(leaving.device));
      return { account, devices: here.toSorted(), leaving: stands ? leaving : undefined };
    });
}

/** Who is new here becomes a stranger; of who is known a newer device list is kept. */
async function peopleChanges(context: Context, { lists, names }: CommitNote): Promise<readonly Change[]> {
  const profile = await me(context);
  const changes: Change[] = [];
  for (const bytes of lists) {
    const read = readSignedDeviceList(bytes);
    if (!read.ok) continue;
    const { account } = read.value.list;
    if (account === profile.account) {
      changes.push(...ownListChanges(profile, bytes));
      continue;
    }
    const name = names.find((one) => one.account === account)?.name ?? "";
    const row = await knownWith(context, account, bytes, name);
    if (row !== undefined) changes.push({ kind: "put", table: "contacts", row });
  }
  return changes;
}

/** The person's row with this SignedDeviceList, whose signature was checked; `undefined` where nothing changes. */
export async function knownWith(
  context: Context,
  account: AccountId,
  deviceList: Uint8Array,
  name: string,
): Promise<ContactRecord | undefined> {
  const known = await context.storage.get("contacts", account);
  if (known === undefined) return stranger(account, deviceList, name, context.clock.now());
  const next = succeedList(known.deviceList, deviceList);
  return next.ok && !equalBytes(known.deviceList, deviceList) ? { ...known, deviceList } : undefined;
}

/** Somebody known from groups only, as far as a list and a name tell. */
export function stranger(key: AccountId, deviceList: Uint8Array, name: string, sinceMs: number): ContactRecord {
  return {
    key,
    name,
    knownAs: "",
    deviceList,
    state: "stranger",
    verified: false,
    answered: false,
    relayOnly: false,
    nodes: [],
    profileOrder: "",
    keepsFor: false,
    keeper: false,
    keeperOrder: "",
    sinceMs,
  };
}

/** What the timeline tells of it, the same on every device. */
export function eventChanges(
  context: Context,
  conversation: ConversationId,
  { change, note }: Pick<InForce, "change" | "note">,
): readonly Change[] {
  const { account, device } = change.by.credential;
  return groupEvents(change, note).map(({ id, event }): Change => {
    const place = { conversation, account, device, time: note, id, epoch: change.before.epoch + 1 };
    return { kind: "put", table: "messages", row: eventRow(context, place, event) };
  });
}

interface EventPlace {
  readonly conversation: ConversationId;
  /** Who made the commit, and with which device. */
  readonly account: AccountId;
  readonly device: DeviceId;
  readonly time: HybridTime;
  readonly id: string;
  /** That the commit led to; none of what is told of something that was said. */
  readonly epoch?: number;
}

export function eventRow(context: Context, place: EventPlace, event: GroupEvent): MessageRecord {
  const { conversation, account, device, time, id, epoch = "said" } = place;
  return {
    key: lineIdOf(device, id, epoch),
    conversation,
    order: orderOf(time, device, id),
    author: account,
    authorDevice: device,
    sentAtMs: time.clockMs,
    receivedAtMs: context.clock.now(),
    number: 0,
    body: { kind: "event", event },
    ...noCopies,
  };
}

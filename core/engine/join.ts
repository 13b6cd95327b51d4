/**
 * Joining a group from a Welcome (§13.6): what its card says is believed as far as signed lists, the tree and the person who
 * added this one bear it out. Everything that begins with it is one batch. Writes nothing.
 */

import { peopleOf, unsoundness } from "../conversation/authority.ts";
import { leftWith } from "../conversation/commit-proofs.ts";
import { rankOf, ranks } from "../conversation/group-rights.ts";
import { type Joined, joinWithCard } from "../group/join.ts";
import { groupIdOf, type Member, viewGroup } from "../group/state.ts";
import type { LeafCheck } from "../group/suite.ts";
import { newestList } from "../identity/leaf-trust.ts";
import type { AccountId, ConversationId, InviteId } from "../lang/brand.ts";
import type { AskedRecord } from "../ports/group-link-records.ts";
import type { PartRecord } from "../ports/group-records.ts";
import type { ContactRecord, KeyPackageRecord, ProfileRecord } from "../ports/people-records.ts";
import type { Change, Expectation } from "../ports/storage.ts";
import { readSignedDeviceList } from "../wire/device-list.ts";
import { decodeGroupCard, type GroupCard } from "../wire/group-card.ts";
import { deriveTopic } from "../wire/topic.ts";
import { type Arrived, refusal, seenRow, type Taken, topicRow } from "./arrived.ts";
import { type Context, commit, me } from "./context.ts";
import { askedForgotten } from "./group-link-asked.ts";
import { mayAnswer } from "./group-link-shown.ts";
import { unchangedOrNone } from "./group-step.ts";
import { type Entry, entryChanges, type Lists } from "./join-entry.ts";
import { earlyRow, isEarly, keptWith } from "./parts-kept.ts";
import { leafCheckAmid, signedOf } from "./roster.ts";

/** A Welcome between two people. Only who was accepted adds anybody to anything. */
export async function welcomeTaken(context: Context, arrived: Arrived, welcome: Uint8Array): Promise<Taken> {
  const account = arrived.conversation.contact;
  const contact = account === undefined ? undefined : await context.storage.get("contacts", account);
  if (contact?.state !== "accepted") return { receipt: "unanswered", changes: [topicRow(arrived, undefined)] };
  const joining = await joinedWith(context, contact.key, welcome);
  if (joining === undefined) return refusal(arrived);
  const owed = topicRow(arrived, { hash: arrived.hash, refused: false });
  const taken = [seenRow(arrived, true, context.clock.now()), owed];
  if (joining === "early") {
    const kept = await keptWith(context, earlyRow(context, arrived.topic.key, welcome));
    return { receipt: "taken", changes: [...kept, ...taken] };
  }
  return { receipt: "taken", changes: [...joining.changes, ...taken], expect: joining.expect };
}

/**
 * Those who added this person again before it was read here that they had been removed: taken once that was. Answers where
 * something was joined.
 */
export async function earlyWelcomes(context: Context): Promise<readonly ConversationId[]> {
  const joined: ConversationId[] = [];
  for (const row of (await context.storage.all("parts")).filter(isEarly)) {
    const purpose = (await context.storage.get("topics", row.topic))?.purpose;
    if (purpose?.kind === "invite") joined.push(...(await earlyByLink(context, purpose.invite, row)));
    if (purpose?.kind !== "conversation") continue;
    const id = purpose.conversation;
    await context.turns(id, async () => {
      const account = (await context.storage.get("conversations", id))?.contact;
      const contact = account === undefined ? undefined : await context.storage.get("contacts", account);
      if (contact?.state !== "accepted") return;
      const joining = await joinedWith(context, contact.key, row.bytes);
      if (joining === "early") return;
      const done: Change = { kind: "delete", table: "parts", key: row.key };
      const expect = joining === undefined ? [] : [joining.expect];
      const written = await commit(context, { expect, changes: [...(joining?.changes ?? []), done] });
      if (written.ok && joining !== undefined) joined.push(id);
    });
  }
  return joined;
}

/** Of who was removed and asked by a link to come back. */
function earlyByLink(context: Context, invite: InviteId, row: PartRecord): Promise<readonly ConversationId[]> {
  return context.turns(invite, async () => {
    const asked = await context.storage.get("asked", row.topic);
    const joining = asked && (await joinedByLink(context, asked, row.bytes));
    if (asked === undefined || joining === undefined || joining === "early") return [];
    const done: Change = { kind: "delete", table: "parts", key: row.key };
    const changes = [...joining.changes, ...askedForgotten(asked), done];
    const written = await commit(context, { expect: [joining.expect], changes });
    return written.ok ? [joining.expect.key as ConversationId] : [];
  });
}

interface Joining {
  readonly changes: readonly Change[];
  readonly expect: Expectation;
}

/** `early`: this device believes itself in the group still. `undefined`: not for this device, or not what an honest member makes. */
async function joinedWith(
  context: Context,
  by: AccountId,
  welcome: Uint8Array,
): Promise<Joining | "early" | undefined> {
  const left = (await context.storage.all("keyPackages")).filter(({ account }) => account === by);
  const opened = await openedWith(context, left, welcome, (signer) => signer === by);
  const joining = opened && (await joiningOf(context, opened.joined, { lost: opened.row.lost }));
  if (opened === undefined || joining === undefined || joining === "early") return joining;
  const used = { ...opened.row, usedAtMs: context.clock.now() };
  return { ...joining, changes: [...joining.changes, { kind: "put", table: "keyPackages", row: used }] };
}

/** The same for who asked by a link, with the key that went into the request. */
export async function joinedByLink(
  context: Context,
  asked: AskedRecord,
  welcome: Uint8Array,
): Promise<Joining | "early" | undefined> {
  const opened = await openedWith(context, [asked, ...asked.earlier], welcome, (_, lists) => lists.has(asked.by));
  if (opened === undefined) return undefined;
  // Who made the link signed who may answer with it, and for which group.
  const { context: agreed } = await viewGroup(opened.joined.state);
  const link = { key: asked.key, conversation: agreed.conversation, shown: asked.shown };
  if (!mayAnswer(link, opened.joined.signer.credential.account)) return undefined;
  return joiningOf(context, opened.joined, { leaves: asked.state === "taken-back" });
}

/** `lost`: the group in which a leaf was asked for with this package. */
interface Way {
  readonly leaves?: boolean;
  readonly lost?: ConversationId | undefined;
}

async function joiningOf(
  context: Context,
  joined: Joined,
  { leaves = false, lost }: Way,
): Promise<Joining | "early" | undefined> {
  const entry = await entryOf(context, joined, lost);
  if (entry === undefined || entry === "early") return entry;
  return {
    changes: await entryChanges(context, { ...entry, leaves, isBack: lost !== undefined }),
    expect: unchangedOrNone(entry.id, undefined),
  };
}

interface Opened<Row> {
  readonly joined: Joined;
  readonly row: Row;
}

type OwnPackage = Pick<KeyPackageRecord, "publicPackage" | "privatePackage">;

/** With the package that it was made for, if that is one of those which were left with this contact. */
async function openedWith<Row extends OwnPackage>(
  context: Context,
  left: readonly Row[],
  welcome: Uint8Array,
  isFrom: (signer: AccountId, lists: Lists) => boolean,
): Promise<Opened<Row> | undefined> {
  const profile = await me(context);
  const known = new Map((await context.storage.all("contacts")).map((row) => [row.key, row]));
  const checkOf = async (bytes: Uint8Array, signer: Member): Promise<LeafCheck | undefined> => {
    const card = decodeGroupCard(bytes);
    if (card.ok) await signedOf(card.value.lists);
    const lists = card.ok ? listsOf(card.value, profile, known) : undefined;
    if (lists === undefined || !isFrom(signer.credential.account, lists)) return undefined;
    return leafCheckAmid([...lists.values()]);
  };
  for (const row of left) {
    if (row.privatePackage === undefined) continue;
    const own = { publicPackage: row.publicPackage, privatePackage: row.privatePackage };
    const joined = await joinWithCard(welcome, own, checkOf);
    if (joined.ok) return { joined: joined.value, row };
  }
  return undefined;
}

/** By account. Of who is known the newer one counts; `undefined`: one is not signed, or contradicts what is known. */
export function listsOf(
  { lists }: GroupCard,
  profile: ProfileRecord,
  known: ReadonlyMap<AccountId, ContactRecord>,
): Lists | undefined {
  const all = new Map<AccountId, Uint8Array>();
  for (const bytes of lists) {
    const read = readSignedDeviceList(bytes);
    if (!read.ok || all.has(read.value.list.account)) return undefined;
    const { account } = read.value.list;
    const before = account === profile.account ? profile.deviceList : known.get(account)?.deviceList;
    const newest = newestList(before, bytes);
    if (!newest.ok) return undefined;
    all.set(account, newest.value);
  }
  return all;
}

/** `undefined`: not what an honest member makes, or a conversation that is there already. */
async function entryOf(
  context: Context,
  joined: Joined,
  lost: ConversationId | undefined,
): Promise<Omit<Entry, "leaves" | "isBack"> | "early" | undefined> {
  const profile = await me(context);
  const view = await viewGroup(joined.state);
  const card = decodeGroupCard(joined.card);
  const known = new Map((await context.storage.all("contacts")).map((row) => [row.key, row]));
  const lists = card.ok ? listsOf(card.value, profile, known) : undefined;
  if (view.context.kind !== "group" || !card.ok || lists === undefined) return undefined;
  const { conversation: id, facts } = view.context;
  const people = peopleOf(view.members);
  const { added, clockMs } = card.value.event;
  if (unsoundness(view.members, facts) !== undefined || lists.size !== people.size) return undefined;
  const isBack = lost === id && card.value.replaced && added.length === 0;
  // The others have refused what somebody else added. A leaf that was asked for any member gives.
  if (!isBack && rankOf(facts, joined.signer.credential.account) < ranks.admin) return undefined;
  if (leftWith(card.value.leaves, id, view.members) === undefined) return undefined;
  if ((!isBack && !added.includes(profile.account)) || !added.every((account) => people.has(account))) return undefined;
  if (clockMs > context.clock.now() + maxAheadMs) return undefined;
  const topic = await context.storage.get("topics", deriveTopic(card.value.topicSecret).topic);
  const before = await context.storage.get("conversations", id);
  if (before?.group?.standing.kind === "member") {
    const now = await context.storage.get("groups", id);
    if (now === undefined) return undefined;
    // Which one is the group of that name nobody can tell from here: a person who leaves the one finds the other.
    const isOther = groupIdOf(now.state) !== groupIdOf(joined.state);
    return isOther || view.epoch > now.epoch ? "early" : undefined;
  }
  // A conversation that lives is not replaced by somebody who knows its id.
  if (topic !== undefined || (before !== undefined && before.group === undefined)) return undefined;
  return { id, profile, joined, view: { ...view, context: view.context }, card: card.value, lists, before };
}

/** Of a clock that runs ahead of this one. */
const maxAheadMs = 24 * 3_600_000;

/** What a commit for an act holds (§13.2): leaves to add and to remove, the facts after it, note and card. Writes nothing. */

import { tick } from "../conversation/clock.ts";
import type { Act } from "../conversation/group-acts.ts";
import { factsAfter } from "../conversation/next-facts.ts";
import { keyOf } from "../conversation/owner-claims.ts";
import { quorumOf, validOf, votersOf } from "../conversation/owner-gone.ts";
import { putOutAfter } from "../conversation/put-out.ts";
import { readKeyPackage } from "../group/key-package.ts";
import type { GroupView, Member } from "../group/state.ts";
import { newestList } from "../identity/leaf-trust.ts";
import type { AccountId, NodeUrl } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import { valueNow } from "../lang/live.ts";
import type { JoinRequestRecord } from "../ports/group-link-records.ts";
import type { GroupPerson } from "../ports/group-of-conversation.ts";
import type { Change } from "../ports/storage.ts";
import type { CommitNote } from "../wire/commit-note.ts";
import { readKeptDeviceList } from "../wire/device-list.ts";
import { encodeGroupCard, type GroupCard } from "../wire/group-card.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import type { LeaveStatement } from "../wire/leave.ts";
import type { NamedPerson } from "../wire/named-person.ts";
import type { GroupNow } from "./commit-make.ts";
import type { Context } from "./context.ts";
import { untilDueMs } from "./group-heal.ts";
import { mayLetIn, openRequestOf } from "./group-requests.ts";
import { epochRunOf } from "./group-step.ts";
import { haveOfDevices } from "./have.ts";
import { packagesLeft, packagesOf } from "./key-stock.ts";
import { isFor } from "./leaf-asked.ts";
import { listKnownOf } from "./roster.ts";

export interface CommitPlan {
  readonly add: readonly Uint8Array[];
  readonly removeLeaves: readonly number[];
  readonly facts: GroupFacts;
  readonly note: CommitNote;
  readonly card: Uint8Array | undefined;
  /** Who gets a Welcome. */
  readonly added: readonly AccountId[];
  /** To be written with the commit. */
  readonly changes: readonly Change[];
}

/** Of who never said a name. */
const unnamed = "?";

/**
 * `waits`: of nobody who is to be added there is a key package, where the group is to go nobody answers, or it is not this
 * device's turn. `done`: somebody else did it.
 */
export async function planOf(
  context: Context,
  now: GroupNow,
  view: GroupView,
  act: Act,
): Promise<CommitPlan | "waits" | "done"> {
  const { conversation, profile } = now;
  const note: CommitNote = {
    id: toHex(context.random.bytes(8)),
    ...tick(conversation, context.clock.now()),
    lists: [],
    names: [],
    leaves: [],
    healed: undefined,
    link: undefined,
    succession: undefined,
  };
  const facts = factsAfter(act, conversation.group.facts, profile.account);
  const nobody = { add: [], removeLeaves: [], facts, note, card: undefined, added: [], changes: [] };
  switch (act.kind) {
    case "add":
      return additionOf(context, now, act.people, nobody);
    case "remove":
    case "see-off": {
      const gone = view.members.filter(({ credential }) => credential.account === act.account);
      const leaves = statementsOf(conversation.group.people.filter(({ account }) => account === act.account));
      return { ...nobody, removeLeaves: gone.map(({ leaf }) => leaf), note: { ...note, leaves } };
    }
    case "drop-devices":
      return droppingOf(context, view, act.account, nobody);
    case "give-leaf":
      return leafGivenOf(context, now, view, act, nobody);
    case "let-in": {
      const request = await openRequestOf(context, conversation.key, act.account);
      if (request === undefined) return "done";
      return (await mayLetIn(context, request)) ? letInOf(context, now, request, nobody) : "waits";
    }
    case "succeed":
      return successionOf(now, view, act, nobody);
    case "move":
      return answers(context, act.nodes) ? nobody : "waits";
    default:
      return nobody;
  }
}

/**
 * Whether the first of these nodes is there, which orders every change after the move: from an address that is none, the group
 * could not be moved again.
 */
function answers(context: Context, [first]: readonly NodeUrl[]): boolean {
  return first !== undefined && valueNow(context.nodes.node(first).status)?.kind === "connected";
}

async function additionOf(
  context: Context,
  now: GroupNow,
  people: readonly AccountId[],
  plan: CommitPlan,
): Promise<CommitPlan | "waits"> {
  const add: Uint8Array[] = [];
  const added: AccountId[] = [];
  const changes: Change[] = [];
  const left = await packagesLeft(context);
  for (const account of people) {
    const found = await packagesOf(context, account, left);
    // Nothing of theirs is here: they are added when there is.
    if (found === undefined) continue;
    added.push(account);
    add.push(...found.packages);
    changes.push(...found.used);
  }
  if (added.length === 0) return "waits";
  const news = await known(context, now, added);
  const all = await known(context, now, [...now.conversation.group.people.map(({ account }) => account), ...added]);
  if (news === undefined || all === undefined) return "waits";
  const card = cardOf(now, plan, all, added);
  return { ...plan, add, added, changes, card, note: { ...plan.note, ...news } };
}

/** With what came by the link: they may be known to nobody here. */
async function letInOf(
  context: Context,
  now: GroupNow,
  { account, name, deviceList, keyPackages, link }: JoinRequestRecord,
  plan: CommitPlan,
): Promise<CommitPlan | "waits"> {
  const here = await known(
    context,
    now,
    now.conversation.group.people.map((person) => person.account),
  );
  if (here === undefined) return "waits";
  const own = { account, name };
  const names = [...here.names, own].sort((a, b) => (a.account < b.account ? -1 : 1));
  const note = { ...plan.note, lists: [deviceList], names: [own], link };
  const card = cardOf(now, { note }, { lists: [...here.lists, deviceList], names }, [account]);
  return { ...plan, add: keyPackages, added: [account], card, note };
}

/** At the device's own request, which the others check by what the note says of it (§13.7). */
async function leafGivenOf(
  context: Context,
  now: GroupNow,
  { members }: GroupView,
  { account, device, asked, notBeforeMs, between }: Extract<Act, { kind: "give-leaf" }>,
  plan: CommitPlan,
): Promise<CommitPlan | "waits" | "done"> {
  if (untilDueMs(notBeforeMs, context.clock.now()) > 0) return "waits";
  const old = members.find(({ credential }) => credential.device === device);
  const read = asked && readKeyPackage(asked.keyPackage);
  if (asked === undefined || !read?.ok || (old && isFor(asked, old.encryptionKey))) return "done";
  const list = newestList(await listKnownOf(context, account), asked.deviceList);
  const { people } = now.conversation.group;
  // Who knows nothing of the group does not know either that they left it.
  const leaves = between && people.some((person) => person.account === account && person.leaving !== undefined);
  if (!list.ok || leaves) return "done";
  const all = await known(
    context,
    now,
    people.map((person) => person.account),
    { account, deviceList: list.value },
  );
  if (all === undefined) return "waits";
  const given = { have: haveOfDevices(now.conversation, [device]), replaced: old !== undefined };
  const card = cardOf(now, plan, all, [], given);
  const healed = old && { device, generation: 0, signature: asked.signature };
  const isAsBefore = old?.credential.listSequence === read.value.credential.listSequence;
  const note = { ...plan.note, lists: isAsBefore ? [] : [list.value], healed };
  const added = between ? [account] : [];
  return { ...plan, add: [asked.keyPackage], removeLeaves: old ? [old.leaf] : [], added, card, note };
}

/** What those who get a Welcome need beside the tree (§13.6). */
function cardOf(
  { topic, conversation, group }: GroupNow,
  { note: { id, clockMs, clockCount, link } }: Pick<CommitPlan, "note">,
  here: Pick<GroupCard, "lists" | "names">,
  added: readonly AccountId[],
  given: Pick<GroupCard, "have" | "replaced"> = { have: [], replaced: false },
): Uint8Array {
  const { people, putOut } = conversation.group;
  return encodeGroupCard({
    topicSecret: topic.secret,
    ...here,
    leaves: statementsOf(people),
    event: { id, clockMs, clockCount, added: added.toSorted(), link },
    putOut: putOutAfter(conversation.key, putOut, { removed: [], added }),
    ...given,
    marks: epochRunOf(group),
  });
}

/** Devices that the person revoked; not the last ones of theirs, for then the person would be gone. */
async function droppingOf(
  context: Context,
  { members, own }: GroupView,
  account: AccountId,
  plan: CommitPlan,
): Promise<CommitPlan | "done"> {
  const list = await listKnownOf(context, account);
  const theirs = members.filter(({ credential }) => credential.account === account);
  const gone = list === undefined ? [] : revokedAmong(list, theirs).filter(({ leaf }) => leaf !== own.leaf);
  if (list === undefined || gone.length === 0 || gone.length === theirs.length) return "done";
  return { ...plan, removeLeaves: gone.map(({ leaf }) => leaf), note: { ...plan.note, lists: [list] } };
}

function revokedAmong(list: Uint8Array, members: readonly Member[]): readonly Member[] {
  const { revoked } = readKeptDeviceList(list);
  return members.filter(({ credential }) => revoked.includes(credential.device));
}

/** With everybody's confirmation that holds now. */
function successionOf(
  { conversation }: GroupNow,
  { members }: GroupView,
  act: Extract<Act, { kind: "succeed" }>,
  plan: CommitPlan,
): CommitPlan | "done" {
  const { facts, missed } = conversation.group;
  const claim = missed?.claims.find((one) => keyOf(one) === keyOf(act));
  const confirmations = validOf(act, claim?.confirmations ?? [], { conversation: conversation.key, members, facts });
  const people = members.map(({ credential }) => credential.account);
  if (confirmations.length < quorumOf(votersOf(facts, new Set(people)))) return "done";
  const { claim: name, owner, next } = act;
  const ascending = confirmations.toSorted((a, b) => (a.account < b.account ? -1 : 1));
  return { ...plan, note: { ...plan.note, succession: { claim: name, owner, next, confirmations: ascending } } };
}

/** Ascending by account. `undefined`: of one of them no list is here. */
async function known(
  context: Context,
  { profile }: GroupNow,
  people: readonly AccountId[],
  newer?: { readonly account: AccountId; readonly deviceList: Uint8Array },
): Promise<{ readonly lists: readonly Uint8Array[]; readonly names: readonly NamedPerson[] } | undefined> {
  const lists: Uint8Array[] = [];
  const names: NamedPerson[] = [];
  for (const account of people.toSorted()) {
    const person = account === profile.account ? profile : await context.storage.get("contacts", account);
    if (person === undefined) return undefined;
    lists.push(newer?.account === account ? newer.deviceList : person.deviceList);
    names.push({ account, name: person.name || unnamed });
  }
  return { lists, names };
}

function statementsOf(people: readonly GroupPerson[]): readonly LeaveStatement[] {
  return people.flatMap(({ account, leaving }) => (leaving === undefined ? [] : [{ account, ...leaving }]));
}

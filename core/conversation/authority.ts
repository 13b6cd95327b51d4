/**
 * Who may change what in a group (§13.2): the one rule by which every member's device judges every commit, from the commit, the
 * state before it and its note alone. What a device knows besides must not matter here, or members would part: it leads to
 * another commit. Knows nothing of MLS, and not who is in front of the device.
 */

import type { Change } from "../group/open-in-group.ts";
import type { LeafIdentity } from "../group/state.ts";
import { leafIsListed } from "../identity/leaf-trust.ts";
import type { AccountId, TopicId } from "../lang/brand.ts";
import { equalBytes } from "../lang/bytes.ts";
import { done, err, type Result } from "../lang/result.ts";
import { maxDevicesOfGroup, maxPeopleOfGroup } from "../wire/bounds.ts";
import type { CommitNote } from "../wire/commit-note.ts";
import { type DeviceList, readSignedDeviceList } from "../wire/device-list.ts";
import type { HealedIn } from "../wire/envelope.ts";
import { distinct } from "../wire/field.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import { isHealedLeaf, leftWith } from "./commit-proofs.ts";
import { rankOf, ranks } from "./group-rights.ts";
import { succeeds } from "./owner-gone.ts";
import { isSameButRoles, type Pair, rolesAllow } from "./role-change.ts";

/** Why all members refuse a commit. */
export type CommitFault =
  /** The conversation is none, or it is one's own or between two. */
  | "not-a-group"
  | "too-many-people"
  | "too-many-devices"
  /** Two persons claim one device: its messages could be either's. */
  | "device-twice"
  /** A role of somebody who is no member. */
  | "role-of-nobody"
  | "two-owners"
  | "removes-itself"
  | "may-not-add"
  | "may-not-remove"
  | "may-not-change-facts"
  | "may-not-change-roles"
  | "wrong-rotation"
  /** A device list that nobody needs, that is not signed, or two of one account. */
  | "bad-list"
  /** A new leaf whose account does not list it. */
  | "unlisted-device"
  /** The list is older than one that the tree rests on. */
  | "stale-list"
  /** A device goes and its person stays, and the person did not revoke it. */
  | "not-revoked"
  /** A leaf is replaced, and the device did not ask for it. */
  | "not-healed"
  /** A statement that is not signed, stale, or of somebody who is not removed. */
  | "not-left"
  /** Not enough confirmed that the owner is gone, or one of them did not, or the commit does more than that. */
  | "not-succeeded"
  /** Not one name for each new person and for nobody else, or a link with which nobody came. */
  | "bad-names";

/** The signature of a list that is known byte for byte need not be checked again: give a reader that knows. */
export type ListReader = typeof readSignedDeviceList;

/**
 * `note` is decoded from `change.note`; `topic` is the conversation's before the commit. Total, and the same on every device.
 */
export function judge(
  change: Change,
  note: CommitNote,
  topic: TopicId,
  readList: ListReader = readSignedDeviceList,
): Result<void, CommitFault> {
  const { before, after, by } = change;
  if (before.context.kind !== "group" || after.context.kind !== "group") return err("not-a-group");
  const was: GroupFacts = before.context.facts;
  const is: GroupFacts = after.context.facts;
  const moved = movements(change);
  const rank = rankOf(was, by.credential.account);

  const unsound = unsoundness(after.members, is);
  if (unsound !== undefined) return err(unsound);
  if (!after.members.some((one) => isSameLeaf(one, by))) return err("removes-itself");
  if (is.rotation !== was.rotation + (moved.gone.length > 0 ? 1 : 0)) return err("wrong-rotation");

  if (moved.newPeople.size > 0 && rank < ranks.admin) return err("may-not-add");
  if (!isNamedRight(note, moved.newPeople)) return err("bad-names");
  const left = leftWith(note.leaves, before.context.conversation, before.members);
  if (left === undefined || ![...left].every((account) => moved.gonePeople.has(account))) return err("not-left");
  for (const account of moved.gonePeople) {
    if (!left.has(account) && rank <= rankOf(was, account)) return err("may-not-remove");
  }
  const listed = listFault(change, moved, note, readList);
  if (listed !== undefined) return err(listed);
  if (!isHealedRight(change, moved, note, { conversation: before.context.conversation, topic }))
    return err("not-healed");

  const facts: Pair = { was, is, actor: by.credential.account };
  if (note.succession !== undefined) return succeeds(change, note.succession, facts) ? done : err("not-succeeded");
  if (!isSameButRoles(facts) && rank < ranks.admin) return err("may-not-change-facts");
  return rolesAllow(facts, peopleOf(before.members), moved.gonePeople) ? done : err("may-not-change-roles");
}

/**
 * What is wrong with a group as it stands, whoever made it so. Asked of every commit and by who joins. `undefined`: nothing.
 */
export function unsoundness(members: readonly LeafIdentity[], { roles }: GroupFacts): CommitFault | undefined {
  const people = peopleOf(members);
  if (members.length > maxDevicesOfGroup) return "too-many-devices";
  if (people.size > maxPeopleOfGroup) return "too-many-people";
  if (!distinct(members.map(({ credential }) => credential.device))) return "device-twice";
  if (roles.filter(({ role }) => role === "owner").length > 1) return "two-owners";
  return roles.every(({ account }) => people.has(account)) ? undefined : "role-of-nobody";
}

export function peopleOf(members: readonly LeafIdentity[]): ReadonlySet<AccountId> {
  return new Set(members.map(({ credential }) => credential.account));
}

interface Movements {
  /** Leaves of devices that had none. */
  readonly fresh: Change["added"];
  /** Leaves of devices that have none any more. */
  readonly gone: Change["removed"];
  /** Leaves of devices that had another one. */
  readonly replaced: Change["added"];
  readonly newPeople: ReadonlySet<AccountId>;
  readonly gonePeople: ReadonlySet<AccountId>;
}

export function movements({ added, removed, before, after }: Change): Movements {
  const had = peopleOf(before.members);
  const has = peopleOf(after.members);
  return {
    fresh: added.filter((leaf) => !removed.some((one) => isSameDevice(one, leaf))),
    gone: removed.filter((leaf) => !added.some((one) => isSameDevice(one, leaf))),
    replaced: added.filter((leaf) => removed.some((one) => isSameDevice(one, leaf))),
    newPeople: new Set([...has].filter((account) => !had.has(account))),
    gonePeople: new Set([...had].filter((account) => !has.has(account))),
  };
}

function isSameDevice({ credential: a }: LeafIdentity, { credential: b }: LeafIdentity): boolean {
  return a.account === b.account && a.device === b.device;
}

function isSameLeaf(a: LeafIdentity, b: LeafIdentity): boolean {
  return isSameDevice(a, b) && isSameList(a, b) && equalBytes(a.signatureKey, b.signatureKey);
}

function isSameList({ credential: a }: LeafIdentity, { credential: b }: LeafIdentity): boolean {
  return a.listSequence === b.listSequence;
}

function isNamedRight({ names, link }: CommitNote, newPeople: ReadonlySet<AccountId>): boolean {
  if (link !== undefined && newPeople.size === 0) return false;
  return (
    distinct(names.map(({ account }) => account)) &&
    names.length === newPeople.size &&
    names.every(({ account }) => newPeople.has(account))
  );
}

/**
 * Every device that comes, or whose new leaf rests on a newer list than the one before, is named by its person's list in the
 * note, and every device that goes while its person stays is revoked there. The list must be as new as any that a leaf of the
 * person rests on, so that an old one cannot bring a device back or hide one.
 */
function listFault(change: Change, moved: Movements, note: CommitNote, readList: ListReader): CommitFault | undefined {
  const dropped = moved.gone.filter(({ credential }) => !moved.gonePeople.has(credential.account));
  const raised = moved.replaced.filter((leaf) =>
    change.removed.some((old) => isSameDevice(old, leaf) && !isSameList(old, leaf)),
  );
  const listed = [...moved.fresh, ...raised];
  const needed = new Set([...listed, ...dropped].map(({ credential }) => credential.account));
  if (note.lists.length > needed.size) return "bad-list";
  const lists = new Map<AccountId, DeviceList>();
  for (const bytes of note.lists) {
    const read = readList(bytes);
    if (!read.ok || !needed.has(read.value.list.account)) return "bad-list";
    lists.set(read.value.list.account, read.value.list);
  }
  if (lists.size !== note.lists.length) return "bad-list";
  for (const { credential, signatureKey } of listed) {
    const list = lists.get(credential.account);
    if (list === undefined || !leafIsListed(list, credential, signatureKey)) return "unlisted-device";
  }
  for (const { credential } of dropped) {
    if (lists.get(credential.account)?.revoked.includes(credential.device) !== true) return "not-revoked";
  }
  for (const { credential } of [...change.before.members, ...listed]) {
    const list = lists.get(credential.account);
    if (list !== undefined && list.sequence < credential.listSequence) return "stale-list";
  }
  return undefined;
}

/** A leaf is replaced one at a time, by one of the same key, at the request of its device. */
function isHealedRight(
  { removed }: Change,
  { replaced }: Movements,
  { healed }: CommitNote,
  within: HealedIn,
): boolean {
  const [fresh, ...more] = replaced;
  if (fresh === undefined) return healed === undefined;
  const old = removed.find((one) => isSameDevice(one, fresh));
  if (more.length > 0 || healed === undefined || old === undefined) return false;
  // The device may know a newer list by now; an older one would let a list come back that was replaced.
  const isOlder = fresh.credential.listSequence < old.credential.listSequence;
  if (isOlder || !equalBytes(old.signatureKey, fresh.signatureKey)) return false;
  return healed.device === fresh.credential.device && isHealedLeaf(healed, fresh, within);
}

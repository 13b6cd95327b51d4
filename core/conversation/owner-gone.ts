/**
 * A group whose owner is gone (§13.13): who may say so, how many it takes, and whether a commit that makes somebody else the owner
 * rests on enough of them. Knows no clock: that each device waited is what it signs.
 */

import { sha256 } from "../crypto/hash.ts";
import type { Change } from "../group/open-in-group.ts";
import type { LeafIdentity } from "../group/state.ts";
import type { AccountId, ConversationId } from "../lang/brand.ts";
import { concat, toHex, uint32 } from "../lang/bytes.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import { isOwnerGoneBy, type OwnerClaim, type OwnerConfirmation, type Succession } from "../wire/succession.ts";
import { isSameButRoles, isSameRoles, ownerOf, type Pair } from "./role-change.ts";

/**
 * How long a device hears nothing of the owner before it confirms, from when it heard for the first time that they are gone.
 * A holiday is two weeks, and a node keeps what the owner leaves there for 30 days. Lower takes a group from somebody who
 * travels; higher leaves it without anybody who appoints or adds.
 */
export const ownerWaitMs = 14 * 24 * 3_600_000;

/**
 * Nobody takes an owner's place alone. What one person says is no proof that the owner is gone: with a changed Kith they would
 * not even wait. More members to ask would not help where there is one admin, who removes members and adds others as they like
 * and so would choose the voters; two admins are two whom the owner trusted. Whoever is alone makes a copy (§13.14).
 */
const minVoters = 2;

/**
 * Who decides: the admins, or everybody where there is none; nobody where it would be one alone against an owner. Ascending as
 * `people` are.
 */
export function votersOf(facts: GroupFacts, people: Iterable<AccountId>): readonly AccountId[] {
  const owner = ownerOf(facts);
  const others = [...people].filter((account) => account !== owner);
  const admins = others.filter((one) => facts.roles.some(({ account, role }) => account === one && role === "admin"));
  const voters = admins.length > 0 ? admins : others;
  return owner !== undefined && voters.length < minVoters ? [] : voters;
}

/** More than half of them: with an owner two at least. */
export function quorumOf(voters: readonly AccountId[]): number {
  return Math.floor(voters.length / 2) + 1;
}

export function votersAre(facts: GroupFacts): "admins" | "members" {
  return facts.roles.some(({ role }) => role === "admin") ? "admins" : "members";
}

/** A group at one moment. */
export interface GroupAt {
  readonly conversation: ConversationId;
  readonly members: readonly LeafIdentity[];
  readonly facts: GroupFacts;
}

/**
 * 32 bytes that stand for this absence: the keys of the owner's leaves, which are others after every commit that the owner's
 * devices make, ask for or bring about. So what was confirmed before they were here again holds for nothing. Without an owner, how
 * often the topic had turned when the last one left.
 */
export function absenceOf({ members, facts }: Pick<GroupAt, "members" | "facts">): Uint8Array {
  const owner = ownerOf(facts);
  if (owner === undefined) return sha256(uint32(facts.rotation));
  const theirs = members.filter(({ credential }) => credential.account === owner);
  const keys = theirs.map(({ encryptionKey }) => sha256(encryptionKey)).sort((a, b) => (toHex(a) < toHex(b) ? -1 : 1));
  return sha256(concat(...keys));
}

/** Of those, the ones that hold in this group now: by devices of who decides, for this very absence. */
export function validOf(
  claim: OwnerClaim,
  confirmations: readonly OwnerConfirmation[],
  group: GroupAt,
): readonly OwnerConfirmation[] {
  if (claim.owner !== ownerOf(group.facts)) return [];
  const absence = { ...claim, conversation: group.conversation, absence: absenceOf(group) };
  const voters = votersOf(group.facts, accountsOf(group.members));
  return confirmations.filter(({ account, device, signature }) => {
    if (!voters.includes(account)) return false;
    const leaf = group.members.find(({ credential }) => credential.account === account && credential.device === device);
    return leaf !== undefined && isOwnerGoneBy(absence, signature, leaf.signatureKey);
  });
}

/**
 * Whether the commit makes the next owner and does nothing else, by one of those who decide, with confirmations of more than
 * half of them. One that does not hold spoils it: all refuse the same.
 */
export function succeeds({ before, added, removed, by }: Change, succession: Succession, { was, is }: Pair): boolean {
  const voters = votersOf(was, accountsOf(before.members));
  const { next, confirmations } = succession;
  const group = { conversation: before.context.conversation, members: before.members, facts: was };
  if (added.length > 0 || removed.length > 0 || !isSameButRoles({ was, is })) return false;
  if (!voters.includes(by.credential.account) || !voters.includes(next)) return false;
  if (confirmations.length < quorumOf(voters)) return false;
  if (validOf(succession, confirmations, group).length < confirmations.length) return false;
  return isSameRoles(rolesAfter(was, succession), is.roles);
}

/** The owner before is a plain member. Ascending by account. */
export function rolesAfter({ roles }: GroupFacts, { owner, next }: OwnerClaim): GroupFacts["roles"] {
  const others = roles.filter(({ account }) => account !== owner && account !== next);
  return [...others, { account: next, role: "owner" as const }].sort((a, b) => (a.account < b.account ? -1 : 1));
}

function accountsOf(members: readonly LeafIdentity[]): ReadonlySet<AccountId> {
  return new Set(members.map(({ credential }) => credential.account));
}

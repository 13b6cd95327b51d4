/**
 * Whose word leads a device that asks for a leaf on from what it knows of a group (§13.7). It cannot judge the commits between: who
 * may have made it ask is believed nothing that they could not have done in the group themselves. Knows no keys.
 */

import type { AccountId } from "../lang/brand.ts";
import { equalBytes } from "../lang/bytes.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import { type KnownGroup, peopleMark } from "../wire/known-group.ts";
import { rankOf, ranks } from "./group-rights.ts";
import { isSameButRoles, isSameRoles, ownerOf } from "./role-change.ts";

export interface GroupNow {
  readonly facts: GroupFacts;
  readonly people: ReadonlySet<AccountId>;
}

/** `by` gives the leaf; `now` is the group that it is a leaf of; `known`: as the request says, `undefined` where it says nothing. */
export function isFollowed(by: AccountId, known: KnownGroup | undefined, now: GroupNow): boolean {
  // Whoever made it ask may have somebody else give the leaf.
  return known === undefined || mayLead(by, known, now);
}

/** By the ranks that are known. The topic stays with a leaf, and whoever goes turns it: nobody is gone. */
function mayLead(by: AccountId, { facts: was, people }: KnownGroup, { facts: is, people: here }: GroupNow): boolean {
  if (is.rotation !== was.rotation || !was.roles.every(({ account }) => here.has(account))) return false;
  const owner = ownerOf(was);
  const rank = rankOf(was, by);
  if (!isSameRoles(was.roles, is.roles)) return owner === undefined ? rank >= ranks.admin : owner === by;
  const isSame = isSameButRoles({ was, is }) && equalBytes(people, peopleMark(here));
  return isSame || rank >= ranks.admin;
}

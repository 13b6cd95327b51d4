/** How the facts of a group may differ before and after a commit (§13.2): roles apart from the rest. */

import type { AccountId, NodeUrl } from "../lang/brand.ts";
import type { GroupFacts, GroupRole } from "../wire/group-facts.ts";
import type { Rules } from "./group-acts.ts";

export interface Pair {
  readonly was: GroupFacts;
  readonly is: GroupFacts;
  readonly actor: AccountId;
}

/** Everything that owner and admins may change: all but roles and rotation. */
export function isSameButRoles({ was, is }: Pick<Pair, "was" | "is">): boolean {
  const isCalledTheSame = was.name === is.name && was.description === is.description && was.emoji === is.emoji;
  return isCalledTheSame && isSameRules(was, is) && isSameNodes(was.nodes, is.nodes);
}

/** Their order counts: the first one decides. */
export function isSameNodes(a: readonly NodeUrl[], b: readonly NodeUrl[]): boolean {
  return a.join() === b.join();
}

export function isSameRules(a: Rules, b: Rules): boolean {
  return a.writers === b.writers && a.slowModeS === b.slowModeS && a.history === b.history && a.joining === b.joining;
}

/**
 * The roles of who is gone go with them; everything else about roles is the owner's. There is an owner as long as they do not
 * leave: one who hands over becomes an admin, and the next one was in the group before. Of who is gone see `owner-gone`.
 */
export function rolesAllow(
  { was, is, actor }: Pair,
  peopleBefore: ReadonlySet<AccountId>,
  gone: ReadonlySet<AccountId>,
): boolean {
  const owner = ownerOf(was);
  if (owner !== actor) {
    return isSameRoles(
      was.roles.filter(({ account }) => !gone.has(account)),
      is.roles,
    );
  }
  const next = ownerOf(is);
  if (next === owner) return true;
  if (next === undefined || !peopleBefore.has(next)) return false;
  return is.roles.some(({ account, role }) => account === owner && role === "admin");
}

export function ownerOf({ roles }: GroupFacts): AccountId | undefined {
  return roles.find(({ role }) => role === "owner")?.account;
}

export function isSameRoles(a: readonly GroupRole[], b: readonly GroupRole[]): boolean {
  return (
    a.length === b.length && a.every(({ account, role }, at) => b[at]?.account === account && b[at]?.role === role)
  );
}

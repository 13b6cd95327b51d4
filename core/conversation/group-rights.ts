/**
 * What a member of a group may do by their rank (§13.2, §13.10), for the interface and for content. Commits are judged in
 * `authority`, by the same ranks.
 */

import type { AccountId } from "../lang/brand.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import { votersOf } from "./owner-gone.ts";

export const ranks = { member: 1, admin: 2, owner: 3 } as const;

/** Of a member. Who is none has no role, and the lowest rank. */
export function rankOf({ roles }: GroupFacts, account: AccountId): number {
  const role = roles.find((one) => one.account === account)?.role;
  return ranks[role ?? "member"];
}

export interface Permissions {
  readonly write: boolean;
  /** Persons, and whoever asks by a link. */
  readonly add: boolean;
  /** Name, description, picture and rules. */
  readonly edit: boolean;
  /** Make and unmake admins, and hand the group over. */
  readonly appoint: boolean;
  /** Remove messages of others of lower rank. */
  readonly moderate: boolean;
  /** Say that the owner is gone, and who should be it: admins, or everybody where there is none. */
  readonly replaceOwner: boolean;
  readonly remove: readonly AccountId[];
  /** `hand-over`: an owner with others in the group chooses the next one first. */
  readonly leave: "free" | "hand-over";
}

/** `people`: the members. Nothing but leaving for who is none of them. */
export function permissions(facts: GroupFacts, people: readonly AccountId[], account: AccountId): Permissions {
  const here = people.includes(account);
  const rank = rankOf(facts, account);
  const isAdmin = here && rank >= ranks.admin;
  return {
    write: here && mayWrite(facts, account),
    add: isAdmin,
    edit: isAdmin,
    appoint: here && rank === ranks.owner,
    moderate: isAdmin,
    replaceOwner: here && votersOf(facts, people).includes(account),
    remove: here ? people.filter((one) => rankOf(facts, one) < rank) : [],
    leave: here && rank === ranks.owner && people.length > 1 ? "hand-over" : "free",
  };
}

/** Asked of a text by the facts of the epoch that it is sealed in. */
export function mayWrite(facts: GroupFacts, account: AccountId): boolean {
  return facts.writers === "everybody" || rankOf(facts, account) >= ranks.admin;
}

/** One's own, or as an admin that of somebody of lower rank; who is gone has the lowest. */
export function mayRemoveMessage(facts: GroupFacts, actor: AccountId, author: AccountId): boolean {
  const rank = rankOf(facts, actor);
  return actor === author || (rank >= ranks.admin && rank > rankOf(facts, author));
}

/** When somebody who wrote at `lastMs` may write again; admins at once. */
export function writableAtMs(facts: GroupFacts, account: AccountId, lastMs: number): number {
  return rankOf(facts, account) >= ranks.admin ? 0 : lastMs + facts.slowModeS * 1000;
}

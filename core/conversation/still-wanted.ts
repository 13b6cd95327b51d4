/**
 * What becomes of an act whose turn has come (§13.3): the group may be another one since it was ordered. Decides whether it is
 * still to be made, what is left of it, or why it ends; does not make it.
 */

import type { AccountId, DeviceId } from "../lang/brand.ts";
import { assertNever } from "../lang/result.ts";
import { maxPeopleOfGroup } from "../wire/bounds.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import type { Act, ActEnd, GroupAct, GroupEvent, Rules } from "./group-acts.ts";
import { rankOf, ranks } from "./group-rights.ts";
import { isSameNodes, isSameRules, ownerOf } from "./role-change.ts";

export interface GroupNow {
  readonly facts: GroupFacts;
  readonly people: readonly {
    readonly account: AccountId;
    readonly devices: readonly DeviceId[];
    /** Said that they leave, so that everybody may see them off. */
    readonly leaving: unknown;
  }[];
  /** Who wants it. */
  readonly me: AccountId;
}

/** What commits of others did since the act was ordered, oldest first, and whose they were. */
export type Since = readonly { readonly by: AccountId; readonly event: GroupEvent }[];

/** `by`: whose commit brought the end about, where one did. */
export type Wanted =
  | { readonly kind: "make"; readonly act: Act }
  | { readonly kind: "end"; readonly why: ActEnd; readonly by: AccountId | undefined };

export function stillWanted(act: Act, now: GroupNow, since: Since): Wanted {
  const { me } = now;
  if (!isHere(now, me)) return ended("removed-myself", since, (event) => isDeparture(event, me));
  switch (act.kind) {
    case "add":
      return addition(act.people, now, since);
    case "let-in":
      return addition([act.account], now, since, act);
    case "remove":
      return removal(act, now, since);
    case "see-off":
      return now.people.some(({ account, leaving }) => account === act.account && leaving !== undefined)
        ? { kind: "make", act }
        : ended("moot", since, (event) => isDeparture(event, act.account));
    case "role":
    case "hand-over":
      return appointment(act, now, since);
    case "rename":
      return edit(act, now, since, act.name === now.facts.name, (event) => event.kind === "renamed");
    case "describe":
      return edit(act, now, since, act.description === now.facts.description, (event) => event.kind === "described");
    case "picture":
      return edit(act, now, since, act.emoji === now.facts.emoji, (event) => event.kind === "pictured");
    case "rules": {
      const rules = rebased(act.rules, now.facts, since);
      const same = isSameRules(rules, now.facts);
      return edit({ kind: "rules", rules }, now, since, same, (event) => event.kind === "rules");
    }
    case "move":
      return edit(act, now, since, isSameNodes(act.nodes, now.facts.nodes), (event) => event.kind === "moved");
    case "give-leaf":
    case "drop-devices":
      return isHere(now, act.account) ? { kind: "make", act } : { kind: "end", why: "gone", by: undefined };
    case "succeed":
      return ownerOf(now.facts) === act.owner && isHere(now, act.next)
        ? { kind: "make", act }
        : { kind: "end", why: "moot", by: undefined };
    case "renew":
      return { kind: "make", act };
    default:
      return assertNever(act);
  }
}

/** Of those who are to be added, who is not here yet; as many as there is room for, in the order they were chosen. */
function addition(wanted: readonly AccountId[], now: GroupNow, since: Since, whole?: Act): Wanted {
  const people = wanted.filter((account) => !isHere(now, account));
  if (people.length === 0) {
    return ended("moot", since, (event) => wanted.some((account) => isArrival(event, account)));
  }
  if (!isAdmin(now)) return lostTheRight(now, since);
  const room = people.slice(0, Math.max(0, maxPeopleOfGroup - now.people.length));
  if (room.length === 0) return ended("full", since, (event) => event.kind === "added" || event.kind === "joined");
  return { kind: "make", act: whole ?? { kind: "add", people: room } };
}

function removal(act: Extract<Act, { kind: "remove" }>, now: GroupNow, since: Since): Wanted {
  const { account } = act;
  const person = now.people.find((one) => one.account === account);
  if (person === undefined) return ended("moot", since, (event) => isDeparture(event, account));
  if (person.leaving !== undefined || rankOf(now.facts, now.me) > rankOf(now.facts, account)) {
    return { kind: "make", act };
  }
  return ended("not-allowed", since, (event) => isAppointment(event, now.me) || isAppointment(event, account));
}

function appointment(act: Extract<Act, { kind: "role" | "hand-over" }>, now: GroupNow, since: Since): Wanted {
  const { account } = act;
  if (!isHere(now, account)) return ended("gone", since, (event) => isDeparture(event, account));
  const rank = act.kind === "hand-over" ? ranks.owner : ranks[act.role];
  if (rankOf(now.facts, account) === rank) return ended("moot", since, (event) => isAppointment(event, account));
  const mayAppoint = rankOf(now.facts, now.me) === ranks.owner && account !== now.me;
  return mayAppoint ? { kind: "make", act } : lostTheRight(now, since);
}

function edit(
  act: GroupAct,
  now: GroupNow,
  since: Since,
  same: boolean,
  didIt: (event: GroupEvent) => boolean,
): Wanted {
  if (same) return ended("moot", since, didIt);
  return isAdmin(now) ? { kind: "make", act } : lostTheRight(now, since);
}

function lostTheRight(now: GroupNow, since: Since): Wanted {
  return ended("not-allowed", since, (event) => isAppointment(event, now.me));
}

function ended(why: ActEnd, since: Since, didIt: (event: GroupEvent) => boolean): Wanted {
  return { kind: "end", why, by: since.findLast(({ event }) => didIt(event))?.by };
}

/** Those that the act changes, as it says; the others as they are now, whoever changed them meanwhile. */
function rebased(wanted: Rules, now: Rules, since: Since): Rules {
  const first = since.find(({ event }) => event.kind === "rules")?.event;
  const base = first?.kind === "rules" ? first.before : now;
  return {
    writers: wanted.writers === base.writers ? now.writers : wanted.writers,
    slowModeS: wanted.slowModeS === base.slowModeS ? now.slowModeS : wanted.slowModeS,
    history: wanted.history === base.history ? now.history : wanted.history,
    joining: wanted.joining === base.joining ? now.joining : wanted.joining,
  };
}

function isHere({ people }: GroupNow, account: AccountId): boolean {
  return people.some((one) => one.account === account);
}

function isAdmin({ facts, me }: GroupNow): boolean {
  return rankOf(facts, me) >= ranks.admin;
}

function isArrival(event: GroupEvent, account: AccountId): boolean {
  if (event.kind === "joined") return event.account === account;
  return event.kind === "added" && event.people.includes(account);
}

function isDeparture(event: GroupEvent, account: AccountId): boolean {
  if (event.kind === "left") return event.account === account;
  return event.kind === "removed" && event.people.includes(account);
}

/** What changed somebody's rank. A hand-over changes that of who handed over as well, by themselves. */
function isAppointment(event: GroupEvent, account: AccountId): boolean {
  if (event.kind === "owner-replaced") return event.account === account || event.was === account;
  return (event.kind === "role" || event.kind === "handed-over") && event.account === account;
}

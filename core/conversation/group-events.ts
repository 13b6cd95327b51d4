/**
 * What a commit did to a group, as lines of its timeline (§13.11): worked out from the commit alone, so that they are the same
 * on every device. New keys and leaves that are replaced are no event.
 */

import { sha256 } from "../crypto/hash.ts";
import type { Change } from "../group/open-in-group.ts";
import type { LeafIdentity } from "../group/state.ts";
import type { AccountId } from "../lang/brand.ts";
import { concat, idBytes, toHex, uint32 } from "../lang/bytes.ts";
import type { CommitNote } from "../wire/commit-note.ts";
import type { CardEvent } from "../wire/group-card.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import { contentIdLength } from "../wire/message-ref.ts";
import { peopleOf } from "./authority.ts";
import type { GroupEvent, Rules } from "./group-acts.ts";
import { rankOf, ranks } from "./group-rights.ts";
import { votersAre, votersOf } from "./owner-gone.ts";
import { isSameNodes, ownerOf } from "./role-change.ts";

/** `id`: of the message that shows it, scoped to the committing device like any other. */
export interface TimelineEvent {
  readonly id: string;
  readonly event: GroupEvent;
}

/**
 * Of a commit that was judged and is allowed, in the order in which they are shown: who went, who came, what is called
 * otherwise, who may do what.
 */
export function groupEvents(
  { before, after }: Pick<Change, "before" | "after">,
  note: CommitNote,
): readonly TimelineEvent[] {
  if (before.context.kind !== "group" || after.context.kind !== "group") return [];
  const [was, is] = [before.context.facts, after.context.facts];
  const [had, has] = [peopleOf(before.members), peopleOf(after.members)];
  const events = [
    ...departures([...had].filter((account) => !has.has(account)).sort(), note.leaves),
    ...arrivals([...has].filter((account) => !had.has(account)).sort(), is, note.link !== undefined),
    ...newDevices(before.members, after.members),
    ...edits(was, is),
    ...appointments([...has].sort(), was, is, note.succession),
  ];
  return events.map((event, index) => ({ id: eventId(note.id, index), event }));
}

/** The same lines for who joined by it, who does not see the commit. Nobody is removed by a commit that adds. */
export function arrivalEvents({ id, added, link }: CardEvent, is: GroupFacts): readonly TimelineEvent[] {
  return arrivals(added, is, link !== undefined).map((event, index) => ({ id: eventId(id, index), event }));
}

/** The note's own id for the first; the others are made from it, so that nobody has to send them. */
function eventId(noteId: string, index: number): string {
  if (index === 0) return noteId;
  return toHex(sha256(concat(idBytes(noteId), uint32(index))).subarray(0, contentIdLength));
}

function departures(gone: readonly AccountId[], leaves: CommitNote["leaves"]): readonly GroupEvent[] {
  const hasLeft = (account: AccountId) => leaves.some((one) => one.account === account);
  const people = gone.filter((account) => !hasLeft(account));
  const left = gone.filter(hasLeft).map((account): GroupEvent => ({ kind: "left", account }));
  return people.length === 0 ? left : [{ kind: "removed", people }, ...left];
}

function arrivals(people: readonly AccountId[], { joining }: GroupFacts, byLink: boolean): readonly GroupEvent[] {
  if (people.length === 0) return [];
  if (!byLink) return [{ kind: "added", people }];
  return people.map((account) => ({ kind: "joined", account, ...(joining === "open" && { open: true }) }));
}

/** Of who was there before with another one. */
function newDevices(before: readonly LeafIdentity[], after: readonly LeafIdentity[]): readonly GroupEvent[] {
  const had = new Set(before.map(({ credential }) => credential.device));
  const people = peopleOf(before);
  const fresh = after.filter(({ credential }) => !had.has(credential.device) && people.has(credential.account));
  return [...peopleOf(fresh)].sort().map((account): GroupEvent => ({ kind: "new-device", account }));
}

function edits(was: GroupFacts, is: GroupFacts): readonly GroupEvent[] {
  const events: GroupEvent[] = [];
  if (was.name !== is.name) events.push({ kind: "renamed", name: is.name });
  if (was.description !== is.description) events.push({ kind: "described" });
  if (was.emoji !== is.emoji) events.push({ kind: "pictured", emoji: is.emoji });
  const [before, after] = [rulesOf(was), rulesOf(is)];
  const keys = Object.keys(before) as (keyof Rules)[];
  if (keys.some((key) => before[key] !== after[key])) events.push({ kind: "rules", before, after });
  if (!isSameNodes(was.nodes, is.nodes)) events.push({ kind: "moved", nodes: is.nodes });
  return events;
}

function rulesOf({ writers, slowModeS, history, joining }: GroupFacts): Rules {
  return { writers, slowModeS, history, joining };
}

/** That an owner who hands over is an admin afterwards goes without saying. */
function appointments(
  here: readonly AccountId[],
  was: GroupFacts,
  is: GroupFacts,
  succession: CommitNote["succession"],
): readonly GroupEvent[] {
  const [owner, next] = [ownerOf(was), ownerOf(is)];
  const handedOver = next !== undefined && next !== owner;
  const roles = here
    .filter((account) => rankOf(was, account) !== rankOf(is, account))
    .filter((account) => account !== next && !(handedOver && account === owner))
    .map((account): GroupEvent => {
      return { kind: "role", account, role: rankOf(is, account) === ranks.admin ? "admin" : "member" };
    });
  if (!handedOver) return roles;
  if (succession === undefined) return [...roles, { kind: "handed-over", account: next }];
  const agreed = succession.confirmations.length;
  const of = votersOf(was, here).length;
  return [...roles, { kind: "owner-replaced", account: next, was: owner, agreed, of, voters: votersAre(was) }];
}

/**
 * From facts to the one mark a message shows. Facts are learnt and never taken back; the mark is worked out
 * from them each time it is shown. Does not know how a fact was proved.
 */

import type { AccountId, NodeUrl } from "../lang/brand.ts";

/** What is known of one recipient device's copy, each with when it was learnt. */
export interface Delivery {
  readonly deliveredAtMs: number | undefined;
  readonly readAtMs: number | undefined;
  /** The device answered that no key of it opens the envelope. */
  readonly refusedAtMs: number | undefined;
  /** It was not known to have it when the words might not be said any more (§13.10): it does not get them. */
  readonly unsaid?: Unsaid;
}

/** `not-allowed`: only admins write. `too-soon`: slow mode. */
export interface Unsaid {
  readonly why: "not-allowed" | "too-soon";
  readonly atMs: number;
}

/** A node's signed promise to keep the message for whoever has not fetched it. */
export interface Held {
  readonly node: NodeUrl;
  readonly atMs: number;
  readonly untilMs: number;
  /** The node did not have it any more, before its time. */
  readonly brokenAtMs: number | undefined;
}

/** A contact's signed promise to hand it over to whom it is for, should they meet. */
export interface Keeping {
  readonly keeper: AccountId;
  readonly atMs: number;
  readonly untilMs: number;
}

/** The last time a node did not take or keep the message. */
export interface Trouble {
  readonly node: NodeUrl;
  readonly what: "full" | "refused" | "broke-promise";
  readonly atMs: number;
}

export type Mark =
  | { readonly kind: "saved" }
  | { readonly kind: "held"; readonly untilMs: number }
  /** No node holds it, but a contact keeps it for whom it is for. */
  | { readonly kind: "kept"; readonly untilMs: number }
  | { readonly kind: "delivered"; readonly atMs: number }
  | { readonly kind: "read"; readonly atMs: number }
  | { readonly kind: "trouble"; readonly trouble: Trouble }
  | { readonly kind: "refused" }
  | { readonly kind: "expired" }
  | ({ readonly kind: "unsaid" } & Unsaid);

export const nothingHeard: Delivery = { deliveredAtMs: undefined, readAtMs: undefined, refusedAtMs: undefined };

/** The first time counts: what comes again, or late, changes nothing. Whoever has read a message has it. */
export function learn(now: Delivery, fact: "delivered" | "read" | "refused", atMs: number): Delivery {
  switch (fact) {
    case "refused":
      return { ...now, refusedAtMs: now.refusedAtMs ?? atMs };
    case "delivered":
      return { ...now, deliveredAtMs: now.deliveredAtMs ?? atMs };
    case "read":
      return { ...now, deliveredAtMs: now.deliveredAtMs ?? atMs, readAtMs: now.readAtMs ?? atMs };
  }
}

export interface Copies {
  /** Of each person it is for, the devices' copies. */
  readonly persons: readonly (readonly Delivery[])[];
  readonly held: readonly Held[];
  readonly keepings: readonly Keeping[];
  readonly trouble: Trouble | undefined;
}

/**
 * What needs attention comes first, on whichever device; then the message is as far as the slowest person. A person has
 * read it once one of their devices says so: it has reached whom it was for, and their other devices are served all the
 * same, so that the mark falls back to "expired" or "refused" should one of them be given up (invariant 9). As long as
 * nobody read it, a person has it only when every device of theirs does. `receipts`: whether reading is shown at all.
 * `undefined` when the message is for nobody else.
 */
export function weakestMark(
  { persons, held, keepings, trouble }: Copies,
  receipts: boolean,
  nowMs: number,
): Mark | undefined {
  const waiting = waitingMark(held, keepings, trouble, nowMs);
  return weakest(
    persons.flatMap((devices) => {
      const marks = devices.map((one) => copyMark(one, waiting));
      const first = weakest(marks);
      if (first === undefined) return [];
      const readAtMs = earliest(devices.map((one) => one.readAtMs));
      const isRead = receipts && readAtMs !== undefined && !needsAttention(first);
      return [isRead ? ({ kind: "read", atMs: readAtMs } as const) : first];
    }),
  );
}

/** To how many of the persons it came, with every device or because they read it, and how many of them read it. */
export function reachOf(
  persons: readonly (readonly Delivery[])[],
  receipts: boolean,
): { readonly delivered: number; readonly read: number; readonly of: number } {
  const others = persons.filter((devices) => devices.length > 0);
  const hasRead = (devices: readonly Delivery[]) => devices.some(({ readAtMs }) => readAtMs !== undefined);
  const hasIt = (devices: readonly Delivery[]) => devices.every(({ deliveredAtMs }) => deliveredAtMs !== undefined);
  return {
    delivered: others.filter((devices) => hasIt(devices) || (receipts && hasRead(devices))).length,
    read: receipts ? others.filter(hasRead).length : 0,
    of: others.length,
  };
}

function copyMark({ deliveredAtMs, refusedAtMs, unsaid }: Delivery, waiting: Mark): Mark {
  // A device that refused one copy and then opened another has it.
  if (deliveredAtMs !== undefined) return { kind: "delivered", atMs: deliveredAtMs };
  if (unsaid !== undefined) return { kind: "unsaid", ...unsaid };
  return refusedAtMs === undefined ? waiting : { kind: "refused" };
}

/** Of whoever has not answered. One kept promise is enough. */
function waitingMark(
  held: readonly Held[],
  keepings: readonly Keeping[],
  trouble: Trouble | undefined,
  nowMs: number,
): Mark {
  const promises = held.filter(({ brokenAtMs }) => brokenAtMs === undefined);
  const untilMs = Math.max(...promises.map((one) => one.untilMs));
  if (untilMs > nowMs) return { kind: "held", untilMs };
  const keptUntilMs = Math.max(...keepings.map((one) => one.untilMs));
  if (keptUntilMs > nowMs) return { kind: "kept", untilMs: keptUntilMs };
  if (promises.length > 0) return { kind: "expired" };
  return trouble === undefined ? { kind: "saved" } : { kind: "trouble", trouble };
}

/** The mark of the lowest rank; of several of one kind the latest, which is when it became true of all. */
function weakest(marks: readonly Mark[]): Mark | undefined {
  let found: Mark | undefined;
  for (const mark of marks) {
    const before = found === undefined ? Number.POSITIVE_INFINITY : rank(found);
    if (rank(mark) < before || (rank(mark) === before && timeOf(mark) > timeOf(found))) found = mark;
  }
  return found;
}

const ranks: readonly Mark["kind"][] = [
  "unsaid",
  "refused",
  "expired",
  "trouble",
  "saved",
  "kept",
  "held",
  "delivered",
  "read",
];

function rank(mark: Mark): number {
  return ranks.indexOf(mark.kind);
}

function needsAttention(mark: Mark): boolean {
  return rank(mark) < ranks.indexOf("saved");
}

function timeOf(mark: Mark | undefined): number {
  return mark !== undefined && "atMs" in mark ? mark.atMs : 0;
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

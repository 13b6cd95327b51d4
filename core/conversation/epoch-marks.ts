/**
 * What two members' marks of a group's epochs say (§13.15): where they begin to differ, which part of the group stays, and what is
 * news of it. Decided from the marks alone, so that all who see the same ones decide alike.
 */

import { concat, equalBytes, toHex } from "../lang/bytes.ts";
import { maxEpochMarks } from "../wire/bounds.ts";
import { type EpochRun, epochMarkBytes } from "../wire/epoch-marks.ts";

/** A group whose members were shown different orders of commits. */
export interface Split {
  /** The first epoch known here in which others have other keys. */
  readonly epoch: number;
  /** Hex, in that epoch: of the part that stays, as far as is known. */
  readonly mark: string;
  /**
   * `stays`: this device is in the part that stays. `asks`: it is in another one, and asks to come over. `over`: it came over.
   * `unknown`: the epochs before are not known on both sides, so that others may decide by another one.
   */
  readonly side: "stays" | "asks" | "over" | "unknown";
  readonly atMs: number;
  /** Of the newest request; the private half opens the Welcome. */
  readonly asked?: {
    readonly atMs: number;
    readonly publicPackage: Uint8Array;
    readonly privatePackage: Uint8Array;
  };
}

/** Whoever makes up splits is heard once in this time. */
const nextSplitMs = 24 * 3_600_000;
/** Between two requests for one split: whoever shows ever lower marks of it would have everybody ask without end. */
const nextRequestMs = 3_600_000;

/**
 * Whether others are likely to speak in another part still, where this device comes over or they do. Longer, and somebody who
 * misses a commit later does not ask for new keys.
 */
export function isFreshSplit({ side, atMs }: Split, nowMs: number): boolean {
  return (side === "stays" || side === "asks") && nowMs >= atMs && nowMs - atMs < nextSplitMs;
}

/** Of the newest epochs, one more. */
export function marksWith(marks: Uint8Array | undefined, mark: Uint8Array): Uint8Array {
  const all = marks === undefined ? mark : concat(marks, mark);
  return all.slice(Math.max(0, all.length - maxEpochMarks * epochMarkBytes));
}

export function markAt({ first, marks }: EpochRun, epoch: number): Uint8Array | undefined {
  const at = (epoch - first) * epochMarkBytes;
  return at >= 0 && at < marks.length ? marks.subarray(at, at + epochMarkBytes) : undefined;
}

interface Difference {
  readonly epoch: number;
  /** Hex. */
  readonly own: string;
  readonly theirs: string;
  /** The epoch before is the same on both sides: here the parts began. */
  readonly isFirst: boolean;
}

export function firstDifference(own: EpochRun, theirs: EpochRun): Difference | undefined {
  const from = Math.max(own.first, theirs.first);
  for (let epoch = from; ; epoch++) {
    const mine = markAt(own, epoch);
    const other = markAt(theirs, epoch);
    if (mine === undefined || other === undefined) return undefined;
    if (!equalBytes(mine, other)) return { epoch, own: toHex(mine), theirs: toHex(other), isFirst: epoch > from };
  }
}

/** `isNews`: the person is to be told. `undefined`: it is known, or not to be heard now. */
export function splitAfter(
  known: Split | undefined,
  { epoch, own, theirs, isFirst }: Difference,
  nowMs: number,
): { readonly split: Split; readonly isNews: boolean } | undefined {
  const side = !isFirst ? "unknown" : own < theirs ? "stays" : "asks";
  const split: Split = { epoch, mark: own < theirs ? own : theirs, side, atMs: nowMs };
  if (known === undefined) return { split, isNews: true };
  // Of the same one nobody knows here where it began.
  if (!isFirst) return undefined;
  const askedMs = known.asked === undefined ? nextRequestMs : nowMs - known.asked.atMs;
  const isSoon = askedMs >= 0 && askedMs < nextRequestMs;
  // It began earlier than was known.
  const isEarlier = epoch < known.epoch || (epoch === known.epoch && known.side === "unknown");
  if (isEarlier) return isSoon ? undefined : { split: { ...split, atMs: known.atMs }, isNews: false };
  if (epoch > known.epoch) {
    const sinceMs = nowMs - known.atMs;
    // Known in the future: the clock was set back.
    return sinceMs >= 0 && sinceMs < nextSplitMs ? undefined : { split, isNews: true };
  }
  // In three parts or more all go to the lowest.
  const isLower = known.side !== "over" && theirs < known.mark && theirs < own;
  return isLower && !isSoon ? { split: { ...split, atMs: known.atMs }, isNews: false } : undefined;
}

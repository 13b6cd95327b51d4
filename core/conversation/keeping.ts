/**
 * What a person keeps for contacts while no node is in reach (PROTOCOL.md §7.7): how much, and for how long. Decides only;
 * does not know where it lies.
 */

import type { AccountId } from "../lang/brand.ts";

/** From when the keeper's disk has it. Higher holds other people's bytes longer; lower ends before two friends meet again. */
export const keptForMs = 7 * 24 * 3_600_000;
/** Contacts who keep one envelope. Each of them learns who writes to whom. */
export const maxKeepers = 2;
/** A few days of talk. Higher lets one contact fill the disk. */
const maxOfOne = { envelopes: 200, bytes: 2 * 1_024 * 1_024 };
const maxOfAll = { envelopes: 1_000, bytes: 8 * 1_024 * 1_024 };

export interface KeptPiece {
  readonly from: AccountId;
  readonly bytes: number;
}

/** Whether one more of `bytes` from this contact is kept. */
export function hasRoom(kept: Iterable<KeptPiece>, { from, bytes }: KeptPiece): boolean {
  const all = [...kept, { from, bytes }];
  const ofOne = all.filter((one) => one.from === from);
  return isWithin(all, maxOfAll) && isWithin(ofOne, maxOfOne);
}

function isWithin(pieces: readonly KeptPiece[], max: typeof maxOfAll): boolean {
  return pieces.length <= max.envelopes && pieces.reduce((sum, { bytes }) => sum + bytes, 0) <= max.bytes;
}

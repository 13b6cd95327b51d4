/**
 * Which of the devices that are here get one of the few links (§7), and which link makes room. Decides only; of
 * several conversations with a device the caller gives the most recent.
 */

import type { DeviceId } from "../lang/brand.ts";

/** Links that this side opens. Browsers starve beyond about a dozen connections; the topic carries the rest. */
export const maxDialled = 12;
/** With those that others open. They cannot know how many there are already; higher, and they starve this browser. */
export const maxLinked = 32;
/**
 * How much longer ago than a newcomer's the last word over a link may lie before the link makes room. Lower, and thirteen
 * lively conversations pass twelve links around; higher, and who writes now waits for the node.
 */
const settledMs = 600_000;

export interface Candidate {
  readonly device: DeviceId;
  /** When something was last said in a conversation with it. */
  readonly activeAtMs: number;
  /** Whether it has one of the places. */
  readonly placed: boolean;
}

/** Whom this side should have links with of those that it is to dial. */
export function whomToDial(candidates: readonly Candidate[], places = maxDialled): ReadonlySet<DeviceId> {
  const worth = ({ activeAtMs, placed }: Candidate) => activeAtMs + (placed ? settledMs : 0);
  const byWorth = [...candidates].sort((a, b) => worth(b) - worth(a) || (a.device < b.device ? -1 : 1));
  return new Set(byWorth.slice(0, places).map(({ device }) => device));
}

/** The link to be closed for one more that somebody opens: the one unused for longest, if it is settled. */
export function whichMakesRoom<L extends { readonly usedAtMs: number }>(
  links: Iterable<L>,
  nowMs: number,
): L | undefined {
  const [idlest] = [...links].sort((a, b) => a.usedAtMs - b.usedAtMs);
  return idlest !== undefined && nowMs - idlest.usedAtMs >= settledMs ? idlest : undefined;
}

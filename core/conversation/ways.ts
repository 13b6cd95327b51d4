/**
 * Where an envelope is left (§12): at the conversation's nodes, and where the other side looks when none of those
 * takes it. Decides only; does not know how a node is reached.
 */

import type { NodeUrl } from "../lang/brand.ts";

/** A node's promise, as far as it matters here. `atMs`: when it was given, `untilMs`: what it says, by different clocks. */
export interface Promised {
  readonly node: NodeUrl;
  readonly atMs: number;
  readonly untilMs: number;
}

export interface Leaving {
  /** Besides the conversation's nodes. */
  readonly alsoAt: readonly NodeUrl[];
  readonly custodies: readonly Promised[];
}

export interface Ways {
  /** The conversation's nodes. */
  readonly nodes: readonly NodeUrl[];
  /** Where the other side looks as well. */
  readonly theirs: readonly NodeUrl[];
  /** Connected, and not refusing what this device brings. */
  isOpen(node: NodeUrl): boolean;
  /** Out of reach for long, or refusing. Between the two a node may come back any moment. */
  isShut(node: NodeUrl): boolean;
}

/** A promise that was just given has not ended, whatever this device's clock says. */
export const leastPromiseMs = 24 * 3_600_000;

export function lasts({ atMs, untilMs }: Promised, nowMs: number): boolean {
  return untilMs > nowMs || (atMs <= nowMs && nowMs - atMs < leastPromiseMs);
}

/** In how long the first of the promises is over; `undefined` where none lasts. */
export function lapsesInMs({ custodies }: Leaving, nowMs: number): number | undefined {
  const lasting = custodies.filter((custody) => lasts(custody, nowMs));
  if (lasting.length === 0) return undefined;
  return Math.min(...lasting.map(({ atMs, untilMs }) => Math.max(untilMs, atMs + leastPromiseMs) - nowMs));
}

export function isHeld({ custodies }: Leaving, nowMs: number): boolean {
  return custodies.some((custody) => lasts(custody, nowMs));
}

function isHeldAt({ custodies }: Leaving, node: NodeUrl, nowMs: number): boolean {
  return custodies.some((custody) => custody.node === node && lasts(custody, nowMs));
}

/** Whether the other side's own nodes have to help. What a dead node holds reaches nobody, whatever it promised. */
export function needsDetour({ nodes, isShut }: Ways): boolean {
  return nodes.every(isShut);
}

/** The nodes that are still to be given the envelope, in reach or not. */
export function nodesFor(row: Leaving, ways: Ways, nowMs: number): readonly NodeUrl[] {
  const theirs = needsDetour(ways) ? ways.theirs : [];
  const all = new Set([...ways.nodes, ...row.alsoAt, ...theirs]);
  return [...all].filter((node) => !isHeldAt(row, node, nowMs));
}

/**
 * Whether a row that ends with custody has all that it waits for. It does not wait for a node that is out of reach, unless it is
 * for every one of the conversation's.
 */
export function hasCustody(row: Leaving, ends: "custody" | "every-node", ways: Ways, nowMs: number): boolean {
  if (!isHeld(row, nowMs)) return false;
  const isMissing = (node: NodeUrl) => !isHeldAt(row, node, nowMs);
  if ([...ways.nodes, ...row.alsoAt].some((node) => isMissing(node) && ways.isOpen(node))) return false;
  return ends === "custody" || !ways.nodes.some(isMissing);
}

/**
 * Which of one device's numbered messages are here, as unbroken runs (§8.2). Pure; does not know whose numbers they are,
 * nor what is done about those that are missing.
 */

import { maxHaveRanges } from "../wire/bounds.ts";
import type { Ranges } from "../wire/have.ts";

/**
 * With number `n` (from 1) as well; the very same `ranges` when it was there. With more than `maxHaveRanges` runs the two
 * lowest become one: the oldest gap between runs is given up, and its numbers count as here. So whoever numbers messages
 * with holes cannot make the row grow, and what can be asked for on the wire is what is remembered.
 */
export function include(ranges: Ranges, n: number): Ranges {
  // Messages come in order nearly always, so the place is looked for from the newest run.
  const below = ranges.findLastIndex(([first]) => first <= n);
  const before = ranges[below];
  const after = ranges[below + 1];
  if (before !== undefined && n <= before[1]) return ranges;
  const joinsBefore = before !== undefined && before[1] + 1 === n;
  const joinsAfter = after !== undefined && after[0] - 1 === n;
  const run = [joinsBefore ? before[0] : n, joinsAfter ? after[1] : n] as const;
  const head = ranges.slice(0, joinsBefore ? below : below + 1);
  const tail = ranges.slice(joinsAfter ? below + 2 : below + 1);
  return bounded([...head, run, ...tail]);
}

/** The numbers of both; the runs of neither have to be in order. */
export function union(some: Ranges, others: Ranges): Ranges {
  const runs: [number, number][] = [];
  for (const [first, last] of [...some, ...others].toSorted((a, b) => a[0] - b[0])) {
    const before = runs.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else runs.push([first, last]);
  }
  return runs;
}

/** The numbers of `all` that are not in `some`. */
export function without(all: Ranges, some: Ranges): Ranges {
  return some.reduce<Ranges>(
    (left, [first, last]) =>
      left
        .flatMap(([from, to]) =>
          last < from || first > to
            ? [[from, to] as const]
            : ([
                [from, first - 1],
                [last + 1, to],
              ] as const),
        )
        .filter(([from, to]) => from <= to),
    all,
  );
}

/** The numbers that are in both. */
export function common(some: Ranges, others: Ranges): Ranges {
  return without(some, without(some, others));
}

export function isIn(ranges: Ranges, n: number): boolean {
  return ranges.some(([first, last]) => first <= n && n <= last);
}

/** How many numbers below the highest are not in. */
export function missingCount(ranges: Ranges): number {
  let missing = 0;
  let below = 0;
  for (const [first, last] of ranges) {
    missing += first - below - 1;
    below = last;
  }
  return missing;
}

function bounded(ranges: Ranges): Ranges {
  const [lowest, next, ...rest] = ranges;
  if (ranges.length <= maxHaveRanges || lowest === undefined || next === undefined) return ranges;
  return [[lowest[0], next[1]], ...rest];
}

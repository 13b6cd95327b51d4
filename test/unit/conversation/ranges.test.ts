import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { include, isIn, missingCount, without } from "../../../core/conversation/ranges.ts";
import { maxHaveRanges } from "../../../core/wire/bounds.ts";
import type { Ranges } from "../../../core/wire/have.ts";

const none: Ranges = [];
const of = (...numbers: readonly number[]): Ranges => numbers.reduce(include, none);
const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);
/** Every second number: as many runs as numbers. */
const holes = (runs: number) => of(...upTo(runs).map((n) => 2 * n));

/** Ascending, from 1, at least one number missing between two: what the wire accepts. */
function expectWellFormed(ranges: Ranges): void {
  expect(ranges.length).toBeLessThanOrEqual(maxHaveRanges);
  let below = -1;
  for (const [first, last] of ranges) {
    expect(first).toBeGreaterThan(Math.max(0, below + 1));
    expect(last).toBeGreaterThanOrEqual(first);
    below = last;
  }
}

// Below twice the bound there cannot be more runs than the bound.
const few = fc.array(fc.integer({ min: 1, max: 2 * maxHaveRanges }), { maxLength: 200 });
const many = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 100, maxLength: 300 });

describe("the numbers that are here", () => {
  it("are one run while messages come in order", () => {
    expect(of(1, 2, 3)).toEqual([[1, 3]]);
  });

  it("are apart where some are missing, and grow together when those come", () => {
    expect(of(1, 2, 5, 6, 9)).toEqual([
      [1, 2],
      [5, 6],
      [9, 9],
    ]);
    expect(of(1, 2, 5, 6, 9, 3)).toEqual([
      [1, 3],
      [5, 6],
      [9, 9],
    ]);
    expect(of(1, 2, 5, 6, 9, 3, 4)).toEqual([
      [1, 6],
      [9, 9],
    ]);
  });

  it("are what a set of them would hold, in whatever order they come and however often", () => {
    fc.assert(
      fc.property(few, (numbers) => {
        const set = new Set(numbers);
        const ranges = of(...numbers);
        expectWellFormed(ranges);
        const here = upTo(2 * maxHaveRanges + 1).filter((n) => isIn(ranges, n));
        expect(here).toEqual([...set].sort((a, b) => a - b));
        expect(missingCount(ranges)).toBe(Math.max(0, ...numbers) - set.size);
      }),
    );
  });

  it("stay the very same when a number comes again", () => {
    fc.assert(
      fc.property(few, (numbers) => {
        const ranges = of(...numbers);
        expect(numbers.every((n) => include(ranges, n) === ranges)).toBe(true);
      }),
    );
  });

  it("do not change what was there before", () => {
    const before = of(1, 3);
    include(before, 2);
    expect(before).toEqual([
      [1, 1],
      [3, 3],
    ]);
  });

  it("reach as far as a number can on the wire", () => {
    const highest = Number.MAX_SAFE_INTEGER;
    expect(of(1, highest - 1, highest)).toEqual([
      [1, 1],
      [highest - 1, highest],
    ]);
    expect(missingCount(of(1, highest))).toBe(highest - 2);
  });
});

describe("more gaps than are remembered", () => {
  it("give up the lowest one, and only that", () => {
    const full = holes(maxHaveRanges);
    expect(full).toHaveLength(maxHaveRanges);
    const over = include(full, 1_000);
    expect(over).toHaveLength(maxHaveRanges);
    expect(over.slice(0, 2)).toEqual([
      [2, 4],
      [6, 6],
    ]);
    expect(over.at(-1)).toEqual([1_000, 1_000]);
    expect(isIn(over, 3)).toBe(true);
    expect(isIn(over, 1)).toBe(false);
    expect(isIn(over, 5)).toBe(false);
  });

  it("without others have exactly the numbers that are not among those", () => {
    const few = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 30 });
    fc.assert(
      fc.property(few, few, (all, some) => {
        const left = without(of(...all), of(...some));
        expectWellFormed(left);
        expect(upTo(60).filter((n) => isIn(left, n))).toEqual(
          upTo(60).filter((n) => all.includes(n) && !some.includes(n)),
        );
      }),
    );
  });

  it("never take back what is here, and keep the newest gaps as they are", () => {
    // One run too many, then one less, and one again that gives up nothing.
    const oddFrom3 = Array.from({ length: maxHaveRanges + 1 }, (_, n) => 3 + 2 * n);
    fc.assert(
      fc.property(many, (numbers) => {
        let ranges = none;
        let givenUpBelow = 0;
        for (const n of numbers) {
          ranges = include(ranges, n);
          // What was given up stays so.
          if (ranges.length === maxHaveRanges) givenUpBelow = Math.max(givenUpBelow, ranges[0]![1]);
        }
        expectWellFormed(ranges);
        expect(numbers.filter((n) => !isIn(ranges, n))).toEqual([]);
        const set = new Set(numbers);
        expect(upTo(1_000).filter((n) => n > givenUpBelow && isIn(ranges, n) !== set.has(n))).toEqual([]);
      }),
      { examples: [[[...oddFrom3, 128, 1]]] },
    );
  });
});

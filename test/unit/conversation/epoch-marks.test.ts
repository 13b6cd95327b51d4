/** Marks of a group's epochs (PROTOCOL.md §13.15): where two members' begin to differ, which part stays, and what is news. */
import { describe, expect, test } from "vitest";
import { firstDifference, markAt, marksWith, type Split, splitAfter } from "../../../core/conversation/epoch-marks.ts";
import { toHex } from "../../../core/lang/bytes.ts";
import { maxEpochMarks } from "../../../core/wire/bounds.ts";
import { epochMarkBytes } from "../../../core/wire/epoch-marks.ts";

const mark = (of: number) => new Uint8Array(epochMarkBytes).fill(of);
const run = (first: number, ...of: number[]) => ({
  first,
  marks: of.reduce<Uint8Array | undefined>((marks, one) => marksWith(marks, mark(one)), undefined)!,
});
const hex = (of: number) => toHex(mark(of));

describe("marks of epochs", () => {
  test("are kept of the newest 48", () => {
    const all = run(1, ...Array.from({ length: maxEpochMarks + 3 }, (_, n) => n));
    expect(all.marks.length).toBe(maxEpochMarks * epochMarkBytes);
    expect(markAt({ ...all, first: 4 }, 4)).toEqual(mark(3));
    expect(markAt({ ...all, first: 4 }, 51)).toEqual(mark(50));
    expect(markAt({ ...all, first: 4 }, 3)).toBeUndefined();
    expect(markAt({ ...all, first: 4 }, 52)).toBeUndefined();
  });

  test("that one member has more of are no difference", () => {
    expect(firstDifference(run(5, 1, 2, 3), run(6, 2))).toBeUndefined();
    expect(firstDifference(run(5, 1, 2), run(5, 1, 2, 3, 4))).toBeUndefined();
    expect(firstDifference(run(5, 1, 2), run(7, 9))).toBeUndefined();
  });

  test("differ first where the parts began, if the epoch before is known on both sides", () => {
    expect(firstDifference(run(5, 1, 2, 3), run(5, 1, 9, 8))).toEqual({
      epoch: 6,
      own: hex(2),
      theirs: hex(9),
      isFirst: true,
    });
    expect(firstDifference(run(5, 1, 2, 3), run(6, 9, 8))).toEqual({
      epoch: 6,
      own: hex(2),
      theirs: hex(9),
      isFirst: false,
    });
  });
});

describe("of a split", () => {
  const nowMs = 1_000_000_000;
  const dayMs = 24 * 3_600_000;
  const at = (epoch: number, own: number, theirs: number, isFirst = true) => ({
    epoch,
    own: hex(own),
    theirs: hex(theirs),
    isFirst,
  });
  const known = (split: Partial<Split>): Split => ({ epoch: 6, mark: hex(2), side: "stays", atMs: nowMs, ...split });

  test("the part with the lower mark stays, and both know it", () => {
    expect(splitAfter(undefined, at(6, 2, 9), nowMs)).toEqual({ split: known({}), isNews: true });
    expect(splitAfter(undefined, at(6, 9, 2), nowMs)).toEqual({ split: known({ side: "asks" }), isNews: true });
  });

  test("of which nobody knows where it began only the person is told", () => {
    expect(splitAfter(undefined, at(6, 9, 2, false), nowMs)).toEqual({
      split: known({ side: "unknown" }),
      isNews: true,
    });
    expect(splitAfter(known({}), at(9, 9, 2, false), nowMs + 9 * dayMs)).toBeUndefined();
  });

  test("what is known is no news, whoever says it", () => {
    for (const side of ["stays", "asks", "over"] as const)
      expect(splitAfter(known({ side }), at(6, 2, 9), nowMs + 9 * dayMs)).toBeUndefined();
  });

  test("a beginning that becomes known, or an earlier one, counts without another word", () => {
    const after = { split: known({ side: "asks", atMs: nowMs - 5 }), isNews: false };
    expect(splitAfter(known({ side: "unknown", atMs: nowMs - 5 }), at(6, 9, 2), nowMs)).toEqual(after);
    expect(splitAfter(known({ epoch: 8, atMs: nowMs - 5 }), at(6, 9, 2), nowMs)).toEqual(after);
  });

  test("a later one is heard a day after the one before", () => {
    expect(splitAfter(known({}), at(9, 5, 7), nowMs + dayMs - 1)).toBeUndefined();
    expect(splitAfter(known({}), at(9, 5, 7), nowMs + dayMs)).toEqual({
      split: { epoch: 9, mark: hex(5), side: "stays", atMs: nowMs + dayMs },
      isNews: true,
    });
  });

  test("of three parts all come to the lowest", () => {
    expect(splitAfter(known({ side: "asks" }), at(6, 9, 1), nowMs)?.split).toEqual(
      known({ side: "asks", mark: hex(1) }),
    );
    expect(splitAfter(known({ side: "stays" }), at(6, 2, 1), nowMs)?.split).toEqual(
      known({ side: "asks", mark: hex(1) }),
    );
    expect(splitAfter(known({ side: "asks" }), at(6, 9, 5), nowMs)).toBeUndefined();
  });

  test("who asked is asked to come elsewhere an hour later at the soonest, however low a mark is shown", () => {
    const bytes = new Uint8Array(1);
    const asked = { atMs: nowMs, publicPackage: bytes, privatePackage: bytes };
    const asks = known({ side: "asks", asked });
    for (const other of [at(6, 9, 1), at(5, 9, 1)]) {
      expect(splitAfter(asks, other, nowMs + 3_600_000 - 1)).toBeUndefined();
      expect(splitAfter(asks, other, nowMs + 3_600_000)?.split).toEqual(
        known({ side: "asks", epoch: other.epoch, mark: hex(1) }),
      );
    }
  });
});

import { describe, expect, it } from "vitest";
import { hasRoom, type KeptPiece } from "../../../core/conversation/keeping.ts";
import type { AccountId } from "../../../core/lang/brand.ts";

const person = (n: number) => n.toString(16).padStart(64, "0") as AccountId;
const pieces = (count: number, from: number, bytes: number): KeptPiece[] =>
  Array.from({ length: count }, () => ({ from: person(from), bytes }));
const kib = 1_024;

describe("what is kept for contacts", () => {
  it("is at most 200 envelopes of one of them", () => {
    expect(hasRoom(pieces(199, 1, kib), { from: person(1), bytes: kib })).toBe(true);
    expect(hasRoom(pieces(200, 1, kib), { from: person(1), bytes: kib })).toBe(false);
    expect(hasRoom(pieces(200, 1, kib), { from: person(2), bytes: kib })).toBe(true);
  });

  it("is at most 2 MiB of one of them", () => {
    expect(hasRoom(pieces(31, 1, 64 * kib), { from: person(1), bytes: 64 * kib })).toBe(true);
    expect(hasRoom(pieces(32, 1, 64 * kib), { from: person(1), bytes: kib })).toBe(false);
  });

  it("is at most 1,000 envelopes of all", () => {
    const five = [1, 2, 3, 4, 5].flatMap((n) => pieces(200, n, kib));
    expect(hasRoom(five.slice(1), { from: person(6), bytes: kib })).toBe(true);
    expect(hasRoom(five, { from: person(6), bytes: kib })).toBe(false);
  });

  it("is at most 8 MiB of all", () => {
    const four = [1, 2, 3, 4].flatMap((n) => pieces(32, n, 64 * kib));
    expect(hasRoom(four.slice(1), { from: person(5), bytes: 64 * kib })).toBe(true);
    expect(hasRoom(four, { from: person(5), bytes: kib })).toBe(false);
  });
});

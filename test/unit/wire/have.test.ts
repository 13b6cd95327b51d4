import { create, type MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { include } from "../../../core/conversation/ranges.ts";
import { idBytes } from "../../../core/lang/bytes.ts";
import { maxHaveDevices, maxHaveRanges } from "../../../core/wire/bounds.ts";
import { HaveContentSchema } from "../../../core/wire/gen/kith/content_pb.js";
import { type HaveOf, type Ranges, readHave, wireHave } from "../../../core/wire/have.ts";
import { countUp, have, laptop, phone } from "./samples.ts";

const read = (fields: MessageInitShape<typeof HaveContentSchema>) => readHave(create(HaveContentSchema, fields));
const readRanges = (...ranges: readonly (number | bigint)[]) =>
  read({ of: [{ device: idBytes(laptop), ranges: ranges.map(BigInt) }] })?.[0]?.ranges;
const runs = (count: number) => Array.from({ length: count }, (_, at) => [3 * at + 1, 3 * at + 2]).flat();
const devices = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ device: countUp(at, 15 + 1).with(0, at >> 8), ranges: [1n, 2n] }));

describe("what a device has", () => {
  test("comes back as it was said, gaps, single numbers, nothing at all", () => {
    expect(read(wireHave(have))).toEqual(have);
    expect(read(wireHave([]))).toEqual([]);
  });

  test("comes back whatever numbers are here", () => {
    const numbers = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 300 });
    fc.assert(
      fc.property(numbers, numbers, (mine, theirs) => {
        const all: readonly HaveOf[] = [
          { device: laptop, ranges: mine.reduce<Ranges>(include, []) },
          { device: phone, ranges: theirs.reduce<Ranges>(include, []) },
        ];
        expect(read(wireHave(all))).toEqual(all);
      }),
    );
  });

  test.each([
    ["half a run", [1, 7, 9]],
    ["number 0", [0, 7]],
    ["a run that ends before it begins", [7, 6]],
    ["runs in falling order", [9, 10, 1, 2]],
    ["runs that overlap", [1, 7, 7, 9]],
    ["two runs with nothing missing between them", [1, 7, 8, 9]],
    ["the same run twice", [1, 7, 1, 7]],
    ["a beginning beyond counting", [2n ** 53n, 2n ** 53n]],
    ["an end beyond counting", [1, 2n ** 53n]],
    ["more runs than the bound", runs(maxHaveRanges + 1)],
  ])("with %s is malformed", (_, ranges) => {
    expect(readRanges(...ranges)).toBeUndefined();
  });

  test("may begin after the first number, and reach as far as numbers do", () => {
    expect(readRanges(2, 2)).toEqual([[2, 2]]);
    expect(readRanges(1, 1, 3, Number.MAX_SAFE_INTEGER)).toEqual([
      [1, 1],
      [3, Number.MAX_SAFE_INTEGER],
    ]);
  });

  test("has as many runs as are remembered, and not one more", () => {
    expect(readRanges(...runs(maxHaveRanges))).toHaveLength(maxHaveRanges);
  });

  test("is of at most as many devices as the bound, each once, each by 16 bytes", () => {
    expect(read({ of: devices(maxHaveDevices) })).toHaveLength(maxHaveDevices);
    expect(read({ of: devices(maxHaveDevices + 1) })).toBeUndefined();
    const [one] = devices(1);
    expect(read({ of: [one!, one!] })).toBeUndefined();
    expect(read({ of: [{ device: countUp(0, 15) }] })).toBeUndefined();
  });
});

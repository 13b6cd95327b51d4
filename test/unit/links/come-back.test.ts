import { expect, test } from "vitest";
import { createComeBack } from "../../../core/network/come-back.ts";
import { manualClock } from "../../support/links.ts";
import { seededRandom } from "../../support/seeded-random.ts";

const limits = { lostWithinMs: 16_000, longestMs: 24_000 };
const random = seededRandom(7);
const anyJitter = () => random.int(1_000) / 1_000;

function comeBack(jitter = anyJitter) {
  const clock = manualClock();
  return { clock, ...createComeBack(clock, jitter, limits) };
}

test("after a restart 200 devices return spread over the whole time, never more than 25 in a second", () => {
  const seconds = new Map<number, number>();
  for (let device = 0; device < 200; device++) {
    const one = comeBack();
    one.stands();
    one.clock.advance(60_000);
    const second = Math.floor(one.waitMs("lost") / 1_000);
    seconds.set(second, (seconds.get(second) ?? 0) + 1);
  }
  expect(Math.max(...seconds.values())).toBeLessThanOrEqual(25);
  expect(Math.max(...seconds.keys())).toBeLessThan(16);
});

test("after a restart that takes minutes they return no faster", () => {
  const seconds = new Map<number, number>();
  for (let device = 0; device < 200; device++) {
    const one = comeBack();
    one.stands();
    let atMs = one.waitMs("lost");
    while (atMs < 180_000) atMs += one.waitMs("failed");
    const second = Math.floor(atMs / 1_000);
    seconds.set(second, (seconds.get(second) ?? 0) + 1);
  }
  expect(Math.max(...seconds.values())).toBeLessThanOrEqual(30);
  expect(Math.max(...seconds.keys())).toBeLessThan(180 + 24);
});

test("waits longer with each failure, up to the longest, and never in step", () => {
  const most = comeBack(() => 0.999_999);
  expect(Array.from({ length: 6 }, () => most.waitMs("failed"))).toEqual([
    4_000, 8_000, 16_000, 24_000, 24_000, 24_000,
  ]);
  const least = comeBack(() => 0);
  expect(Array.from({ length: 6 }, () => least.waitMs("failed"))).toEqual(Array(6).fill(500));
});

test("begins anew once a connection has stood, and after a loss not with the shortest", () => {
  const most = comeBack(() => 0.999_999);
  for (let i = 0; i < 9; i++) most.waitMs("failed");
  most.stands();
  expect(most.waitMs("failed")).toBe(4_000);
  most.stands();
  most.clock.advance(60_000);
  most.waitMs("lost");
  expect(most.waitMs("failed")).toBe(16_000);
});

test("whoever wakes does not wait, nor whoever found its own connection dead", () => {
  const one = comeBack(() => 0.999_999);
  one.waitMs("failed");
  one.waitMs("failed");
  expect(one.waitMs("hurried")).toBe(0);
  expect(one.waitMs("silent")).toBe(1_000);
});

test.each([
  ["hurried", 3],
  ["silent", 3],
  ["lost", 3],
] as const)("a network that flaps is followed at most 3 times a minute, when each loss is %s", (occasion, most) => {
  const one = comeBack();
  const stoodAtMs: number[] = [];
  for (const minutes = 10; one.clock.now() < minutes * 60_000; ) {
    one.stands();
    stoodAtMs.push(one.clock.now());
    one.clock.advance(200);
    const waitMs = one.waitMs(occasion);
    expect(waitMs).toBeLessThanOrEqual(22_000);
    one.clock.advance(waitMs);
  }
  // The first is no reconnect, and there is one to spare.
  expect(stoodAtMs.length - 2).toBeLessThanOrEqual(10 * most);
});

test("has a second try at once for the network that was not ready when the machine woke", () => {
  const one = comeBack();
  one.stands();
  one.clock.advance(3_600_000);
  one.stands();
  one.clock.advance(1_000);
  expect(one.waitMs("hurried")).toBe(0);
  one.stands();
  expect(one.waitMs("hurried")).toBeGreaterThan(20_000);
});

test("a clock that jumps by a year in either direction makes nobody wait for it", () => {
  let nowMs = 1_000_000;
  const one = createComeBack({ now: () => nowMs, after: () => () => {} }, anyJitter, limits);
  for (const jumpMs of [31_536_000_000, -31_536_000_000, -31_536_000_000]) {
    one.stands();
    nowMs += jumpMs;
    expect(one.waitMs("hurried")).toBeLessThanOrEqual(22_000);
  }
});

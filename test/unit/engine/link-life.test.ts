// Whether somebody is at the other end of a link, and how much patience who is slow gets. PROTOCOL.md §7.3.
import { expect, test } from "vitest";
import { createLinkAlarms } from "../../../core/engine/link-alarms.ts";
import { type LinkLife, watchLife } from "../../../core/engine/link-life.ts";
import type { DeviceId } from "../../../core/lang/brand.ts";
import { skewed, virtualClock } from "../../support/virtual-clock.ts";

const bob = "b0b" as DeviceId;

/** A link whose other end answers a ping after `answersAfterMs`, or never. */
function linkWith(answersAfterMs: number | undefined) {
  const time = virtualClock(1_000_000);
  const clock = skewed(time, 0);
  const other = { answersAfterMs };
  const pings: number[] = [];
  let dead: { readonly asked: boolean; readonly atMs: number } | undefined;
  const life: LinkLife = watchLife(clock, {
    ping(id) {
      pings.push(time.now());
      if (other.answersAfterMs === undefined) return;
      time.after(other.answersAfterMs, () => {
        if (dead !== undefined) return;
        life.heard();
        life.pong(id);
      });
    },
    patienceMs: () => 1_500,
    dead(asked) {
      dead = { asked, atMs: time.now() };
      life.end();
    },
  });
  life.begin();
  const startMs = time.now();
  return {
    time,
    clock,
    other,
    life,
    pings,
    get dead() {
      return dead && { asked: dead.asked, afterMs: dead.atMs - startMs };
    },
  };
}

test("a link that was given something is asked after 1 s without an answer, and dead 1.5 s later", async () => {
  const link = linkWith(undefined);
  link.life.given();
  await link.time.advance(999);
  expect(link.pings).toEqual([]);
  await link.time.advance(1_500);
  expect([link.pings.length, link.dead]).toEqual([1, undefined]);
  await link.time.advance(1);
  expect(link.dead).toEqual({ asked: true, afterMs: 2_500 });
});

test("any sign of life ends the doubt, until something else is given", async () => {
  const link = linkWith(undefined);
  link.life.given();
  await link.time.advance(2_400);
  link.life.heard();
  await link.time.advance(12_000);
  expect(link.dead).toBeUndefined();
  link.life.given();
  await link.time.advance(2_500);
  expect(link.dead?.asked).toBe(true);
});

test("a link that nothing is given to is dead after 35 s of silence", async () => {
  const link = linkWith(undefined);
  await link.time.advance(44_999);
  expect([link.pings.length, link.dead]).toEqual([2, undefined]);
  await link.time.advance(1);
  expect(link.dead).toEqual({ asked: false, afterMs: 45_000 });
});

test("whoever took 4 s for an answer before has 12 s for the next one", async () => {
  const link = linkWith(4_000);
  await link.time.advance(20_000);
  for (let n = 0; n < 50; n++) {
    link.life.given();
    await link.time.advance(6_000);
  }
  expect(link.dead).toBeUndefined();
  const givenAtMs = link.time.now();
  link.other.answersAfterMs = undefined;
  link.life.given();
  await link.time.advance(60_000);
  expect(link.dead?.asked).toBe(true);
  expect((link.dead?.afterMs ?? 0) - (givenAtMs - 1_000_000)).toBeLessThanOrEqual(14_500);
});

test("the time that the proofs took counts as an answer", async () => {
  const time = virtualClock(0);
  let dead = false;
  const life = watchLife(time, { ping() {}, patienceMs: () => 1_500, dead: () => (dead = true) });
  life.sent();
  await time.advance(3_000);
  life.heard();
  life.begin();
  life.ask();
  life.given();
  await time.advance(1_000 + 8_900);
  expect(dead).toBe(false);
  await time.advance(200);
  expect(dead).toBe(true);
  life.end();
});

test("a device that stood still itself gives the other end its time once more", async () => {
  const link = linkWith(undefined);
  link.life.given();
  await link.time.advance(1_000);
  // Nothing ran here for a minute; what came meanwhile was not read.
  link.clock.offsetMs = 60_000;
  await link.time.advance(1_500);
  expect(link.dead).toBeUndefined();
  link.life.heard();
  await link.time.advance(10_000);
  expect(link.dead).toBeUndefined();
});

test("after a sleep a silent link is asked before it is given up, and is dead soon where nobody answers", async () => {
  for (const answers of [true, false]) {
    const link = linkWith(50);
    await link.time.advance(20_000);
    if (!answers) link.other.answersAfterMs = undefined;
    link.clock.offsetMs = 3_600_000;
    await link.time.advance(10_000 + 1_500);
    expect(link.dead === undefined, answers ? "somebody answers" : "nobody answers").toBe(answers);
    link.life.end();
  }
});

test("who has just said something is not asked", async () => {
  const link = linkWith(undefined);
  await link.time.advance(5_000);
  link.life.heard();
  link.life.ask();
  expect(link.pings).toEqual([]);
  await link.time.advance(1_000);
  link.life.ask();
  link.life.ask();
  expect(link.pings).toHaveLength(1);
});

test("patience doubles each time when the device was there after all, up to a bound, and is forgotten in time", async () => {
  const clock = virtualClock(0);
  const alarms = createLinkAlarms(clock);
  const given: number[] = [];
  for (let n = 0; n < 6; n++) {
    given.push(alarms.patienceMs(bob));
    alarms.raise(bob, "peer");
    await clock.advance(5_000);
    alarms.opened(bob, "peer");
    // More than one link may open.
    alarms.opened(bob, "peer");
  }
  expect(given).toEqual([1_500, 3_000, 6_000, 12_000, 24_000, 24_000]);
  await clock.advance(1_800_000);
  expect(alarms.patienceMs(bob)).toBe(1_500);
});

test("patience stays as it is where nobody was there: the device came back late, or was begun anew", async () => {
  const clock = virtualClock(0);
  const alarms = createLinkAlarms(clock);
  alarms.raise(bob, "peer");
  await clock.advance(30_000);
  alarms.opened(bob, "peer");
  alarms.raise(bob, "peer");
  alarms.opened(bob, "another peer");
  expect(alarms.patienceMs(bob)).toBe(1_500);
});

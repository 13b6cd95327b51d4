import { describe, expect, it } from "vitest";
import { skewed, virtualClock } from "../../support/virtual-clock.ts";

describe("virtual time", () => {
  it("stands still until it is moved, and then fires what fell due, in order of time and then of making", async () => {
    const clock = virtualClock(1_000);
    const fired: string[] = [];
    const note = (what: string) => () => void fired.push(`${what} at ${clock.now()}`);
    clock.after(20, note("late"));
    clock.after(10, note("first"));
    clock.after(10, note("second"));
    clock.after(31, note("never"));
    await clock.advance(30);
    expect(fired).toEqual(["first at 1010", "second at 1010", "late at 1020"]);
    expect(clock.now()).toBe(1_030);
  });

  it("fires timers that other timers make, through any number of awaits", async () => {
    const clock = virtualClock(0);
    const beats: number[] = [];
    const beat = async () => {
      beats.push(clock.now());
      for (let n = 0; n < 50; n++) await null;
      clock.after(15, () => void beat());
    };
    clock.after(15, () => void beat());
    await clock.advance(60);
    expect(beats).toEqual([15, 30, 45, 60]);
  });

  it("does not fire what was cancelled, not even in the same instant", async () => {
    const clock = virtualClock(0);
    const fired: string[] = [];
    clock.after(5, () => cancel());
    const cancel = clock.after(5, () => void fired.push("cancelled"));
    await clock.advance(10);
    expect(fired).toEqual([]);
  });

  it("runs until nothing is left, and says when something always is", async () => {
    const clock = virtualClock(0);
    clock.after(7, () => {});
    expect(await clock.runUntilIdle()).toBe(true);
    expect(clock.now()).toBe(7);
    const beat = () => void clock.after(1_000, beat);
    beat();
    expect(await clock.runUntilIdle(10_000)).toBe(false);
    expect(clock.now()).toBe(10_007);
  });

  it("is seen wrong by a device whose clock is wrong, and its timers run all the same", async () => {
    const clock = virtualClock(1_000_000);
    const alice = skewed(clock, -600_000);
    let firedAt = 0;
    alice.after(100, () => {
      firedAt = clock.now();
    });
    expect(alice.now()).toBe(400_000);
    alice.offsetMs = 5_000;
    expect(alice.now()).toBe(1_005_000);
    await clock.advance(100);
    expect(firedAt).toBe(1_000_100);
  });
});

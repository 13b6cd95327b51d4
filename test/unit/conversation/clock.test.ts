import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type HybridTime, observe, tick } from "../../../core/conversation/clock.ts";
import { orderOf } from "../../../core/conversation/order.ts";
import type { DeviceId } from "../../../core/lang/brand.ts";

const day = 24 * 3_600_000;
const device = "ab".repeat(16) as DeviceId;
const place = (time: HybridTime) => orderOf(time, device, "0".repeat(16));
const times = fc.record({
  clockMs: fc.integer({ min: 0, max: 2 ** 48 }),
  clockCount: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});

describe("the hybrid clock", () => {
  it("follows the wall while the wall goes forward, and counts while it stands or goes back", () => {
    const start = { clockMs: 1_000, clockCount: 0 };
    expect(tick(start, 1_001)).toEqual({ clockMs: 1_001, clockCount: 0 });
    expect(tick(start, 1_000)).toEqual({ clockMs: 1_000, clockCount: 1 });
    expect(tick(start, 3)).toEqual({ clockMs: 1_000, clockCount: 1 });
  });

  it("always gives a later place than the one before, within what the wire carries", () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 2 ** 48 }), (last, nowMs) => {
        const next = tick(last, nowMs);
        expect(place(next) > place(last)).toBe(true);
        expect(next.clockCount).toBeLessThan(2 ** 32);
      }),
    );
    expect(tick({ clockMs: 5, clockCount: 2 ** 32 - 1 }, 5)).toEqual({ clockMs: 6, clockCount: 0 });
  });

  it("puts what I write after reading you behind what I read, whatever our clocks say", () => {
    fc.assert(
      fc.property(times, times, (mine, yours) => {
        const nowMs = yours.clockMs;
        expect(place(tick(observe(mine, yours, nowMs), nowMs - 600_000)) > place(yours)).toBe(true);
      }),
    );
  });

  it("never goes back for what it reads", () => {
    fc.assert(
      fc.property(times, times, fc.integer({ min: 0, max: 2 ** 48 }), (mine, yours, nowMs) => {
        expect(place(observe(mine, yours, nowMs)) >= place(mine)).toBe(true);
      }),
    );
  });

  it("is dragged a day ahead at most by another's clock", () => {
    const mine = { clockMs: 1_000, clockCount: 3 };
    expect(observe(mine, { clockMs: day, clockCount: 0 }, 0)).toEqual({ clockMs: day, clockCount: 0 });
    expect(observe(mine, { clockMs: day + 1, clockCount: 0 }, 0)).toEqual(mine);
  });

  it("is a time and nothing else, whatever row it was read from", () => {
    const row = { clockMs: 1_000, clockCount: 3, group: "as it was" };
    for (const seen of [
      { clockMs: 1, clockCount: 0 },
      { ...row, clockMs: 2_000 },
      { ...row, clockMs: 2 * day },
    ]) {
      expect(Object.keys(observe(row, seen, 0))).toEqual(["clockMs", "clockCount"]);
    }
  });
});

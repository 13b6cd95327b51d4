// Time that moves only when a test says so. Timers fire in order of their due time, then of their making, and between
// two timers everything that the first one set going is awaited.
import type { Clock } from "../../core/ports/clock.ts";

export interface VirtualClock extends Clock {
  /** Moves time by `ms`, firing every timer that falls due on the way, those made meanwhile included. */
  advance(ms: number): Promise<void>;
  /** Moves on to the next timer that falls due within `withinMs` and fires it; false, and no time passes, when there is none. */
  step(withinMs: number): Promise<boolean>;
  /** Fires timers until none is left or the next is more than `withinMs` away; true when none is left. */
  runUntilIdle(withinMs?: number): Promise<boolean>;
}

export interface SkewedClock extends Clock {
  /** Change it and this device's clock jumps; its timers run on. */
  offsetMs: number;
}

interface Timer {
  readonly dueMs: number;
  readonly task: () => void;
}

/**
 * `settle` waits until what is already under way has come to rest. The default lets every microtask run, which is
 * enough over memory; work on real resources (fake-indexeddb, WebCrypto) needs one that waits for those too.
 */
export function virtualClock(startMs: number, settle: () => Promise<void> = microtasksDone): VirtualClock {
  let nowMs = startMs;
  const timers: Timer[] = [];

  async function fireUntil(limitMs: number): Promise<void> {
    await settle();
    while (await fireNext(limitMs));
  }

  async function fireNext(limitMs: number): Promise<boolean> {
    const next = timers[0];
    if (next === undefined || next.dueMs > limitMs) return false;
    timers.shift();
    nowMs = next.dueMs;
    next.task();
    await settle();
    return true;
  }

  return {
    now: () => nowMs,
    after(delayMs, task) {
      const timer = { dueMs: nowMs + Math.ceil(Math.max(0, delayMs)), task };
      timers.splice(timers.findLastIndex((other) => other.dueMs <= timer.dueMs) + 1, 0, timer);
      return () => {
        const index = timers.indexOf(timer);
        if (index >= 0) timers.splice(index, 1);
      };
    },
    async advance(ms) {
      const endMs = nowMs + ms;
      await fireUntil(endMs);
      nowMs = endMs;
    },
    step: (withinMs) => fireNext(nowMs + withinMs),
    async runUntilIdle(withinMs = 3_600_000) {
      await fireUntil(nowMs + withinMs);
      return timers.length === 0;
    },
  };
}

/** The same time as seen by a device whose clock is wrong by `offsetMs`. */
export function skewed(clock: Clock, offsetMs: number): SkewedClock {
  const own: SkewedClock = {
    offsetMs,
    now: () => clock.now() + own.offsetMs,
    after: (delayMs, task) => clock.after(delayMs, task),
  };
  return own;
}

const microtasksDone = () => new Promise<void>((resolve) => setImmediate(resolve));

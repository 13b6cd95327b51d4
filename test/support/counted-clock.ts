import type { Clock } from "../../core/ports/clock.ts";

export interface CountedClock extends Clock {
  /** Timers that are still to come. */
  readonly pending: number;
}

/** The same time, and how many timers somebody has in it. */
export function countedClock(clock: Clock): CountedClock {
  const pending = new Set<object>();
  return {
    get pending() {
      return pending.size;
    },
    now: () => clock.now(),
    after(delayMs, task) {
      const timer = {};
      pending.add(timer);
      const cancel = clock.after(delayMs, () => {
        pending.delete(timer);
        task();
      });
      return () => {
        pending.delete(timer);
        cancel();
      };
    },
  };
}

/**
 * The hybrid logical clock of a conversation (§8). Wall time where clocks agree, a counter where
 * they do not: whatever I write after reading you sorts after you, on every device alike.
 */

export interface HybridTime {
  readonly clockMs: number;
  readonly clockCount: number;
}

/**
 * How far ahead of the own clock another device's may drag the conversation's. Lower: replies to somebody whose clock
 * runs fast sort before what they answer. Higher: one wrong clock moves everybody's messages into the future for long.
 */
const maxDriftMs = 24 * 3_600_000;

/** What the wire carries. Whoever claims the last count of a millisecond must not keep others from writing after it. */
const maxCount = 2 ** 32 - 1;

/** The time of the next own message. */
export function tick(last: HybridTime, nowMs: number): HybridTime {
  if (nowMs > last.clockMs) return { clockMs: nowMs, clockCount: 0 };
  if (last.clockCount >= maxCount) return { clockMs: last.clockMs + 1, clockCount: 0 };
  return { clockMs: last.clockMs, clockCount: last.clockCount + 1 };
}

/** The conversation's time after another device's message was read, and nothing else of what it is given. */
export function observe(last: HybridTime, seen: HybridTime, nowMs: number): HybridTime {
  const isLater = seen.clockMs > last.clockMs || (seen.clockMs === last.clockMs && seen.clockCount > last.clockCount);
  const { clockMs, clockCount } = isLater && seen.clockMs <= nowMs + maxDriftMs ? seen : last;
  return { clockMs, clockCount };
}

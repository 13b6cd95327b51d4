/** A rate limit: tokens come in steadily and are kept up to a bound. Knows no clock; the caller says what time it is. */
export interface TokenBucket {
  /** 0 when the tokens were there and are taken now; else the milliseconds until they would be, and nothing is taken. */
  take(tokens: number, nowMs: number): number;
  /** What was taken and not used. */
  giveBack(tokens: number): void;
}

/** `perSecond` in the long run, `most` at once: by default four seconds' worth. */
export function tokenBucket(perSecond: number, most = perSecond * 4): TokenBucket {
  let level = most;
  let filledAtMs = 0;
  return {
    take(tokens, nowMs) {
      // A clock that jumps back fills nothing; one that jumps ahead fills it once.
      level = Math.min(most, level + (Math.max(0, nowMs - filledAtMs) / 1_000) * perSecond);
      filledAtMs = nowMs;
      const wanted = Math.min(tokens, most);
      if (level < wanted) return Math.ceil(((wanted - level) / perSecond) * 1_000);
      level -= wanted;
      return 0;
    },
    giveBack(tokens) {
      level = Math.min(most, level + tokens);
    },
  };
}

/**
 * When a connection is tried again. Full jitter, so that the devices of a node that restarted do not return together;
 * at once for whoever just woke; and never so often that a flapping network makes a storm of it. Knows neither what is
 * connected nor to whom. FAULTS F3, F7.
 */
import type { Clock } from "../ports/clock.ts";

/**
 * `failed`: a try came to nothing. `lost`: a connection that stood was ended from outside, likely everybody's at the
 * same time. `silent`: it was found dead by its silence, which is this device's alone. `hurried`: no matter what, the
 * machine woke or came online.
 */
export type Occasion = "failed" | "lost" | "silent" | "hurried";

export interface ComeBack {
  /** The connection stands. */
  stands(): void;
  /** How long to wait before the next try, in milliseconds. */
  waitMs(occasion: Occasion): number;
}

export interface ComeBackLimits {
  /**
   * Everybody who was connected comes back within this after a restart: with 200 devices and both their connections 25
   * a second. Wider is a longer wait for each, narrower a herd.
   */
  readonly lostWithinMs: number;
  /** Longest wait between tries that fail. Higher keeps people apart after an outage, lower is load on what struggles. */
  readonly longestMs: number;
}

const shortestMs = 500;
/** Doubles with each failure. */
const failedWithinMs = 4_000;
/** What one device found dead alone it need not share out. */
const silentWithinMs = 1_000;
/**
 * One connection within this time and one to spare: a network that comes and goes every few seconds is followed less
 * than three times a minute, and whoever has just woken has a second try for the Wi-Fi that was not ready yet.
 */
const spacingMs = 22_000;

/** `jitter` gives numbers from 0 to below 1. */
export function createComeBack(clock: Clock, jitter: () => number, limits: ComeBackLimits): ComeBack {
  let failures = 0;
  /** When the connections so far would be paid for, at one for each `spacingMs`. */
  let paidAtMs = Number.NEGATIVE_INFINITY;

  const debtMs = () => {
    const debt = Math.max(0, paidAtMs - clock.now());
    // More than can be owed: the clock was set back.
    return debt > 2 * spacingMs ? spacingMs : debt;
  };
  const within = (mostMs: number) => shortestMs + (mostMs - shortestMs) * jitter();

  const wantedMs = (occasion: Occasion): number => {
    switch (occasion) {
      case "hurried":
        failures = 0;
        return 0;
      case "silent":
        return silentWithinMs * jitter();
      case "lost":
        // If it cannot be reached now either, it is away for everybody.
        failures = Math.ceil(Math.log2(limits.lostWithinMs / failedWithinMs));
        return within(limits.lostWithinMs);
      case "failed":
        failures += 1;
        return within(Math.min(limits.longestMs, failedWithinMs * 2 ** (failures - 1)));
    }
  };

  return {
    stands() {
      failures = 0;
      paidAtMs = clock.now() + debtMs() + spacingMs;
    },
    waitMs: (occasion) => Math.round(Math.max(wantedMs(occasion), debtMs() - spacingMs)),
  };
}

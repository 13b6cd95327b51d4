/**
 * How long each device may take to answer when its link is in doubt (§7.3). Whoever turned out to be there after a link
 * with it was given up is slow, not gone, and gets twice the time. Forgotten when the engine stops.
 */

import type { DeviceId } from "../lang/brand.ts";
import type { Clock } from "../ports/clock.ts";

/** A round trip takes less nearly everywhere. Higher, and what a dead link was given waits longer. */
const firstPatienceMs = 1_500;
const maxPatienceMs = 24_000;
/** Who is linked again this soon after its link was given up was there all the time. */
const backWithinMs = 30_000;
/** A network that was slow is not slow for ever. */
const forgottenAfterMs = 1_800_000;

interface Alarm {
  readonly patienceMs: number;
  /** When a link was last given up, and at which address. */
  readonly atMs: number;
  readonly peer: string;
}

export interface LinkAlarms {
  patienceMs(device: DeviceId): number;
  /** The link was given up: no answer came. */
  raise(device: DeviceId, peer: string): void;
  /** A link with it is open. */
  opened(device: DeviceId, peer: string): void;
}

export function createLinkAlarms(clock: Clock): LinkAlarms {
  const alarms = new Map<DeviceId, Alarm>();

  /** Either way: the clock may have been set. */
  const sinceMs = ({ atMs }: Alarm) => Math.abs(clock.now() - atMs);

  function patienceMs(device: DeviceId): number {
    const alarm = alarms.get(device);
    return alarm === undefined || sinceMs(alarm) >= forgottenAfterMs ? firstPatienceMs : alarm.patienceMs;
  }

  return {
    patienceMs,
    raise(device, peer) {
      alarms.set(device, { patienceMs: patienceMs(device), atMs: clock.now(), peer });
    },
    opened(device, peer) {
      const alarm = alarms.get(device);
      // Under another address it was begun anew: nobody was there.
      if (alarm === undefined || alarm.peer !== peer || sinceMs(alarm) >= backWithinMs) return;
      const doubled = Math.min(alarm.patienceMs * 2, maxPatienceMs);
      alarms.set(device, { patienceMs: doubled, atMs: alarm.atMs, peer: "" });
    },
  };
}

/** How long a device is not dialled after a dial that failed, doubling; `over` is told when it may be dialled again. */

import type { DeviceId } from "../lang/brand.ts";
import type { Clock } from "../ports/clock.ts";

const maxPauseMs = 120_000;

export interface Pauses {
  has(device: DeviceId): boolean;
  /** `firstMs` where there was none since the last `end`. */
  begin(device: DeviceId, firstMs: number): void;
  /** What was learnt from failures is forgotten. */
  end(device: DeviceId): void;
}

export function createPauses(clock: Clock, over: (device: DeviceId) => void): Pauses {
  const timers = new Map<DeviceId, () => void>();
  const lastMs = new Map<DeviceId, number>();

  return {
    has: (device) => timers.has(device),
    begin(device, firstMs) {
      const lengthMs = Math.min((lastMs.get(device) ?? firstMs / 2) * 2, maxPauseMs);
      lastMs.set(device, lengthMs);
      timers.get(device)?.();
      const cancel = clock.after(lengthMs, () => {
        timers.delete(device);
        over(device);
      });
      timers.set(device, cancel);
    },
    end(device) {
      timers.get(device)?.();
      timers.delete(device);
      lastMs.delete(device);
    },
  };
}

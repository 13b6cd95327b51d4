/**
 * How long a node that is there and gives nothing of a topic is waited for, where words or keys may lie that nobody else has
 * (§11, §12). One that is out of reach is not its business.
 */

import type { Clock } from "../ports/clock.ts";
import type { NodeClient } from "../ports/node.ts";

/** Lower: a node that is busy for long keeps words back that are lost for good then. Higher: one that is ill keeps keys from being renewed. */
const stepsWaited = 20;
const stepMs = 30_000;

export interface OwedPatience {
  /** It was there for long without giving anything. Until it is read after all. */
  readonly isOver: boolean;
  /** Everything there was read. */
  read(): void;
  /** Something there is to be read again. */
  unread(): void;
  stop(): void;
}

/** `isRead`: everything there was taken in. `over`: told once it has been waited for long enough. */
export function createOwedPatience(
  clock: Clock,
  { status }: Pick<NodeClient, "status">,
  isRead: () => boolean,
  over: () => void,
): OwedPatience {
  /** In which it was connected and unread. Connections that break in between do not begin anew, nor does time without one count. */
  let steps = 0;
  let isConnected = false;
  let stopped = false;
  let cancel: (() => void) | undefined;

  function wait(): void {
    if (cancel !== undefined || stopped || !isConnected || steps >= stepsWaited) return;
    cancel = clock.after(stepMs, () => {
      cancel = undefined;
      if (isRead() || !isConnected) return;
      steps++;
      if (steps === stepsWaited) over();
      wait();
    });
  }

  const endStatus = status.subscribe((now) => {
    isConnected = now.kind === "connected";
    wait();
  });

  return {
    get isOver() {
      return steps >= stepsWaited;
    },
    read() {
      steps = 0;
      cancel?.();
      cancel = undefined;
    },
    unread: wait,
    stop() {
      stopped = true;
      endStatus();
      cancel?.();
    },
  };
}

// One run of a device's engine as the simulated network sees it, and the faults that network makes. A crash ends the
// seat: what comes for it later is dropped, what it waits for is never answered.
import type { TopicId } from "../../core/lang/brand.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { Activity } from "./settle.ts";

export interface Seat {
  readonly device: string;
  readonly alive: boolean;
  readonly online: boolean;
  /** Every call and answer of a port passes here, so that a crash can strike at any of them. */
  step(): void;
  /** `work`, unless the seat is gone before or when it is answered; then never. */
  answer<T>(work: Promise<T>): Promise<T>;
  readonly activity: Activity;
  /** Told when the device goes offline, comes back, or crashes. */
  readonly watchers: Set<() => void>;
}

/** The seat of somebody who is always there and never crashes. */
export function bareSeat(device: string, activity: Activity): Seat {
  return { device, alive: true, online: true, step() {}, answer: (work) => work, activity, watchers: new Set() };
}

export interface Faults {
  /** Each way. */
  delayMs: readonly [number, number];
  /** Of frames and signals; a lost request to a node breaks the connection, as TCP does. */
  loss: number;
  duplication: number;
  /** Of frames and signals that overtake others by up to `reorderMs`. */
  reordering: number;
  reorderMs: number;
  /** Of requests to a node: "busy". */
  busy: number;
}

export const noFaults: Faults = {
  delayMs: [1, 1],
  loss: 0,
  duplication: 0,
  reordering: 0,
  reorderMs: 0,
  busy: 0,
};

/** What leaves a device, as it leaves. */
export interface Tap {
  appended(device: string, topic: TopicId, envelope: Uint8Array, slot: Uint8Array | undefined): void;
  signalled(device: string, topic: TopicId, body: Uint8Array): void;
  framed(device: string, to: string, frame: Uint8Array): void;
}

export interface Network {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly faults: Faults;
  readonly tap: Tap;
  /** Whether the device's bytes get to the node or device at all. */
  reaches(device: string, other: string): boolean;
}

export function delayOf({ random, faults }: Network): number {
  const [least, most] = faults.delayMs;
  return least + random.int(most - least + 1);
}

/** A way that keeps order, but for the faults. */
export function createLane(network: Network): (task: () => void) => void {
  let freeAtMs = 0;
  return (task) => {
    const { clock, random, faults } = network;
    if (random.chance(faults.loss)) return;
    const nowMs = clock.now();
    const dueMs = Math.max(freeAtMs, nowMs + delayOf(network));
    if (random.chance(faults.reordering)) {
      clock.after(dueMs - nowMs + random.int(faults.reorderMs + 1), task);
    } else {
      freeAtMs = dueMs;
      clock.after(dueMs - nowMs, task);
    }
    if (random.chance(faults.duplication)) clock.after(dueMs - nowMs + random.int(faults.reorderMs + 1), task);
  };
}

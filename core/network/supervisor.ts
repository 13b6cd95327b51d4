/**
 * Keeps this device reachable: holds a reservation at each relay it is given, for ever, whatever happens to the relay,
 * the network or the machine (libp2p itself gives up after the first loss). Knows neither libp2p nor links:
 * a `RelayDoor` does the work, here is only when.
 */
import { type Live, liveCell } from "../lang/live.ts";
import { assertNever, type Result } from "../lang/result.ts";
import type { Clock } from "../ports/clock.ts";
import { createComeBack } from "./come-back.ts";
import type { Relay } from "./link-address.ts";

export interface RelayDoor {
  /** Connects if needed and reserves. A reservation made before still stands or is renewed. */
  reserve(relay: Relay, signal: AbortSignal): Promise<Result<void, "full" | "away">>;
  /** Whether the relay still answers on the connection that holds the reservation. */
  answers(relay: Relay, signal: AbortSignal): Promise<boolean>;
  /** Gives up reservation and connection. */
  leave(relay: Relay): Promise<void>;
}

export type RelayState = "new" | "reserved" | "full" | "away";

export interface Supervisor {
  /** State of every relay of the set. */
  readonly relays: Live<ReadonlyMap<Relay, RelayState>>;
  /** Makes this the set; relays that stay in it are not disturbed. */
  watch(relays: readonly Relay[]): void;
  /** The reservation at this relay is gone. */
  lost(relayPeer: string): void;
  /** Tries again now, and asks relays that seem well whether they are: the machine woke or came online. */
  hurry(): void;
  stop(): void;
}

/** Slower than the connection to the mailbox, which is of more use and comes back at the same time. */
const comeBackLimits = { lostWithinMs: 20_000, longestMs: 30_000 };
/** A full relay has a slot when somebody leaves, not when we ask more often. */
const fullDelayMs = 60_000;
/** A connection that silently died (sleep, a NAT that forgot it) is noticed after this at the latest. */
const checkEveryMs = 120_000;
const attemptTimeoutMs = 8_000;
const answerTimeoutMs = 5_000;

/** `jitter` gives numbers from 0 to below 1. */
export function createSupervisor(clock: Clock, jitter: () => number, door: RelayDoor): Supervisor {
  const relays = liveCell<ReadonlyMap<Relay, RelayState>>(new Map());
  const watches = new Map<string, { readonly relay: Relay; now(): void; lost(): void; end(): void }>();

  const set = (relay: Relay, state: RelayState) => {
    if (relays.value.get(relay) !== state) relays.set(new Map(relays.value).set(relay, state));
  };

  const watchOne = (relay: Relay) => {
    const comeBack = createComeBack(clock, jitter, comeBackLimits);
    let cancelTimer = () => {};
    let running: AbortController | undefined;
    let again = false;
    let lostMeanwhile = false;
    let ended = false;

    const schedule = (delayMs: number) => {
      cancelTimer();
      cancelTimer = clock.after(delayMs, run);
    };

    const step = async (signal: AbortSignal): Promise<RelayState> => {
      if (relays.value.get(relay) === "reserved") {
        const well = await withDeadline(clock, answerTimeoutMs, signal, (deadline) => door.answers(relay, deadline));
        if (!well && !signal.aborted) await door.leave(relay);
      }
      if (signal.aborted) return "away";
      lostMeanwhile = false;
      const outcome = await withDeadline(clock, attemptTimeoutMs, signal, (deadline) => door.reserve(relay, deadline));
      if (!outcome.ok) return outcome.error;
      return lostMeanwhile ? "away" : "reserved";
    };

    /** One attempt at a time; what is asked for meanwhile is done after it. */
    const run = () => {
      cancelTimer();
      again = false;
      const own = new AbortController();
      running = own;
      void step(own.signal).then((state) => {
        if (own.signal.aborted) return;
        running = undefined;
        if (state === "reserved" && relays.value.get(relay) !== "reserved") comeBack.stands();
        set(relay, state);
        if (again) now();
        else schedule(delayAfter(state));
      });
    };

    const now = () => {
      if (running !== undefined) {
        again = true;
        return;
      }
      const waitMs = relays.value.get(relay) === "reserved" ? 0 : comeBack.waitMs("hurried");
      if (waitMs === 0) run();
      else schedule(waitMs);
    };

    const delayAfter = (state: RelayState): number => {
      const half = 0.5 + jitter() / 2;
      switch (state) {
        case "reserved":
          return checkEveryMs * half;
        case "full":
          return fullDelayMs * half;
        case "away":
        case "new":
          return comeBack.waitMs("failed");
        default:
          return assertNever(state);
      }
    };

    run();
    return {
      relay,
      now,
      lost() {
        lostMeanwhile = true;
        if (ended || relays.value.get(relay) !== "reserved") return;
        set(relay, "away");
        if (running === undefined) schedule(comeBack.waitMs("lost"));
      },
      end() {
        ended = true;
        cancelTimer();
        running?.abort();
        void door.leave(relay);
      },
    };
  };

  return {
    relays,
    watch(wanted) {
      const kept = new Map<Relay, RelayState>();
      for (const [key, watch] of watches) {
        if (wanted.some((relay) => relay.address === key))
          kept.set(watch.relay, relays.value.get(watch.relay) ?? "new");
        else {
          watches.delete(key);
          watch.end();
        }
      }
      const added = wanted.filter((relay) => !watches.has(relay.address));
      for (const relay of added) kept.set(relay, "new");
      relays.set(kept);
      for (const relay of added) if (!watches.has(relay.address)) watches.set(relay.address, watchOne(relay));
    },
    lost(relayPeer) {
      for (const watch of watches.values()) if (watch.relay.peer === relayPeer) watch.lost();
    },
    hurry() {
      for (const watch of watches.values()) watch.now();
    },
    stop() {
      for (const watch of watches.values()) watch.end();
      watches.clear();
      relays.set(new Map());
    },
  };
}

/** Runs `task` with a signal that is aborted by `outer` or after `timeoutMs`; leaves no timer behind. */
export async function withDeadline<T>(
  clock: Clock,
  timeoutMs: number,
  outer: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const abort = () => own.abort();
  const cancel = clock.after(timeoutMs, abort);
  outer.addEventListener("abort", abort);
  if (outer.aborted) abort();
  try {
    return await task(own.signal);
  } finally {
    cancel();
    outer.removeEventListener("abort", abort);
  }
}

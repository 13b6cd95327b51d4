// Link networks on this machine, and what tests wait for. Time is real unless a test brings its own clock.
import { createLinkNetwork } from "../../core/network/link-network.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { LinkListener, LinkNetwork, RawLink } from "../../core/ports/links.ts";
import type { Random } from "../../core/ports/random.ts";

export { isReachable, until } from "./until.ts";

/** Draws the shortest of all waits, so that a test need not wait for the spread of a herd. */
export const random: Random = {
  bytes: (length) => (length > 4 ? crypto.getRandomValues(new Uint8Array(length)) : new Uint8Array(length)),
};

/**
 * Deadlines of a dial are for machines that have nothing else to do. Here two devices and their relay share one, with
 * others: what a test says of links must not hang on its speed.
 */
export const patience = 4;

/** The machine's time, and how many timers are still to come. Each takes `slower` times as long as it says. */
export function countingClock(slower = 1): Clock & { readonly pending: number } {
  const pending = new Set<object>();
  return {
    get pending() {
      return pending.size;
    },
    now: () => Date.now(),
    after(delayMs, task) {
      const timer = setTimeout(() => {
        pending.delete(timer);
        task();
      }, delayMs * slower);
      pending.add(timer);
      return () => {
        clearTimeout(timer);
        pending.delete(timer);
      };
    },
  };
}

/** Time that passes only when told to. */
export function manualClock(): Clock & { advance(ms: number): void; readonly pending: number } {
  let now = 0;
  const timers = new Set<{ readonly at: number; readonly task: () => void }>();
  return {
    get pending() {
      return timers.size;
    },
    now: () => now,
    after(delayMs, task) {
      const timer = { at: now + delayMs, task };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const next = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        timers.delete(next);
        now = next.at;
        next.task();
      }
      now = end;
    },
  };
}

export function device(clock: Clock = countingClock()): LinkNetwork {
  return createLinkNetwork({ clock, random, webrtc: true });
}

/** A link with its inbox: frames in order of arrival, and promises for what comes. */
export function inboxOf(link: RawLink) {
  const frames: Uint8Array[] = [];
  let received = 0;
  let wake = () => {};
  let onClosed = () => {};
  const closed = new Promise<void>((resolve) => {
    onClosed = resolve;
  });
  link.receive({
    frame(bytes) {
      frames.push(bytes);
      received += bytes.length;
      wake();
    },
    closed: onClosed,
  });
  return {
    link,
    frames,
    closed,
    get received() {
      return received;
    },
    async atLeast(bytes: number): Promise<void> {
      while (received < bytes) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}
export type Inbox = ReturnType<typeof inboxOf>;
/** What a device says of whoever dials it. */
export type Answer = Awaited<ReturnType<LinkListener["admit"]>>;

/** Links that others open to this device, one by one. */
export function incoming(network: LinkNetwork, answer: Answer = "direct"): () => Promise<Inbox> {
  const come: Inbox[] = [];
  let wake = () => {};
  network.listen({
    link(link) {
      come.push(inboxOf(link));
      wake();
    },
    admit: async () => answer,
  });
  return async () => {
    for (;;) {
      const next = come.shift();
      if (next !== undefined) return next;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
}

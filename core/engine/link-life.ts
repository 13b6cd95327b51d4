/**
 * Whether somebody is still at the other end of a link (§7.3): a ping now and then, and one at once where an envelope got
 * no answer. A path often breaks without a word, and what a dead link was given waits. Does not know what the link carries.
 */

import type { Clock } from "../ports/clock.ts";

const pingEveryMs = 15_000;
/** Two pings may be lost before the link is. */
const silenceMs = 35_000;
/** An envelope is answered within a round trip. After this long the other end is asked whether it is there. */
const doubtMs = 1_000;
/** Times the slowest of the last round trips that an answer may take. */
const roundTrips = { factor: 3, kept: 8 };
/** Patience with whom ever so slow: no more than with a link that nothing is given to. */
const maxPatienceMs = 30_000;
/** A timer that is this late tells that this device stood still; what was said to it meanwhile may not be read yet. */
const stallMs = 500;

export interface LinkLife {
  /** The other end is proved: from now on it is asked. */
  begin(): void;
  /** Something was sent, before `begin`, whose answer is the next frame that comes. */
  sent(): void;
  heard(): void;
  pong(id: number): void;
  /** It was given something that it answers. */
  given(): void;
  /** Ends the link unless something is heard from its other end soon. */
  ask(): void;
  end(): void;
}

export interface LinkLifeEvents {
  ping(id: number): void;
  /** The least time that it is given for an answer when asked. */
  patienceMs(): number;
  /** `asked`: somebody was waiting. */
  dead(asked: boolean): void;
}

export function watchLife(clock: Clock, events: LinkLifeEvents): LinkLife {
  let heardAtMs = clock.now();
  let lastId = 0;
  /** The oldest ping without an answer, or what was sent before there were pings. */
  let underway: { readonly id: number; readonly atMs: number } | undefined;
  const tookMs: number[] = [];
  let doubt: "none" | "waiting" | "asked" = "none";
  let cancelBeat = () => {};
  let cancelDoubt = () => {};
  let state: "new" | "begun" | "ended" = "new";

  function after(delayMs: number, task: (late: boolean) => void): () => void {
    const dueMs = clock.now() + delayMs;
    return clock.after(delayMs, () => task(clock.now() - dueMs >= stallMs));
  }

  function answered(): void {
    const ms = underway === undefined ? -1 : clock.now() - underway.atMs;
    underway = undefined;
    // Else the clock was set.
    if (ms >= 0 && ms < silenceMs) tookMs.unshift(ms);
    tookMs.splice(roundTrips.kept);
  }

  function ping(): void {
    lastId++;
    underway ??= { id: lastId, atMs: clock.now() };
    events.ping(underway.id);
  }

  function patienceMs(): number {
    return Math.min(Math.max(events.patienceMs(), roundTrips.factor * Math.max(0, ...tookMs)), maxPatienceMs);
  }

  function beat(late: boolean): void {
    const nowMs = clock.now();
    // The clock was set back: silence counts from here.
    if (heardAtMs > nowMs) heardAtMs = nowMs;
    cancelBeat = after(pingEveryMs, beat);
    if (nowMs - heardAtMs < silenceMs) ping();
    else if (late) ask();
    else events.dead(false);
  }

  function ask(): void {
    if (doubt === "asked" || state !== "begun") return;
    doubt = "asked";
    cancelDoubt();
    ping();
    waitForAnswer();
  }

  function waitForAnswer(): void {
    cancelDoubt = after(patienceMs(), (late) => (late ? waitForAnswer() : events.dead(true)));
  }

  return {
    begin() {
      if (state !== "new") return;
      state = "begun";
      cancelBeat = after(pingEveryMs, beat);
    },
    sent() {
      underway = { id: 0, atMs: clock.now() };
    },
    heard() {
      heardAtMs = clock.now();
      doubt = "none";
      cancelDoubt();
      if (underway?.id === 0) answered();
    },
    pong(id) {
      if (underway?.id === id) answered();
    },
    given() {
      if (doubt !== "none" || state !== "begun") return;
      doubt = "waiting";
      cancelDoubt = clock.after(doubtMs, ask);
    },
    ask() {
      // Whoever has just said something is there.
      if (Math.abs(clock.now() - heardAtMs) >= doubtMs) ask();
    },
    end() {
      state = "ended";
      cancelBeat();
      cancelDoubt();
    },
  };
}

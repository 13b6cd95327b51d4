/**
 * One engine per browser profile. The tab that holds the Web Lock runs it; every other tab waits in line and can ask
 * for the seat. Two engines at once would advance one key state twice and burn message keys.
 * Knows nothing of what an engine does besides opening and stopping.
 */
import type { Result } from "@kith/core";

export type SeatState<Engine, Fault> =
  | { readonly kind: "opening" }
  | { readonly kind: "elsewhere"; readonly taking: boolean }
  | { readonly kind: "open"; readonly engine: Engine }
  | { readonly kind: "fault"; readonly fault: Fault | "crash" };

/** `take`: somebody wants the seat, let go. `taken`: it has changed hands, wait in line again. */
export type SeatMessage = { readonly kind: "take" } | { readonly kind: "taken" };

export interface SeatChannel {
  post(message: SeatMessage): void;
  listen(listener: (message: SeatMessage) => void): void;
}

/** The part of `LockManager` that is used. */
export interface SeatLocks {
  request(
    name: string,
    options: { readonly steal?: boolean; readonly signal?: AbortSignal },
    callback: () => Promise<void>,
  ): Promise<unknown>;
}

export interface SeatDeps<Engine extends { stop(): Promise<void> }, Fault> {
  readonly locks: SeatLocks;
  readonly channel: SeatChannel;
  readonly open: () => Promise<Result<Engine, Fault>>;
  readonly show: (state: SeatState<Engine, Fault>) => void;
  readonly wait: (ms: number) => Promise<void>;
}

export interface EngineSeat {
  /** Asks the tab that has the engine to hand it over. */
  takeOver(): Promise<void>;
}

const lockName = "kith-engine";
/** How long a tab in line steps back for the one that asked. Shorter lets it slip in between; longer delays recovery. */
const stepBackMs = 3_000;
/** A frozen tab cannot answer. Its engine does not run either, so after this long the lock is taken from it. */
const patienceMs = 6_000;
/** How long a fresh page waits for the lock before it says that another tab has it. */
const graceMs = 500;

export function createEngineSeat<Engine extends { stop(): Promise<void> }, Fault>(
  deps: SeatDeps<Engine, Fault>,
): EngineSeat {
  let letGo: (() => void) | undefined;
  let line: AbortController | undefined;
  let taking = false;

  /** Runs while this tab owns the lock; when it returns, the lock is free. */
  async function sit(): Promise<void> {
    line = undefined;
    taking = false;
    const asked = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    deps.show({ kind: "opening" });
    deps.channel.post({ kind: "taken" });
    let engine: Engine | undefined;
    try {
      const opened = await deps.open();
      if (opened.ok) engine = opened.value;
      deps.show(opened.ok ? { kind: "open", engine: opened.value } : { kind: "fault", fault: opened.error });
    } catch {
      deps.show({ kind: "fault", fault: "crash" });
    }
    await asked;
    letGo = undefined;
    // First nobody uses the engine any more, then it stops, and only then the lock is free.
    deps.show({ kind: "elsewhere", taking: false });
    await engine?.stop();
  }

  function waitInLine(): void {
    if (letGo !== undefined || line !== undefined) return;
    deps.show({ kind: "elsewhere", taking });
    queue();
  }

  function queue(): void {
    const place = new AbortController();
    line = place;
    hold({ signal: place.signal });
  }

  function hold(options: { readonly signal?: AbortSignal; readonly steal?: boolean }): void {
    deps.locks.request(lockName, options, sit).then(stepBack, () => {
      // Either we left the line ourselves, or the lock was taken from us while we slept.
      if (options.signal?.aborted !== true) {
        letGo?.();
        stepBack();
      }
    });
  }

  function stepBack(): void {
    void deps.wait(stepBackMs).then(waitInLine);
  }

  deps.channel.listen((message) => {
    if (message.kind === "taken") {
      waitInLine();
    } else if (letGo !== undefined) {
      letGo();
    } else {
      line?.abort();
      line = undefined;
      taking = false;
      deps.show({ kind: "elsewhere", taking });
      stepBack();
    }
  });

  // A page that is being reloaded frees its lock a moment after its successor asks: no card for that moment.
  deps.show({ kind: "opening" });
  queue();
  void deps.wait(graceMs).then(() => {
    if (letGo === undefined && line !== undefined) deps.show({ kind: "elsewhere", taking });
  });

  return {
    async takeOver() {
      if (letGo !== undefined || taking) return;
      taking = true;
      waitInLine();
      deps.show({ kind: "elsewhere", taking });
      deps.channel.post({ kind: "take" });
      await deps.wait(patienceMs);
      if (!taking) return;
      line?.abort();
      line = undefined;
      hold({ steal: true });
    },
  };
}

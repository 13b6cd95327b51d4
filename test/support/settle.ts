// Waiting until nothing moves any more, for the virtual clock: work that is under way is counted, not guessed at.

export interface Activity {
  /** Counts `work` as under way until it is answered or given up by `forget`. */
  track<T>(work: Promise<T>): Promise<T>;
  /** A crash: what this belonged to is never answered, so it is waited for no longer. */
  forget(): void;
}

export interface Settle {
  (): Promise<void>;
  activity(): Activity;
}

/**
 * Rests once nothing tracked is under way and `quietRounds` turns of the event loop have passed in which nothing tracked
 * began or ended. Over memory one turn is enough, as everything there is microtasks; IndexedDB takes turns of its own.
 */
export function createSettle(quietRounds: number): Settle {
  let pending = 0;
  let changes = 0;

  const settle = async () => {
    for (let quiet = 0; quiet < quietRounds; ) {
      const before = changes;
      await new Promise<void>((resolve) => setImmediate(resolve));
      quiet = pending === 0 && changes === before ? quiet + 1 : 0;
    }
  };

  const activity = (): Activity => {
    let own = 0;
    let forgotten = false;
    return {
      async track(work) {
        if (forgotten) return work;
        own++;
        pending++;
        changes++;
        try {
          return await work;
        } finally {
          if (!forgotten) {
            own--;
            pending--;
            changes++;
          }
        }
      },
      forget() {
        forgotten = true;
        pending -= own;
        changes++;
      },
    };
  };
  return Object.assign(settle, { activity });
}

// Tells, in a browser's page, how long each of several steps keeps it from everything else.

export interface Stall {
  readonly what: string;
  readonly tookMs: number;
  /** The longest time between two turns of a message to itself, which waits behind whatever is ready. */
  readonly stallMs: number;
  /** The longest single task, 0 where none took 50 ms; between two tasks a browser may paint and hear keys. */
  readonly taskMs: number;
}

export interface StallWatch {
  readonly stalls: readonly Stall[];
  measure<T>(what: string, step: () => Promise<T>): Promise<T>;
}

export function stallWatch(): StallWatch {
  const stalls: Stall[] = [];
  async function measure<T>(what: string, step: () => Promise<T>): Promise<T> {
    const { port1, port2 } = new MessageChannel();
    let stallMs = 0;
    let lastMs = performance.now();
    let goesOn = true;
    let taskMs = 0;
    const note = (entries: readonly PerformanceEntry[]) => {
      for (const { duration } of entries) taskMs = Math.max(taskMs, duration);
    };
    const observer = new PerformanceObserver((list) => note(list.getEntries()));
    observer.observe({ type: "longtask" });
    const ended = new Promise<void>((resolve) => {
      port1.onmessage = () => {
        const nowMs = performance.now();
        stallMs = Math.max(stallMs, nowMs - lastMs);
        lastMs = nowMs;
        if (goesOn) port2.postMessage(0);
        else resolve();
      };
    });
    port2.postMessage(0);
    const startedMs = performance.now();
    const done = await step();
    const tookMs = performance.now() - startedMs;
    goesOn = false;
    await ended;
    port1.close();
    // The entry of a task is made some time after it.
    await new Promise((resolve) => setTimeout(resolve, 200));
    note(observer.takeRecords());
    observer.disconnect();
    stalls.push({ what, tookMs, stallMs, taskMs });
    return done;
  }
  return { stalls, measure };
}

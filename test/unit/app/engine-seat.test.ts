import { describe, expect, test } from "vitest";
import {
  createEngineSeat,
  type SeatLocks,
  type SeatMessage,
  type SeatState,
} from "../../../app/platform/engine-seat.ts";

type State = SeatState<Engine, "no-storage">;
interface Engine {
  stop(): Promise<void>;
}

/** One browser profile: a lock, a channel between tabs, and time that passes when told. */
function profile() {
  const waiting: { grant: () => void; steal: () => void }[] = [];
  let holder: { lose: () => void } | undefined;
  const tabs: ((message: SeatMessage) => void)[] = [];
  const sleepers: { ms: number; wake: () => void }[] = [];
  let running = 0;
  const log = { mostEngines: 0 };

  const next = () => waiting.shift()?.grant();
  const locks: SeatLocks = {
    request: (_name, options, callback) =>
      new Promise((resolve, reject) => {
        const run = () => {
          const me = { lose: () => reject(new Error("stolen")) };
          holder = me;
          void callback().then((value) => {
            if (holder !== me) return;
            holder = undefined;
            resolve(value);
            next();
          });
        };
        if (options.steal) {
          holder?.lose();
          run();
          return;
        }
        const place = { grant: run, steal: run };
        waiting.push(place);
        options.signal?.addEventListener("abort", () => {
          const at = waiting.indexOf(place);
          if (at < 0) return;
          waiting.splice(at, 1);
          reject(new Error("aborted"));
        });
        if (!holder) next();
      }),
  };

  function tab(options: { frozen?: boolean; opens?: State & { kind: "fault" } } = {}) {
    const states: State[] = [];
    const me = tabs.length;
    const seat = createEngineSeat<Engine, "no-storage">({
      locks,
      channel: {
        post(message) {
          for (const [index, listener] of tabs.entries()) if (index !== me) listener(message);
        },
        listen: (listener) => tabs.push((message) => options.frozen || listener(message)),
      },
      async open() {
        if (options.opens) return { ok: false, error: "no-storage" };
        log.mostEngines = Math.max(log.mostEngines, ++running);
        return {
          ok: true,
          value: {
            async stop() {
              running--;
            },
          },
        };
      },
      show: (state) => states.push(state),
      wait: (ms) => new Promise((wake) => sleepers.push({ ms, wake })),
    });
    return { seat, now: () => states.at(-1)?.kind, taking: () => states.at(-1) };
  }

  return {
    tab,
    log,
    /** Ends every wait of at most this long, and lets everything settle. */
    async pass(ms: number) {
      await settle();
      for (const sleeper of sleepers.splice(0)) {
        if (sleeper.ms <= ms) sleeper.wake();
        else sleepers.push({ ...sleeper, ms: sleeper.ms - ms });
      }
      await settle();
    },
    /** The tab that has the engine goes away. */
    async crash() {
      running = 0;
      holder = undefined;
      next();
      await settle();
    },
  };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

describe("one engine per profile", () => {
  test("the first tab opens it, the second says that it is open elsewhere", async () => {
    const browser = profile();
    const first = browser.tab();
    const second = browser.tab();
    await browser.pass(500);
    expect(first.now()).toBe("open");
    expect(second.now()).toBe("elsewhere");
  });

  test("a page that reloads does not flash the card", async () => {
    const browser = profile();
    browser.tab();
    const second = browser.tab();
    await browser.pass(0);
    expect(second.now()).toBe("opening");
  });

  test("'Use it here' hands it over: the first stops before the second opens", async () => {
    const browser = profile();
    const first = browser.tab();
    const second = browser.tab();
    await browser.pass(500);
    void second.seat.takeOver();
    await browser.pass(500);
    expect(first.now()).toBe("elsewhere");
    expect(second.now()).toBe("open");
    expect(browser.log.mostEngines).toBe(1);
  });

  test("it can be taken back", async () => {
    const browser = profile();
    const first = browser.tab();
    const second = browser.tab();
    await browser.pass(500);
    void second.seat.takeOver();
    await browser.pass(3_000);
    void first.seat.takeOver();
    await browser.pass(3_000);
    expect(first.now()).toBe("open");
    expect(second.now()).toBe("elsewhere");
    expect(browser.log.mostEngines).toBe(1);
  });

  test("a third tab in line does not slip in between", async () => {
    const browser = profile();
    browser.tab();
    const second = browser.tab();
    const third = browser.tab();
    await browser.pass(500);
    void third.seat.takeOver();
    await browser.pass(500);
    expect(third.now()).toBe("open");
    expect(second.now()).toBe("elsewhere");
    expect(browser.log.mostEngines).toBe(1);
  });

  test("when the tab that has it crashes, the next in line opens it", async () => {
    const browser = profile();
    browser.tab();
    const second = browser.tab();
    await browser.pass(500);
    await browser.crash();
    expect(second.now()).toBe("open");
  });

  test("a frozen tab cannot keep it: after a while it is taken", async () => {
    const browser = profile();
    browser.tab({ frozen: true });
    const second = browser.tab();
    await browser.pass(500);
    void second.seat.takeOver();
    await browser.pass(500);
    expect(second.taking()).toEqual({ kind: "elsewhere", taking: true });
    await browser.pass(10_000);
    expect(second.now()).toBe("open");
  });

  test("a storage fault is shown", async () => {
    const browser = profile();
    const only = browser.tab({ opens: { kind: "fault", fault: "no-storage" } });
    await browser.pass(0);
    expect(only.now()).toBe("fault");
  });
});

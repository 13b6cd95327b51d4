// A device in the simulation: a disk that outlives its engine, a clock that may be wrong, and the engine itself, which
// can be stopped, crashed and started again.
import { createMessenger, type Messenger, type NodeUrl } from "../../core/index.ts";
import type { Live } from "../../core/lang/live.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { LinkNetwork } from "../../core/ports/links.ts";
import type { Log } from "../../core/ports/log.ts";
import type { NodeNetwork } from "../../core/ports/node.ts";
import type { Random } from "../../core/ports/random.ts";
import type { Reader, Storage } from "../../core/ports/storage.ts";
import type { Activity, Settle } from "./settle.ts";
import type { Seat } from "./sim-seat.ts";
import type { SkewedClock } from "./virtual-clock.ts";

/** Opens the device's disk. `crash` ends what is open without a word. */
export interface SimDisk {
  open(): Promise<Storage & { crash(): void }>;
}

export interface SimDevice {
  readonly name: string;
  readonly clock: SkewedClock;
  readonly seat: Seat;
  /** The engine that runs now. Throws while none does. */
  readonly messenger: Messenger;
  readonly running: boolean;
  /** Calls on the ports by the engine that runs now. */
  readonly steps: number;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The process dies here and now. */
  crash(): void;
  /** It dies at its `n`th call of a port, or answer of one, from now. */
  crashAfterSteps(n: number): void;
  setOnline(online: boolean): void;
  /** What the log said; faults of this list fail most tests. */
  readonly faults: readonly string[];
}

export interface DeviceParts {
  readonly name: string;
  readonly clock: SkewedClock;
  readonly random: Random;
  readonly settle: Settle;
  readonly disk: SimDisk;
  readonly defaultNode: NodeUrl;
  nodes(seat: Seat): NodeNetwork;
  links(seat: Seat): LinkNetwork;
  /** Right after a crash, before anything else happens. */
  crashed(device: string): void;
}

export function createSimDevice(parts: DeviceParts): SimDevice {
  const { name, clock, settle } = parts;
  const faults: string[] = [];
  let online = true;
  let seat = createSeat(name, () => online, settle.activity());
  let messenger: Messenger | undefined;
  let storage: (Storage & { crash(): void }) | undefined;

  const log: Log = {
    event() {},
    fault: (what, error) => faults.push(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : error}`),
  };

  function crash(): void {
    if (!seat.alive) return;
    messenger = undefined;
    storage?.crash();
    seat.die();
    for (const cancel of [...seat.timers]) cancel();
    parts.crashed(name);
  }

  return {
    name,
    clock,
    faults,
    get seat() {
      return seat;
    },
    get messenger() {
      if (messenger === undefined) throw new Error(`${name} is not running`);
      return messenger;
    },
    get running() {
      return messenger !== undefined;
    },
    get steps() {
      return seat.steps;
    },
    async start() {
      if (messenger !== undefined) throw new Error(`${name} runs already`);
      const own = createSeat(name, () => online, settle.activity());
      own.onCrash = crash;
      seat = own;
      storage = await own.activity.track(parts.disk.open());
      messenger = createMessenger({
        storage: stepping(storage, own),
        clock: clockOf(clock, own),
        random: parts.random,
        log,
        nodes: parts.nodes(own),
        links: parts.links(own),
        appOrigin: "https://kith.example",
        defaultNode: parts.defaultNode,
      });
    },
    async stop() {
      const leaving = messenger;
      messenger = undefined;
      await leaving?.stop();
      seat.die();
    },
    crash,
    crashAfterSteps(n) {
      seat.crashAt = seat.steps + n;
    },
    setOnline(next) {
      if (online === next) return;
      online = next;
      for (const watcher of [...seat.watchers]) watcher();
    },
  };
}

interface OwnSeat extends Seat {
  /** What cancels each timer that has not fired yet. */
  readonly timers: Set<() => void>;
  steps: number;
  crashAt: number;
  onCrash: () => void;
  die(): void;
}

function createSeat(device: string, isOnline: () => boolean, activity: Activity): OwnSeat {
  const watchers = new Set<() => void>();
  let alive = true;
  const seat: OwnSeat = {
    device,
    activity,
    watchers,
    timers: new Set(),
    steps: 0,
    crashAt: Number.POSITIVE_INFINITY,
    onCrash: () => {},
    get alive() {
      return alive;
    },
    get online() {
      return isOnline();
    },
    step() {
      seat.steps++;
      if (seat.steps >= seat.crashAt && alive) seat.onCrash();
    },
    async answer(work) {
      // What a closed disk says to the dead is heard by nobody.
      work.catch(() => {});
      if (!alive) return never();
      const value = await work;
      seat.step();
      return alive ? value : never();
    },
    die() {
      alive = false;
      activity.forget();
      for (const watcher of [...watchers]) watcher();
      watchers.clear();
    },
  };
  return seat;
}

/** Timers of a dead engine never fire, and are gone with its process; one that was stopped has to cancel its own. */
function clockOf(clock: Clock, seat: OwnSeat): Clock {
  return {
    now: () => clock.now(),
    after(delayMs, task) {
      const end = clock.after(delayMs, () => {
        seat.timers.delete(cancel);
        if (seat.alive) task();
      });
      const cancel = () => {
        seat.timers.delete(cancel);
        end();
      };
      seat.timers.add(cancel);
      return cancel;
    },
  };
}

function stepping(storage: Storage, seat: Seat): Storage {
  const through = <A>(ask: () => Promise<A>): Promise<A> => {
    seat.step();
    return seat.answer(seat.activity.track(ask()));
  };
  const readerOver = (reader: Reader): Reader => ({
    get: (table, key) => seat.activity.track(reader.get(table, key)),
    all: (table) => seat.activity.track(reader.all(table)),
    ofConversation: (table, conversation, window) =>
      seat.activity.track(reader.ofConversation(table, conversation, window)),
  });
  return {
    get: (table, key) => through(() => storage.get(table, key)),
    getMany: (table, keys) => through(() => storage.getMany(table, keys)),
    all: (table) => through(() => storage.all(table)),
    ofConversation: (table, conversation, window) => through(() => storage.ofConversation(table, conversation, window)),
    commit: (batch) => through(() => storage.commit(batch)),
    live: <T>(query: (reader: Reader) => Promise<T>): Live<T> =>
      storage.live((reader) => seat.activity.track(query(readerOver(reader)))),
    lost: storage.lost,
    close: () => storage.close(),
  };
}

const never = <T>() => new Promise<T>(() => {});

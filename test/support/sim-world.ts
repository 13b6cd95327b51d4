// A small world on virtual time: devices with real engines and real MLS, nodes and links in the process, faults at will.
// Everything random comes from the seed, so a world can be lived through again.
import "fake-indexeddb/auto";
import { cipherSuite } from "../../core/group/suite.ts";
import type { ConversationId, Messenger, NodeUrl } from "../../core/index.ts";
import type { Live } from "../../core/lang/live.ts";
import type { LinkNetwork } from "../../core/ports/links.ts";
import type { NodeNetwork } from "../../core/ports/node.ts";
import type { Table } from "../../core/ports/records.ts";
import { openDexie } from "../contracts/storage-dexie.ts";
import { copied } from "./copied-row.ts";
import { type Disk, emptyDisk, memoryStorage } from "./memory-storage.ts";
import { orderCrypto } from "./ordered-crypto.ts";
import { type SeededRandom, seededRandom } from "./seeded-random.ts";
import { createSettle, type Settle } from "./settle.ts";
import type { Audience } from "./sim-connection.ts";
import { createSimDevice, type SimDevice, type SimDisk } from "./sim-device.ts";
import { createLinkPlace, createSimLinkNetwork, type LinkPlace } from "./sim-links.ts";
import { createSimNode, type SimNode } from "./sim-node.ts";
import { createSimNodeNetwork } from "./sim-node-network.ts";
import { bareSeat, type Faults, type Network, noFaults, type Tap } from "./sim-seat.ts";
import { skewed, type VirtualClock, virtualClock } from "./virtual-clock.ts";

export interface WorldOptions {
  readonly seed?: number;
  /** "dexie" is the real storage over fake-indexeddb. */
  readonly storage?: "memory" | "dexie";
  /** Without: no direct links, as where WebRTC does not work. */
  readonly links?: boolean;
  readonly from?: WorldSnapshot;
}

/** Disks and nodes at a moment when nothing was under way. */
export interface WorldSnapshot {
  readonly nowMs: number;
  readonly tables: ReadonlyMap<string, Disk["tables"]>;
  readonly nodes: readonly SimNode[];
}

export interface World {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly node: SimNode;
  readonly nodes: Map<NodeUrl, SimNode>;
  readonly place: LinkPlace;
  faults: Faults;
  readonly taps: Set<Partial<Tap>>;
  readonly devices: ReadonlyMap<string, SimDevice>;
  /** Called when a device has crashed, before anything else happens. */
  onCrash: (device: string) => void;
  /** Pairs of devices, "alice bob", that cannot link now. */
  readonly apart: Set<string>;
  /**
   * Devices (by name) and nodes (by address) of different islands do not reach each other, until the next call. Who is
   * on none reaches everybody.
   */
  split(islands: readonly (readonly string[])[]): void;
  /** Another node, with nothing on it. */
  addNode(url: NodeUrl): SimNode;
  /** A device with an empty disk or the snapshot's, not started. */
  device(name: string): SimDevice;
  /** In memory worlds. */
  disk(name: string): Disk;
  /** A started device with a person called `name` on it. */
  person(name: string, node?: NodeUrl): Promise<SimDevice>;
  /** A place in the network without an engine, for whoever speaks the protocols by hand. */
  bare(name: string): { readonly links: LinkNetwork; readonly nodes: NodeNetwork };
  /** `a` invites, `b` answers, `a` accepts. */
  befriend(a: SimDevice, b: SimDevice): Promise<ConversationId>;
  advance(ms: number): Promise<void>;
  /** Lets time pass until `work` is answered. */
  run<T>(work: Promise<T>, limitMs?: number): Promise<T>;
  /** What it shows now. */
  see<T>(live: Live<T>): Promise<T>;
  settle(): Promise<void>;
  /** Stops everybody; the clock must then be empty but for what libraries left. */
  end(): Promise<void>;
  snapshot(): WorldSnapshot;
}

/** Where every world begins. */
export const homeNode = "http://node.example" as NodeUrl;
export const farNode = "http://far.example" as NodeUrl;
const startMs = Date.UTC(2026, 10, 1);
/** Turns of the event loop between two answers of a storage. */
const rounds = { memory: 1, dexie: 3 } as const;
let databases = 0;

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const { seed = 1, storage = "memory", links = true, from } = options;
  const random = seededRandom(seed);
  orderCrypto(random);
  await cipherSuite();
  const settle: Settle = createSettle(rounds[storage]);
  const clock = virtualClock(from?.nowMs ?? startMs, settle);
  const nodes = new Map<NodeUrl, SimNode>(from?.nodes.map((one) => [one.url, one.copy(clock)]));
  const node = nodes.get(homeNode) ?? createSimNode(clock, homeNode, random.bytes(32));
  nodes.set(homeNode, node);
  const taps = new Set<Partial<Tap>>();
  const tap: Tap = {
    appended: (...what) => taps.forEach((one) => void one.appended?.(...what)),
    signalled: (...what) => taps.forEach((one) => void one.signalled?.(...what)),
    framed: (...what) => taps.forEach((one) => void one.framed?.(...what)),
  };
  const apart = new Set<string>();
  const islands = new Map<string, number>();
  const reaches = (a: string, b: string) => (islands.get(a) ?? islands.get(b)) === (islands.get(b) ?? islands.get(a));
  const place = createLinkPlace((a, b) => links && !apart.has(`${a} ${b}`) && !apart.has(`${b} ${a}`) && reaches(a, b));
  const audience: Audience = { listeners: new Set() };
  const devices = new Map<string, SimDevice>();
  const disks = new Map<string, Disk>();

  const network: Network = {
    clock,
    random,
    tap,
    reaches,
    get faults() {
      return world.faults;
    },
  };

  function diskOf(name: string): Disk {
    const disk = disks.get(name) ?? { ...emptyDisk(), tables: copied(from?.tables.get(name) ?? new Map()) };
    disks.set(name, disk);
    return disk;
  }

  function simDisk(name: string): SimDisk {
    if (storage === "memory") return { open: async () => memoryStorage(diskOf(name)) };
    const database = `${name} of world ${++databases}`;
    return {
      async open() {
        const opened = await openDexie(database);
        return { ...opened, crash: () => opened.close() };
      },
    };
  }

  const world: World = {
    clock,
    random,
    node,
    nodes,
    place,
    faults: noFaults,
    taps,
    devices,
    onCrash: () => {},
    apart,
    split(next) {
      islands.clear();
      for (const [island, members] of next.entries()) for (const one of members) islands.set(one, island);
      for (const pair of [...place.open]) {
        const [a, b] = pair.seats;
        if (!reaches(a.device, b.device)) pair.cut(random.pick(["at once", "never"]));
      }
      for (const { seat } of devices.values()) for (const watcher of [...seat.watchers]) watcher();
    },
    addNode(url) {
      const added = createSimNode(clock, url, random.bytes(32));
      nodes.set(url, added);
      return added;
    },
    settle,
    disk: diskOf,
    device(name) {
      if (devices.has(name)) throw new Error(`${name} is in this world already`);
      const own = seededRandom(random.int(2 ** 31));
      const device = createSimDevice({
        name,
        clock: skewed(clock, 0),
        random: own,
        settle,
        disk: simDisk(name),
        defaultNode: homeNode,
        nodes: (seat) => createSimNodeNetwork(network, nodes, audience, seat),
        links: (seat) => createSimLinkNetwork(network, nodes, place, seat),
        crashed: (who) => world.onCrash(who),
      });
      devices.set(name, device);
      return device;
    },
    async person(name, at = homeNode) {
      const device = world.device(name);
      await device.start();
      must(await world.run(device.messenger.start({ name: capital(name), node: at })));
      await world.advance(100);
      return device;
    },
    bare(name) {
      const seat = bareSeat(name, settle.activity());
      return {
        links: createSimLinkNetwork(network, nodes, place, seat),
        nodes: createSimNodeNetwork(network, nodes, audience, seat),
      };
    },
    async befriend(a, b) {
      const invite = must(await world.run(a.messenger.createInvite()));
      const conversation = must(await world.run(b.messenger.acceptInvite(invite.link)));
      await world.advance(200);
      must(await world.run(a.messenger.answerRequest(conversation, "accept")));
      await world.advance(200);
      return conversation;
    },
    advance: (ms) => clock.advance(ms),
    async run<T>(work: Promise<T>, limitMs = 60_000): Promise<T> {
      let answered = false;
      const end = () => {
        answered = true;
      };
      work.then(end, end);
      const endMs = clock.now() + limitMs;
      await settle();
      while (!answered && (await clock.step(endMs - clock.now())));
      if (!answered) throw new Error(`no answer within ${limitMs} ms of virtual time`);
      return work;
    },
    async see<T>(live: Live<T>): Promise<T> {
      // A new look begins with what is committed now. Over IndexedDB it begins on a timer of the machine.
      let end = () => {};
      const shown = await new Promise<{ value: T }>((resolve) => {
        end = live.subscribe((value) => resolve({ value }));
      });
      end();
      return shown.value;
    },
    async end() {
      await world.run(Promise.all([...devices.values()].map((device) => (device.running ? device.stop() : null))));
      await settle();
    },
    snapshot() {
      const tables = new Map([...disks].map(([name, disk]) => [name, copied(disk.tables)]));
      return { nowMs: clock.now(), tables, nodes: [...nodes.values()].map((one) => one.copy(clock)) };
    },
  };
  return world;
}

const capital = (name: string) => name.slice(0, 1).toUpperCase() + name.slice(1);

/** The value of what has to go well. */
export function must<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown },
): T {
  if (!result.ok) throw new Error(`expected success, got ${JSON.stringify(result.error)}`);
  return result.value;
}

/** The rows of a table on a memory disk. */
export function rowsOn<Row>(disk: Disk, table: Table): readonly Row[] {
  return [...(disk.tables.get(table)?.values() ?? [])] as Row[];
}

/** Texts of a conversation as its device shows them, oldest first. */
export async function textsOf(world: World, messenger: Messenger, id: ConversationId): Promise<readonly string[]> {
  const { messages } = await world.see(messenger.timeline(id, 10_000));
  return messages.map(({ body }) => (body.kind === "text" ? body.text : "(unknown)"));
}

// A seat's connection to a node in the process, which breaks, comes back with back-off, and follows again. Requests are
// answered in order, as on the real connection.
import { publicKeyOf } from "../../core/crypto/signature.ts";
import type { NodeUrl, TopicId } from "../../core/lang/brand.ts";
import { toHex } from "../../core/lang/bytes.ts";
import { liveCell } from "../../core/lang/live.ts";
import { err, ok, type Result } from "../../core/lang/result.ts";
import type { FollowHandlers, NodeClient, NodeFault, NodeStatus, TopicAccess } from "../../core/ports/node.ts";
import type { NodeWatcher, SimNode } from "./sim-node.ts";
import { createLane, delayOf, type Network, type Seat } from "./sim-seat.ts";

/** Who follows what at all nodes, for signals. */
export interface Audience {
  readonly listeners: Set<Listener>;
}
interface Listener {
  readonly node: SimNode;
  follows(topic: TopicId): boolean;
  hear(topic: TopicId, body: Uint8Array): void;
}

export const relayPeerOf = (node: SimNode) => `relay${toHex(node.nodeKey).slice(0, 16)}`;

const firstBackoffMs = 500;
const maxBackoffMs = 10_000;

export function createSimClient(
  network: Network,
  url: NodeUrl,
  node: SimNode | undefined,
  audience: Audience,
  seat: Seat,
  forget: () => void,
): NodeClient {
  const { clock, random, tap } = network;
  const status = liveCell<NodeStatus>({ kind: "connecting", sinceMs: clock.now() });
  const followed = new Map<TopicId, Set<FollowHandlers>>();
  const proved = new Set<TopicId>();
  let session = 0;
  let connected = false;
  let backoffMs = firstBackoffMs;
  let closed = false;
  let cancelDial = () => {};
  let breakOpen: (() => void)[] = [];
  let freeAtMs = 0;
  const signalLane = createLane(network);

  function inOrder(task: () => void): void {
    freeAtMs = Math.max(freeAtMs, clock.now() + delayOf(network));
    clock.after(freeAtMs - clock.now(), task);
  }

  const isInReach = () => seat.online && network.reaches(seat.device, url);

  function dialLater(delayMs: number): void {
    cancelDial();
    if (closed || !seat.alive) return;
    cancelDial = clock.after(delayMs, dial);
  }

  function dial(): void {
    if (closed || !seat.alive || connected) return;
    if (node === undefined || !node.up || !isInReach()) {
      end("unreachable");
      return;
    }
    connected = true;
    session++;
    backoffMs = firstBackoffMs;
    status.set({ kind: "connected", relayPeerId: relayPeerOf(node), iceServers: node.iceServers });
    for (const topic of followed.keys()) wakeOf(topic);
  }

  /** The connection is gone: everything open is answered "offline", and another try follows. */
  function end(reason: "unreachable"): void {
    connected = false;
    session++;
    const open = breakOpen;
    breakOpen = [];
    for (const fail of open) fail();
    const before = status.value;
    const sinceMs = before.kind === "offline" ? before.sinceMs : clock.now();
    if (before.kind !== "offline" && !closed) status.set({ kind: "offline", sinceMs, reason });
    dialLater(backoffMs + random.int(backoffMs));
    backoffMs = Math.min(backoffMs * 2, maxBackoffMs);
  }

  function wakeOf(topic: TopicId): void {
    if (!connected || node === undefined) return;
    const of = session;
    inOrder(() => {
      if (of !== session) return;
      const latest = node.latest(topic);
      inOrder(() => {
        if (of !== session || !seat.alive) return;
        for (const handlers of [...(followed.get(topic) ?? [])]) handlers.wake(latest);
      });
    });
  }

  /** One request: there, done, and back; or the connection breaks on either way. */
  function request<T, F>(access: TopicAccess, act: (at: SimNode) => Result<T, F>): Promise<Result<T, F | NodeFault>> {
    seat.step();
    const work = new Promise<Result<T, F | NodeFault>>((resolve) => {
      if (!connected || node === undefined) {
        resolve(err({ kind: "offline" }));
        return;
      }
      const of = session;
      const fail = () => resolve(err({ kind: "offline" }));
      breakOpen.push(fail);
      const answer = (result: Result<T, F | NodeFault>) => {
        if (of !== session) return;
        breakOpen = breakOpen.filter((one) => one !== fail);
        resolve(result);
      };
      const { loss, duplication, busy } = network.faults;
      const lostGoing = random.chance(loss);
      const lostComing = random.chance(loss);
      inOrder(() => {
        if (of !== session) return;
        if (lostGoing) return end("unreachable");
        if (!isProved(access)) return answer(err({ kind: "refused", why: "unproven" }));
        if (random.chance(busy)) return inOrder(() => answer(err({ kind: "busy", retryAfterMs: 300 })));
        if (random.chance(duplication)) act(node);
        const result = act(node);
        inOrder(() => {
          if (of === session && lostComing) return end("unreachable");
          answer(result);
        });
      });
    });
    return seat.answer(work);
  }

  function isProved({ topic, seed }: TopicAccess): boolean {
    if (!proved.has(topic) && toHex(publicKeyOf(seed)) === topic) proved.add(topic);
    return proved.has(topic);
  }

  const watcher: NodeWatcher = {
    appended: (topic) => followed.has(topic) && wakeOf(topic),
    upChanged() {
      if (node !== undefined && !node.up && connected) end("unreachable");
    },
    iceChanged() {
      if (node === undefined || !connected) return;
      status.set({ kind: "connected", relayPeerId: relayPeerOf(node), iceServers: node.iceServers });
    },
  };
  const listener: Listener | undefined = node && {
    node,
    follows: (topic) => connected && followed.has(topic),
    hear(topic, body) {
      const of = session;
      signalLane(() => {
        if (of !== session || !seat.alive) return;
        for (const handlers of [...(followed.get(topic) ?? [])]) handlers.signal(body.slice());
      });
    },
  };
  const seatChanged = () => {
    if (!seat.alive) leave();
    else if (!isInReach() && connected) end("unreachable");
  };

  function leave(): void {
    connected = false;
    session++;
    closed = true;
    cancelDial();
    node?.watchers.delete(watcher);
    if (listener) audience.listeners.delete(listener);
    seat.watchers.delete(seatChanged);
  }

  node?.watchers.add(watcher);
  if (listener) audience.listeners.add(listener);
  seat.watchers.add(seatChanged);
  dialLater(delayOf(network));

  return {
    url,
    status,
    append(access, envelope, slot) {
      tap.appended(seat.device, access.topic, envelope, slot);
      const bytes = envelope.slice();
      return request(access, (at) => {
        const result = at.append(access.topic, bytes, slot, seat.device);
        if (at.dieAfterAppend) {
          at.dieAfterAppend = false;
          at.setUp(false);
        }
        return result;
      });
    },
    read: (access, after, limit) =>
      request(access, (at) =>
        at.isBusy ? err({ kind: "busy", retryAfterMs: 300 }) : ok(at.read(access.topic, after, limit, seat.device)),
      ),
    follow(access, handlers) {
      const all = followed.get(access.topic) ?? new Set();
      followed.set(access.topic, all.add(handlers));
      wakeOf(access.topic);
      return () => {
        all.delete(handlers);
        if (all.size === 0 && followed.get(access.topic) === all) followed.delete(access.topic);
      };
    },
    signal(access, body) {
      seat.step();
      if (!connected || !seat.alive) return;
      tap.signalled(seat.device, access.topic, body);
      const of = session;
      signalLane(() => {
        // What was sent before a proper end arrives; a connection that broke loses it.
        if (of !== session && !closed) return;
        for (const other of audience.listeners) {
          if (other !== listener && other.node === node && other.follows(access.topic)) other.hear(access.topic, body);
        }
      });
    },
    hurry() {
      if (!connected && seat.alive && !closed) {
        backoffMs = firstBackoffMs;
        dialLater(delayOf(network));
      }
    },
    close() {
      const open = breakOpen;
      breakOpen = [];
      leave();
      for (const fail of open) fail();
      forget();
    },
  };
}

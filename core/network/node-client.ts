/**
 * The port `NodeNetwork` over WebSockets: for each node address one client that keeps a connection, comes back with
 * jittered back-off, follows again what was followed, and answers only what the node has proved (§6). Knows neither what
 * an envelope contains nor what it is sent for.
 */
import { publicKeyOf } from "../crypto/signature.ts";
import type { NodeUrl, TopicId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import { liveCell } from "../lang/live.ts";
import { err } from "../lang/result.ts";
import type { Clock } from "../ports/clock.ts";
import type { FollowHandlers, NodeClient, NodeNetwork, NodeStatus, TopicAccess } from "../ports/node.ts";
import type { Random } from "../ports/random.ts";
import { maxEnvelopeBytes, maxReadEntries, maxSignalBytes } from "../wire/bounds.ts";
import type { IceServer, NodeIce, NodeRequest } from "../wire/node-protocol.ts";
import { createComeBack, type Occasion } from "./come-back.ts";
import { type Answer, followAgainMs, readCustody, readPage } from "./node-answers.ts";
import { dialNode, type EndReason, type NodeConnection } from "./node-connection.ts";

const comeBackLimits = { lostWithinMs: 16_000, longestMs: 24_000 };
/** Longer with each try that hung: a network too slow for the first still gets through. */
const connectMs = 5_000;
const longestConnectMs = 15_000;
/** A dial as old as this when the machine wakes was begun in another network, and hangs. */
const staleDialMs = 2_000;
/** Follows on their way at a time after a reconnect, so that a user's own request is not behind hundreds of them. */
const followsAtOnce = 32;

export interface NodeNetworkDeps {
  readonly clock: Clock;
  readonly random: Random;
}

interface Following {
  readonly access: TopicAccess;
  readonly handlers: Set<FollowHandlers>;
  cancelAgain(): void;
}

export function createNodeNetwork(deps: NodeNetworkDeps): NodeNetwork {
  const clients = new Map<NodeUrl, NodeClient>();
  return {
    node(url) {
      const known = clients.get(url);
      if (known !== undefined) return known;
      const client = createNodeClient(url, deps, () => clients.delete(url));
      clients.set(url, client);
      return client;
    },
  };
}

function createNodeClient(url: NodeUrl, { clock, random }: NodeNetworkDeps, forget: () => void): NodeClient {
  const status = liveCell<NodeStatus>({ kind: "connecting", sinceMs: clock.now() });
  const probeSeed = random.bytes(32);
  const probeAccess = { topic: toHex(publicKeyOf(probeSeed)) as TopicId, seed: probeSeed };
  const followed = new Map<TopicId, Following>();
  let pinnedKey: Uint8Array | undefined;
  let relayPeerId: string | undefined;
  let connection: NodeConnection | undefined;
  let dialledAtMs = 0;
  let hungDials = 0;
  let cancelWait = () => {};
  let isClosed = false;
  const jitter = () => new DataView(random.bytes(4).slice().buffer).getUint32(0) / 2 ** 32;
  const comeBack = createComeBack(clock, jitter, comeBackLimits);

  function dial(): void {
    cancelWait();
    dialledAtMs = clock.now();
    connection = dialNode({
      url,
      clock,
      probeAccess,
      pinnedKey,
      connectMs: Math.min(connectMs * (1 + hungDials), longestConnectMs),
      events: {
        ready(hello) {
          hungDials = 0;
          comeBack.stands();
          pinnedKey = hello.nodeKey;
          relayPeerId = hello.relayPeerId;
          connected(hello.ice);
          void followAll();
        },
        ice: connected,
        wake(topic, latest) {
          for (const handler of followed.get(topic)?.handlers ?? []) handler.wake(latest);
        },
        signal(topic, body) {
          for (const handler of followed.get(topic)?.handlers ?? []) handler.signal(body);
        },
        ended,
      },
    });
  }

  function connected(ice: NodeIce): void {
    status.set({ kind: "connected", relayPeerId, iceServers: iceServersOf(url, ice) });
  }

  function ended(reason: EndReason, occasion: Occasion): void {
    connection = undefined;
    const before = status.value;
    // Away since the connection was lost, not since the newest of many tries.
    const sinceMs = before.kind === "offline" ? before.sinceMs : clock.now();
    status.set({ kind: "offline", sinceMs, reason });
    if (isClosed) return;
    if (occasion === "failed" && clock.now() - dialledAtMs >= connectMs) hungDials += 1;
    dialLater(occasion);
  }

  function dialLater(occasion: Occasion): void {
    cancelWait();
    const waitMs = comeBack.waitMs(occasion);
    if (waitMs === 0) dial();
    else cancelWait = clock.after(waitMs, dial);
  }

  function request(access: TopicAccess, what: NodeRequest): Promise<Answer> {
    return connection?.request(access, what) ?? Promise.resolve("gone");
  }

  async function followAll(): Promise<void> {
    const wanted = [...followed.values()];
    const over = connection;
    for (let i = 0; i < wanted.length && connection === over; i += followsAtOnce) {
      await Promise.all(wanted.slice(i, i + followsAtOnce).map(followOne));
    }
  }

  async function followOne(following: Following): Promise<void> {
    const { access } = following;
    const over = connection;
    following.cancelAgain();
    const answer = await request(access, { kind: "follow", topic: access.topic });
    const againMs = followAgainMs(answer);
    // A connection that ended follows again by itself when the next one is ready.
    const isWanted = () => followed.get(access.topic) === following && connection === over && !isClosed;
    if (againMs === undefined || !isWanted()) return;
    following.cancelAgain = clock.after(againMs, () => void (isWanted() && followOne(following)));
  }

  dial();
  return {
    url,
    status,
    async append(access, envelope, slot) {
      if (envelope.length > maxEnvelopeBytes) return err({ kind: "refused", why: "too-large" });
      const { topic } = access;
      const answer = await request(access, { kind: "append", topic, envelope, slot });
      return pinnedKey === undefined ? err({ kind: "offline" }) : readCustody(answer, topic, envelope, pinnedKey);
    },
    async read(access, after, limit) {
      const most = Math.min(Math.max(limit, 1), maxReadEntries);
      return readPage(await request(access, { kind: "read", topic: access.topic, after, limit: most }), after, most);
    },
    follow(access, handlers) {
      const known = followed.get(access.topic);
      const following = known ?? { access, handlers: new Set<FollowHandlers>(), cancelAgain: () => {} };
      // A copy of its own, so that the same handlers can be given twice and each ends alone.
      const own: FollowHandlers = { wake: (latest) => handlers.wake(latest), signal: (body) => handlers.signal(body) };
      following.handlers.add(own);
      followed.set(access.topic, following);
      // Also where it is followed already: the newcomer is told the newest number, as after every follow.
      void followOne(following);
      return () => {
        following.handlers.delete(own);
        if (following.handlers.size > 0 || followed.get(access.topic) !== following) return;
        followed.delete(access.topic);
        following.cancelAgain();
        void request(access, { kind: "unfollow", topic: access.topic });
      };
    },
    signal(access, body) {
      if (body.length <= maxSignalBytes) void request(access, { kind: "signal", topic: access.topic, body });
    },
    hurry() {
      if (isClosed) return;
      // What seems to be there may have died while the machine slept.
      if (connection?.hello !== undefined) return connection.probe();
      if (connection !== undefined && Math.abs(clock.now() - dialledAtMs) < staleDialMs) return;
      connection?.close();
      hungDials = 0;
      dialLater("hurried");
    },
    close() {
      isClosed = true;
      cancelWait();
      forget();
      for (const following of followed.values()) following.cancelAgain();
      connection?.close();
    },
  };
}

/** A node that answers STUN itself is asked at the host where we know it. */
function iceServersOf(url: NodeUrl, { stunPort, servers }: NodeIce): readonly IceServer[] {
  const own = stunPort === undefined ? [] : [{ urls: [`stun:${new URL(url).hostname}:${stunPort}`] }];
  return [...own, ...servers];
}

/**
 * A node client over a wire that can go bad (chaos-proxy.ts) to a real node. The wire is real; the client's time is virtual,
 * so that what takes minutes is seen at once: between two of its timers the wire comes to rest.
 */
import { publicKeyOf } from "../../core/crypto/signature.ts";
import type { TopicId } from "../../core/lang/brand.ts";
import { toHex } from "../../core/lang/bytes.ts";
import { createNodeNetwork } from "../../core/network/node-client.ts";
import type { NodeClient, NodeStatus, TopicAccess } from "../../core/ports/node.ts";
import type { Random } from "../../core/ports/random.ts";
import { systemRandom } from "../../core/system/system-random.ts";
import { type ChaosProxy, startChaosProxy } from "./chaos-proxy.ts";
import { countedClock } from "./counted-clock.ts";
import { seededRandom } from "./seeded-random.ts";
import { type VirtualClock, virtualClock } from "./virtual-clock.ts";

export interface RoughWire {
  readonly proxy: ChaosProxy;
  readonly client: NodeClient;
  /** Of another device in the same network. */
  join(): NodeClient;
  readonly clock: VirtualClock;
  /** Timers of the clients that are still to come. */
  timers(): number;
  /** The machine slept: time has passed, but no timer has fired for it. */
  sleep(ms: number): void;
  status(): NodeStatus["kind"];
  stop(): Promise<void>;
}

/** The wire counts as at rest when nothing has moved for `quietMs`. */
export async function roughWire(node: { readonly port: number }, seed = 6, quietMs = 40): Promise<RoughWire> {
  const proxy = await startChaosProxy(node);
  const clock = virtualClock(1_700_000_000_000, () => proxy.quiet(quietMs));
  let sleptMs = 0;
  const counted = countedClock({ now: () => clock.now() + sleptMs, after: clock.after });
  const jitter = seededRandom(seed);
  const random: Random = { bytes: (length) => (length > 4 ? systemRandom : jitter).bytes(length) };
  const clients: NodeClient[] = [];
  const join = () => {
    const joined = createNodeNetwork({ clock: counted, random }).node(proxy.url);
    clients.push(joined);
    return joined;
  };
  const client = join();
  let status: NodeStatus["kind"] = "connecting";
  client.status.subscribe(({ kind }) => {
    status = kind;
  });
  return {
    proxy,
    client,
    join,
    clock,
    timers: () => counted.pending,
    sleep(ms) {
      sleptMs += ms;
    },
    status: () => status,
    async stop() {
      for (const one of clients) one.close();
      await proxy.stop();
    },
  };
}

export function newTopic(): TopicAccess {
  const seed = systemRandom.bytes(32);
  return { topic: toHex(publicKeyOf(seed)) as TopicId, seed };
}

export const anEnvelope = (bytes = 1_024) => systemRandom.bytes(bytes);

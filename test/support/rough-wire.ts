/**
 * A node client over a wire that can go bad (chaos-proxy.ts) to a real node. The wire is real; the client's time is virtual,
 * so that what takes minutes is seen at once: between two of its timers the wire comes to rest. How long that takes is
 * asked, not guessed: the node answers somebody beside the wire only after what came over the wire before.
 */
import { publicKeyOf } from "../../core/crypto/signature.ts";
import type { NodeUrl, TopicId } from "../../core/lang/brand.ts";
import { toHex } from "../../core/lang/bytes.ts";
import { createNodeNetwork } from "../../core/network/node-client.ts";
import type { NodeClient, NodeStatus, TopicAccess } from "../../core/ports/node.ts";
import type { Random } from "../../core/ports/random.ts";
import { systemRandom } from "../../core/system/system-random.ts";
import { type ChaosProxy, startChaosProxy } from "./chaos-proxy.ts";
import { countedClock } from "./counted-clock.ts";
import { askingClient } from "./raw-topic-client.ts";
import { seededRandom } from "./seeded-random.ts";
import { type VirtualClock, virtualClock } from "./virtual-clock.ts";

export interface RoughWire {
  readonly proxy: ChaosProxy;
  readonly client: NodeClient;
  /** Of another device in the same network. */
  join(): NodeClient;
  readonly clock: VirtualClock;
  /** Resolves when nothing moves any more without the clients' time. */
  atRest(): Promise<void>;
  /** Timers of the clients that are still to come. */
  timers(): number;
  /** The machine slept: time has passed, but no timer has fired for it. */
  sleep(ms: number): void;
  status(): NodeStatus["kind"];
  stop(): Promise<void>;
}

/** Longer than the node lets bytes gather. */
const quietMs = 10;

export async function roughWire(node: { readonly port: number }, seed = 6): Promise<RoughWire> {
  const proxy = await startChaosProxy(node);
  const bystander = await askingClient(`http://127.0.0.1:${node.port}`, systemRandom.bytes(32));
  const known = anEnvelope();

  /** Nothing moves, and what the node has been asked it has answered. */
  async function atRest(): Promise<void> {
    for (let seen = -1; seen !== proxy.moves; ) {
      await proxy.quiet(quietMs);
      seen = proxy.moves;
      // Each waits behind what its thread of the node's storage has to do. The second also gives the node another turn.
      const custody = await bystander.append(known);
      const entries = await bystander.ask({ kind: "read", topic: bystander.topic, after: 0, limit: 1 });
      if (custody.kind !== "custody" || entries.kind !== "entries") throw new Error("the node refused a bystander");
      await proxy.quiet(0);
    }
  }
  const clock = virtualClock(1_700_000_000_000, atRest);
  let sleptMs = 0;
  const counted = countedClock({ now: () => clock.now() + sleptMs, after: clock.after });
  const jitter = seededRandom(seed);
  const random: Random = { bytes: (length) => (length > 4 ? systemRandom : jitter).bytes(length) };
  const clients: NodeClient[] = [];
  // Not by name: a look-up is nothing that moves.
  const url = `http://127.0.0.1:${proxy.port}` as NodeUrl;
  const join = () => {
    const joined = createNodeNetwork({ clock: counted, random }).node(url);
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
    atRest,
    async stop() {
      bystander.close();
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

// A real circuit relay on loopback, for tests of links. The node of the product has its own.
import { noise } from "@chainsafe/libp2p-noise";
import { circuitRelayServer } from "@libp2p/circuit-relay-v2";
import { generateKeyPair } from "@libp2p/crypto/keys";
import { identify } from "@libp2p/identify";
import type { PrivateKey } from "@libp2p/interface";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { createLibp2p } from "libp2p";
import type { NodeUrl } from "../../core/lang/brand.ts";

export interface TestRelay {
  readonly node: NodeUrl;
  readonly relayPeerId: string;
  /** Devices on one machine meet without. */
  readonly iceServers: readonly [];
  readonly key: PrivateKey;
  readonly port: number;
  /** Resolves when this peer has no connection to the relay. */
  without(peer: string): Promise<void>;
  /** Frees the reservation of a peer that left, as the product's node does. */
  forget(peer: string): void;
  stop(): Promise<void>;
}

/** With `again` the same relay comes back: same key, same port. */
export async function startRelay(
  options: { again?: Pick<TestRelay, "key" | "port">; maxReservations?: number } = {},
): Promise<TestRelay> {
  const key = options.again?.key ?? (await generateKeyPair("Ed25519"));
  const relay = await createLibp2p({
    privateKey: key,
    addresses: { listen: [`/ip4/127.0.0.1/tcp/${options.again?.port ?? 0}/ws`] },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ enableKeepAlive: false })],
    connectionMonitor: { enabled: false },
    connectionManager: { inboundConnectionThreshold: 10_000, maxIncomingPendingConnections: 1_000 },
    services: {
      identify: identify({ runOnConnectionOpen: false }),
      relay: circuitRelayServer({
        reservations: { maxReservations: options.maxReservations ?? 1_000, applyDefaultLimit: false },
      }),
    },
  });
  const port = Number(
    relay
      .getMultiaddrs()[0]
      ?.getComponents()
      .find(({ name }) => name === "tcp")?.value,
  );
  return {
    node: `http://127.0.0.1:${port}` as NodeUrl,
    relayPeerId: relay.peerId.toString(),
    iceServers: [],
    key,
    port,
    without: (peer) =>
      new Promise((resolve) => {
        const look = () => {
          if (!relay.getPeers().map(String).includes(peer)) resolve();
        };
        relay.addEventListener("peer:disconnect", look);
        look();
      }),
    forget(peer) {
      for (const holder of relay.services.relay.reservations.keys()) {
        if (holder.toString() === peer) relay.services.relay.reservations.delete(holder);
      }
    },
    stop: async () => relay.stop(),
  };
}

// A circuit relay as libp2p makes it when it is told nothing but to be one, for comparison with the node's. Only what would
// refuse the comparison itself is lifted: how many may come, and how fast from one address. A program of its own.
import { noise } from "@chainsafe/libp2p-noise";
import { circuitRelayServer } from "@libp2p/circuit-relay-v2";
import { identify } from "@libp2p/identify";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { createLibp2p } from "libp2p";

const noLimit = 100_000;
const relay = await createLibp2p({
  addresses: { listen: ["/ip4/127.0.0.1/tcp/0/ws"] },
  transports: [webSockets()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionManager: {
    maxConnections: noLimit,
    inboundConnectionThreshold: noLimit,
    maxIncomingPendingConnections: noLimit,
  },
  services: {
    identify: identify(),
    relay: circuitRelayServer({ reservations: { maxReservations: noLimit } }),
  },
});
const port = relay
  .getMultiaddrs()[0]
  ?.getComponents()
  .find(({ name }) => name === "tcp")?.value;
console.log(`Relay ${relay.peerId} at http://localhost:${port}`);

/**
 * The relay: libp2p circuit-relay-v2 for WebRTC signalling and, where no direct path exists, the bytes themselves
 * (sealed end to end; the relay sees that two devices talk). Its PeerId is the node's key. libp2p's own limits suit a
 * public network of strangers' relays (15 reservations, 2 minutes, 128 KiB); ours are the operator's.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { noise } from "@chainsafe/libp2p-noise";
import {
  type CircuitRelayServerComponents,
  type CircuitRelayService,
  circuitRelayServer,
} from "@libp2p/circuit-relay-v2";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { identify } from "@libp2p/identify";
import { yamux } from "@libp2p/yamux";
import { createLibp2p } from "libp2p";
import { type WebSocket, WebSocketServer } from "ws";
import type { Allowance } from "./admission.ts";
import type { Counters } from "./counters.ts";
import { maxRequestsOfConnection, withBoundedRequests } from "./relay-requests.ts";
import { createHandOver } from "./relay-transport.ts";
import { gatherTrickle, socketOptions } from "./web-socket.ts";

/** Devices send no message beyond 64 KiB (Noise's bound); what one that is not whole may hold here is this. */
const maxMessageBytes = 256 * 1_024;
const reservationMs = 2 * 60 * 60 * 1_000;
const heartbeatMs = 30_000;
/** From the upgrade to the end of libp2p's handshakes; a socket that is silent there ends by it. */
const handshakeMs = 10_000;
/** Higher than any real number of clients; the front guard is what limits (libp2p's own limits count proxies as one client). */
const noLimit = 1_000_000;

export interface RelayOptions {
  readonly seed: Uint8Array;
  readonly port: number;
  readonly maxReservations: number;
  readonly minutes: number;
  readonly mib: number;
  readonly counters: Counters;
}

export interface Relay {
  readonly peerId: string;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, allowance: Allowance): void;
  connections(): number;
  reservations(): number;
  close(): Promise<void>;
}

export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { counters } = options;
  const handOver = createHandOver({
    in: (bytes) => {
      counters.relayBytesIn += bytes;
    },
    out: (bytes) => {
      counters.relayBytesOut += bytes;
    },
  });
  const node = await createLibp2p({
    privateKey: await generateKeyPairFromSeed("Ed25519", options.seed),
    // Clients know the node's real address by its URL; behind a proxy the node itself does not.
    addresses: { listen: [`/ip4/127.0.0.1/tcp/${options.port}/ws`] },
    transports: [handOver.transport],
    connectionEncrypters: [noise()],
    // One heartbeat, ours: libp2p's kill connections under load and cost CPU per idle connection.
    streamMuxers: [yamux({ enableKeepAlive: false, maxInboundStreams: maxRequestsOfConnection })],
    connectionMonitor: { enabled: false },
    connectionManager: {
      maxConnections: noLimit,
      maxIncomingPendingConnections: 1_000,
      inboundUpgradeTimeout: handshakeMs,
      inboundConnectionThreshold: noLimit,
    },
    services: {
      identify: identify({ runOnConnectionOpen: false }),
      relay: (components: CircuitRelayServerComponents) =>
        circuitRelayServer({
          maxInboundHopStreams: maxRequestsOfConnection,
          maxOutboundStopStreams: maxRequestsOfConnection,
          reservations: {
            maxReservations: options.maxReservations,
            reservationTtl: reservationMs,
            defaultDurationLimit: options.minutes * 60 * 1_000,
            defaultDataLimit: BigInt(options.mib) * 1_048_576n,
          },
        })(withBoundedRequests(components)),
    },
  });
  freeWhatPeersLeave(node, node.services.relay);

  const sockets = new Set<WebSocket>();
  const silent = new WeakSet<WebSocket>();
  const server = new WebSocketServer(socketOptions(maxMessageBytes));
  const heartbeat = setInterval(() => {
    for (const socket of sockets) {
      if (silent.has(socket)) socket.terminate();
      silent.add(socket);
      socket.ping();
    }
  }, heartbeatMs);

  return {
    peerId: node.peerId.toString(),
    upgrade(request, raw, head, allowance) {
      raw.once("close", () => allowance.release());
      server.handleUpgrade(request, raw, head, (socket) => {
        gatherTrickle(socket, raw);
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        for (const sign of ["pong", "message"]) socket.on(sign, () => silent.delete(socket));
        handOver.accept(socket);
      });
    },
    connections: () => sockets.size,
    reservations: () => node.services.relay.reservations.size,
    async close() {
      clearInterval(heartbeat);
      await node.stop();
      for (const socket of sockets) socket.terminate();
    },
  };
}

/**
 * With its last connection a peer's reservation and address book entry go. libp2p keeps a reservation for its two hours,
 * so that newcomers are refused, and the entry for good; PeerIds live as long as a page, so both only grow.
 */
function freeWhatPeersLeave(node: Awaited<ReturnType<typeof createLibp2p>>, relay: CircuitRelayService): void {
  node.addEventListener("peer:disconnect", ({ detail: peer }) => {
    // Its timer would otherwise end the peer's next reservation.
    relay.reservations.get(peer)?.signal.clear();
    relay.reservations.delete(peer);
    node.peerStore.delete(peer).catch(() => {});
  });
}

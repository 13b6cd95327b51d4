/**
 * The libp2p node of one engine run: a new identity, WebSockets to relays, WebRTC to devices, nothing else. Loaded by
 * link-network.ts when there is somebody to link with, so that the first load of the app is without libp2p.
 * PROTOCOL.md §7. Knows nothing of conversations or persons.
 */
import { noise } from "@chainsafe/libp2p-noise";
import { circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { type Identify, identify } from "@libp2p/identify";
import type { Connection, Libp2p, Stream } from "@libp2p/interface";
import { webRTC } from "@libp2p/webrtc";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { createLibp2p } from "libp2p";
import type { Result } from "../lang/result.ts";
import type { Clock } from "../ports/clock.ts";
import type { DialFault, LinkListener, RawLink } from "../ports/links.ts";
import type { IceServer } from "../wire/node-protocol.ts";
import { createDialler } from "./libp2p-dial.ts";
import { gated, relayedProtocol, signallingProtocol } from "./libp2p-gate.ts";
import { createHangUp } from "./libp2p-hang-up.ts";
import { createLinkKeeper, isDevice, linkProtocol } from "./libp2p-links.ts";
import { createRelayDoor, type ReservationStore } from "./libp2p-relay.ts";
import type { Relay, Way } from "./link-address.ts";
import { rtcServers } from "./link-survey.ts";
import type { RelayDoor } from "./supervisor.ts";

export interface Libp2pNode {
  readonly peer: string;
  readonly door: RelayDoor;
  dial(peer: string, ways: readonly Way[]): Promise<Result<RawLink, DialFault>>;
  leave(peer: string): void;
  /** Of the reservation at this relay. */
  reservedUntilMs(relayPeer: string): number | undefined;
  stop(): Promise<void>;
}

export interface Libp2pNodeOptions {
  readonly clock: Clock;
  /** The STUN and TURN servers for a link that is made now. */
  readonly iceServers: () => readonly IceServer[];
  /** The relays that may be connected to now. */
  readonly relays: () => readonly Relay[];
  readonly listener: LinkListener;
  readonly onRelayLost: (relayPeer: string) => void;
  /** A reservation was made or renewed. */
  readonly onReserved: () => void;
}

/** More than links and relays together can be (§7: at most 32 links); what strangers can make us hold. */
const maxConnections = 64;

/** What a link's channel holds before the sender has to wait. Higher, and a message waits longer behind a file. */
const bufferedBytes = 512 * 1_024;

/** Answers whoever asks with all protocols and, where it knows one, the address it sees the asker at. Nobody needs that. */
const identifyProtocol = "/ipfs/id/1.0.0";

export async function startLibp2pNode(options: Libp2pNodeOptions): Promise<Libp2pNode> {
  const { admit } = options.listener;
  const isRelay = (peer: string) => options.relays().some((relay) => relay.peer === peer);
  const mayLearnAddresses = async (peer: string) => (await admit(peer)) === "direct";
  let reservations: ReservationStore | undefined;
  const node: Libp2p<{ identify: Identify }> = await createLibp2p({
    // Not libp2p's default, which tells every peer the browser's user agent.
    nodeInfo: { name: "kith", version: "1", userAgent: "kith/1" },
    transports: [
      webSockets(),
      gated(
        webRTC({
          // Always given: libp2p's default are four companies' public servers.
          rtcConfiguration: () => ({ iceServers: rtcServers(options.iceServers()) }),
          dataChannel: { maxBufferedAmount: bufferedBytes },
        }),
        signallingProtocol,
        mayLearnAddresses,
      ),
      gated(
        (components: Parameters<ReturnType<typeof circuitRelayTransport>>[0]) => {
          const transport = circuitRelayTransport()(components);
          reservations = (transport as unknown as { readonly reservationStore: ReservationStore }).reservationStore;
          return transport;
        },
        relayedProtocol,
        async (peer) => isRelay(peer),
      ),
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ enableKeepAlive: false })],
    // Its ping kills connections under bulk load and costs CPU; links have a heartbeat of their own.
    connectionMonitor: { enabled: false },
    connectionManager: {
      maxConnections,
      // The limits of 5 a second and 10 pending count per host, and all circuits come from the relay's.
      inboundConnectionThreshold: 1_000,
      maxIncomingPendingConnections: maxConnections,
      reconnectRetries: 0,
    },
    connectionGater: {
      // Replaces the browser's default, which refuses plain WebSockets and private addresses: nodes run there too.
      denyDialMultiaddr: (address) => !options.relays().some((relay) => isAt(address.toString(), relay)),
      denyInboundConnection: () => node.getConnections().length >= maxConnections,
      denyInboundRelayedConnection: async (_relay, peer) => (await admit(peer.toString())) === "refuse",
      denyInboundEncryptedConnection: async (peer, connection) => {
        await keeper.settle(connection);
        // Asked again: the answer may have changed while the two looked for a path.
        return isDevice(connection) && !(await mayLearnAddresses(peer.toString()));
      },
    },
    // Serves as a question to the relay whether it is still there.
    services: { identify: identify({ runOnConnectionOpen: false }) },
  });
  if (reservations === undefined) throw new Error("the circuit transport was not made");

  const hangUp = createHangUp(options.clock);
  const keeper = createLinkKeeper(options.clock, hangUp, node, options.listener.link);
  await node.unhandle(identifyProtocol);
  await node.handle(linkProtocol, (stream: Stream, connection: Connection) => keeper.incoming(stream, connection), {
    maxInboundStreams: 1,
    runOnLimitedConnection: true,
  });
  const door = createRelayDoor(hangUp, node, reservations, options.onRelayLost);
  reservations.addEventListener("relay:created-reservation", options.onReserved);
  const dialler = createDialler(options.clock, node, keeper);

  return {
    peer: node.peerId.toString(),
    door,
    dial: dialler.dial,
    leave(peer) {
      dialler.leave(peer);
      keeper.leave(peer);
    },
    reservedUntilMs: door.reservedUntilMs,
    async stop() {
      dialler.stop();
      keeper.stop();
      await hangUp.settled();
      await node.stop();
    },
  };
}

/** The relay itself, or something reached through it. */
function isAt(address: string, relay: Relay): boolean {
  return address === relay.address || address.startsWith(`${relay.address}/p2p-circuit`);
}

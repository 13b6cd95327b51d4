// A device at the other end that keeps every byte it is told, decrypted: what a contact, or whoever plays one, can learn.
import { networkInterfaces } from "node:os";
import { noise } from "@chainsafe/libp2p-noise";
import { circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { identify } from "@libp2p/identify";
import type { ConnectionEncrypter, SecuredConnection } from "@libp2p/interface";
import { webRTC } from "@libp2p/webrtc";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import type { TestRelay } from "./relay.ts";

export interface Eavesdropper {
  readonly peer: string;
  /** Through the relay, with WebRTC. */
  readonly address: string;
  /** What came from this peer until now: over circuits with all that runs in them, WebRTC signalling among it. */
  heardFrom(peer: string): Uint8Array;
  /** Dials by a circuit address, with WebRTC if that is asked for, opens a link and says something. */
  dial(address: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startEavesdropper(relay: TestRelay): Promise<Eavesdropper> {
  const heard = new Map<string, Uint8Array[]>();
  const relayAt = `/ip4/127.0.0.1/tcp/${relay.port}/ws/p2p/${relay.relayPeerId}`;

  function listenIn<T extends SecuredConnection>(secured: T): T {
    const { connection, remotePeer } = secured;
    const from = heard.get(remotePeer.toString()) ?? [];
    heard.set(remotePeer.toString(), from);
    const dispatch = connection.dispatchEvent.bind(connection);
    // Not a listener: the first one would be given what is meant for the muxer.
    connection.dispatchEvent = (event: Event) => {
      if (event.type === "message")
        from.push((event as MessageEvent<{ subarray(): Uint8Array }>).data.subarray().slice());
      return dispatch(event);
    };
    return secured;
  }

  const node = await createLibp2p({
    addresses: { listen: [`${relayAt}/p2p-circuit`, "/webrtc"] },
    transports: [webSockets(), webRTC({ rtcConfiguration: { iceServers: [] } }), circuitRelayTransport()],
    connectionEncrypters: [
      (components) => {
        const inner = noise()(components);
        const outer: ConnectionEncrypter = Object.create(inner, {
          secureInbound: {
            value: async (...given: Parameters<typeof inner.secureInbound>) =>
              listenIn(await inner.secureInbound(...given)),
          },
          secureOutbound: {
            value: async (...given: Parameters<typeof inner.secureOutbound>) =>
              listenIn(await inner.secureOutbound(...given)),
          },
        });
        return outer;
      },
    ],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify({ runOnConnectionOpen: false }) },
  });
  await node.handle("/kith/link/1", () => {}, { runOnLimitedConnection: true });

  return {
    peer: node.peerId.toString(),
    address: `${relayAt}/p2p-circuit/webrtc/p2p/${node.peerId}`,
    heardFrom: (peer) => Buffer.concat(heard.get(peer) ?? []),
    async dial(address) {
      const signal = AbortSignal.timeout(5_000);
      const connection = await node.dial(multiaddr(address), { force: true, signal });
      const stream = await connection.newStream("/kith/link/1", { runOnLimitedConnection: true, signal });
      stream.send(new Uint8Array([0, 0, 0, 1, 7]));
    },
    stop: async () => node.stop(),
  };
}

/** Signs of a network address of this machine among these bytes: as text, as a browser hides it, and as libp2p writes it. */
export function addressesIn(bytes: Uint8Array): readonly string[] {
  const text = Buffer.from(bytes).toString("latin1");
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => address);
  const signs = [...own, ".local", "candidate:", "typ host", "typ srflx", "raddr", "IN IP4", "IN IP6"];
  const binary = own.filter((address) => {
    const code = Buffer.from(multiaddr(`/${address.includes(":") ? "ip6" : "ip4"}/${address}`).bytes);
    return Buffer.from(bytes).includes(code);
  });
  return [...signs.filter((sign) => text.includes(sign)), ...binary.map((address) => `${address} in binary`)];
}

// A libp2p node that is none of ours: it connects as it likes and keeps to no rule of the link protocol.
import { noise } from "@chainsafe/libp2p-noise";
import { circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { identify } from "@libp2p/identify";
import type { Connection, Stream } from "@libp2p/interface";
import { webRTC } from "@libp2p/webrtc";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";

export interface Stranger {
  readonly peer: string;
  /** Over the relay alone. */
  circuit(address: string): Promise<Connection>;
  /** What is answered to a WebRTC offer, by a circuit address: SDP and candidates until the other side ends or 2 s pass. */
  signal(address: string): Promise<readonly string[]>;
  /** `closed` resolves when the other side ends the stream. */
  openLink(address: string): Promise<{ readonly stream: Stream; readonly closed: Promise<void> }>;
  /** Connects and opens nothing. `closed` resolves when the other side closes. */
  connectOnly(address: string): Promise<{ readonly closed: Promise<void> }>;
  stop(): Promise<void>;
}

export async function startStranger(): Promise<Stranger> {
  const node = await createLibp2p({
    transports: [webSockets(), webRTC({ rtcConfiguration: { iceServers: [] } }), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    services: { identify: identify({ runOnConnectionOpen: false }) },
  });
  /**
   * The library loses a WebRTC dial in twenty to a race of its own and waits until its deadline. Kith's dialler deals with
   * that and is tested for it; a stranger only has to get through, so one here tries as Kith does.
   */
  async function connect(address: string): Promise<Connection> {
    for (const timeoutMs of [3_000, 5_000]) {
      const dialled = node.dial(multiaddr(address), { force: true, signal: AbortSignal.timeout(timeoutMs) });
      const connection = await dialled.catch(() => undefined);
      if (connection !== undefined) return connection;
    }
    return node.dial(multiaddr(address), { force: true, signal: AbortSignal.timeout(20_000) });
  }

  const circuit = (address: string) =>
    node.dial(multiaddr(address), { force: true, signal: AbortSignal.timeout(10_000) });

  return {
    peer: node.peerId.toString(),
    circuit,
    async signal(address) {
      const connection = await circuit(address);
      const stream = await connection.newStream("/webrtc-signaling/0.0.1", { runOnLimitedConnection: true });
      const heard: string[] = [];
      stream.addEventListener("message", ({ data }) => heard.push(new TextDecoder("latin1").decode(data.subarray())));
      const ended = new Promise<void>((resolve) => {
        setTimeout(resolve, 2_000);
        stream.addEventListener("close", () => resolve());
      });
      if (stream.status === "open") {
        stream.send(signallingOffer());
        await ended;
      }
      await connection.close().catch(() => {});
      return heard;
    },
    async openLink(address) {
      const connection = await connect(address);
      const stream = await connection.newStream("/kith/link/1", { runOnLimitedConnection: true });
      const closed = new Promise<void>((resolve) => {
        if (stream.status !== "open") resolve();
        stream.addEventListener("close", () => resolve());
      });
      return { stream, closed };
    },
    async connectOnly(address) {
      const connection = await connect(address);
      return { closed: new Promise((resolve) => connection.addEventListener("close", () => resolve())) };
    },
    stop: async () => node.stop(),
  };
}

/** libp2p's signalling message, with its length in front: type 0, an offer, in field 1, and its SDP in field 2. */
function signallingOffer(): Uint8Array {
  const sdp = new TextEncoder().encode(offer.join("\r\n"));
  const message = [8, 0, 18, ...varint(sdp.length), ...sdp];
  return new Uint8Array([...varint(message.length), ...message]);
}

function varint(value: number): readonly number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}

/** As browsers make them; nobody has this key. */
const offer = [
  "v=0",
  "o=- 1 2 IN IP4 127.0.0.1",
  "s=-",
  "t=0 0",
  "a=group:BUNDLE 0",
  "a=msid-semantic: WMS",
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
  "c=IN IP4 0.0.0.0",
  "a=ice-ufrag:abcd",
  "a=ice-pwd:abcdefghijklmnopqrstuvwx",
  "a=ice-options:trickle",
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => "AA").join(":")}`,
  "a=setup:actpass",
  "a=mid:0",
  "a=sctp-port:5000",
  "a=max-message-size:262144",
  "",
];

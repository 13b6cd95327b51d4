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

  return {
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

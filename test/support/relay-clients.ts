// Devices that hold a reservation at a relay and do nothing else, by the hundred.
import { noise } from "@chainsafe/libp2p-noise";
import { circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { identify } from "@libp2p/identify";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { createLibp2p } from "libp2p";

/** `kith`: without the pings and keep-alives of libp2p, as the app's device is. `defaults`: as libp2p makes it. */
export type DeviceKind = "kith" | "defaults";

const atOnce = 8;

export async function reserveMany(relay: string, count: number, kind: DeviceKind): Promise<{ stop(): Promise<void> }> {
  const devices: { stop(): void | Promise<void> }[] = [];
  const reserve = async () => {
    while (devices.length < count) {
      const place = devices.push({ stop() {} }) - 1;
      devices[place] = await createLibp2p({
        addresses: { listen: [`${relay}/p2p-circuit`] },
        transports: [webSockets(), circuitRelayTransport()],
        connectionEncrypters: [noise()],
        streamMuxers: [yamux(kind === "kith" ? { enableKeepAlive: false } : {})],
        connectionMonitor: { enabled: kind === "defaults" },
        services: { identify: identify(kind === "kith" ? { runOnConnectionOpen: false } : {}) },
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, reserve));
  return {
    async stop() {
      await Promise.all(devices.map((device) => device.stop()));
    },
  };
}

/**
 * What WebRTC finds for this device: how many addresses of each kind, and whether the nodes' servers answer over UDP.
 * Makes a connection to nobody, counts its candidates and forgets them. Knows no libp2p.
 */
import type { Clock } from "../ports/clock.ts";
import type { GatheredCandidates } from "../ports/links.ts";
import type { IceServer } from "../wire/node-protocol.ts";

/** A server that answers does so in a round trip; its second try is half a second later. */
const patienceMs = 4_000;

export async function gatherCandidates(clock: Clock, servers: readonly IceServer[]): Promise<GatheredCandidates> {
  const connection = new RTCPeerConnection({ iceServers: rtcServers(servers) });
  const found = { host: 0, srflx: 0, relay: 0 };
  let failed = 0;
  try {
    const complete = await new Promise<boolean>((resolve, reject) => {
      const cancel = clock.after(patienceMs, () => resolve(false));
      connection.onicecandidateerror = () => {
        failed++;
      };
      connection.onicecandidate = ({ candidate }) => {
        const kind = candidate?.type;
        if (kind === "host" || kind === "srflx" || kind === "relay") found[kind]++;
        if (candidate !== null) return;
        cancel();
        resolve(true);
      };
      connection.createDataChannel("");
      connection.setLocalDescription().catch(reject);
    });
    const askable = servers.some(({ urls }) => urls.some((url) => url.startsWith("stun")));
    // Without a NAT the address that a server sees is the device's own, and is not named twice.
    const answered = found.srflx > 0 || (complete && failed === 0);
    return { atMs: clock.now(), ...found, stun: askable ? (answered ? "answered" : "silent") : "none" };
  } finally {
    connection.close();
  }
}

/** As the browser wants them: arrays of its own. */
export function rtcServers(servers: readonly IceServer[]): RTCIceServer[] {
  return servers.map((server) => ({ ...server, urls: [...server.urls] }));
}

/**
 * Where a relay listens and how a device is dialled through it, as multiaddr text. Knows no libp2p.
 *
 * An address from a stranger is never dialled. All that is taken from it is which relay it names: one of our own set is
 * looked up by its PeerId and reached at the address we know ourselves. So nobody can make this device open a
 * connection to a host or port of their choosing, and a node known under two names (localhost, LAN) is still met.
 */
import type { NodeUrl } from "../lang/brand.ts";
import { err, ok, type Result } from "../lang/result.ts";
import type { LinkPrivacy } from "../ports/links.ts";
import { maxAddressBytes, maxPeerIdBytes, maxSignalAddresses } from "../wire/bounds.ts";

export interface Relay {
  readonly peer: string;
  /** `/dns4/node.example/tcp/443/tls/ws/p2p/<peer>` */
  readonly address: string;
}

const peerIdText = /^[1-9A-HJ-NP-Za-km-z]{46,80}$/;

export function isPeerIdText(text: string): boolean {
  return text.length <= maxPeerIdBytes && peerIdText.test(text);
}

/** The node's port serves the relay's WebSocket on `/`. */
export function relayOf(node: NodeUrl, relayPeerId: string): Result<Relay, "not-an-address"> {
  if (!URL.canParse(node) || !isPeerIdText(relayPeerId)) return err("not-an-address");
  const { protocol, hostname, port } = new URL(node);
  if (hostname === "" || (protocol !== "http:" && protocol !== "https:")) return err("not-an-address");
  const secure = protocol === "https:";
  const transport = secure ? "tls/ws" : "ws";
  const tcpPort = port === "" ? (secure ? 443 : 80) : port;
  return ok({ peer: relayPeerId, address: `/${hostPart(hostname)}/tcp/${tcpPort}/${transport}/p2p/${relayPeerId}` });
}

/** `URL` has already written an IPv4 host in four decimal parts and an IPv6 host in brackets. */
function hostPart(hostname: string): string {
  if (hostname.startsWith("[")) return `ip6/${hostname.slice(1, -1)}`;
  return /^\d+\.\d+\.\d+\.\d+$/.test(hostname) ? `ip4/${hostname}` : `dns4/${hostname}`;
}

/** How `peer` is dialled through `relay`. The address itself says whether WebRTC may be tried. */
export function addressThrough(relay: Relay, peer: string, privacy: LinkPrivacy): string {
  return `${relay.address}/p2p-circuit${privacy === "direct" ? "/webrtc" : ""}/p2p/${peer}`;
}

/** A relay of ours through which a peer is to be dialled, and what that may tell it. */
export interface Way {
  readonly relay: Relay;
  readonly privacy: LinkPrivacy;
}

const throughRelay =
  /^\/(?:ip4|ip6|dns|dns4|dns6)\/[^/\s]+\/tcp\/\d{1,5}\/(?:ws|wss|tls\/ws)\/p2p\/([^/\s]+)\/p2p-circuit(\/webrtc)?\/p2p\/([^/\s]+)$/;

/** Through those of our relays that the given addresses of `peer` name, each once, in their order. */
export function waysNamed(
  addresses: readonly string[],
  peer: string,
  privacy: LinkPrivacy,
  known: readonly Relay[],
): readonly Way[] {
  const ways = new Map<Relay, Way>();
  for (const address of addresses.slice(0, maxSignalAddresses)) {
    if (address.length > maxAddressBytes) continue;
    const [, relayPeer, webrtc, target] = throughRelay.exec(address) ?? [];
    const relay = target === peer ? known.find((one) => one.peer === relayPeer) : undefined;
    if (relay === undefined || ways.has(relay)) continue;
    ways.set(relay, { relay, privacy: webrtc === undefined ? "relay-only" : privacy });
  }
  return [...ways.values()];
}

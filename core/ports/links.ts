/**
 * What the engine needs of direct connections: to be dialled, to dial, and frames on a link. Peers are transport
 * addresses and prove nothing about persons; the engine's own proof does (PROTOCOL.md §7).
 */
import type { NodeUrl } from "../lang/brand.ts";
import type { Live } from "../lang/live.ts";
import type { Result } from "../lang/result.ts";
import type { IceServer } from "../wire/node-protocol.ts";

/** How bytes travel: straight between the devices, or through a relay that sees that they talk but not what. */
export type LinkPath = "direct" | "relayed";

export interface RawLink {
  readonly localPeer: string;
  readonly remotePeer: string;
  readonly role: "dialler" | "listener";
  readonly path: Live<LinkPath>;
  /** One frame of at most `maxFrameBytes`; resolves when it was handed over without overfilling the buffers. `closed` means unknown fate. */
  send(frame: Uint8Array): Promise<Result<void, "closed">>;
  /** Set once by the engine, before any frame is delivered. */
  receive(handlers: { frame(bytes: Uint8Array): void; closed(): void }): void;
  close(): void;
}

export type ReachStatus =
  /** Not started: no contact's device was there to link with. */
  | { readonly kind: "idle" }
  | { readonly kind: "starting" }
  /** Others can dial `peer` at `addresses`. */
  | { readonly kind: "reachable"; readonly peer: string; readonly addresses: readonly string[] }
  | { readonly kind: "unreachable"; readonly why: "relay-full" | "relay-away" | "no-webrtc" };

export type DialFault = "unreachable" | "timeout" | "no-webrtc";

/** A node to be reached through, and the STUN and TURN servers it names. */
export interface LinkRelay {
  readonly node: NodeUrl;
  readonly relayPeerId: string;
  readonly iceServers: readonly IceServer[];
}

export interface LinkNetwork {
  readonly reach: Live<ReachStatus>;
  /**
   * Loads and starts what is needed to be reached through the relays of these nodes; again with others changes the set,
   * and the servers for links made from now on. No STUN or TURN server is ever asked but these.
   */
  start(relays: readonly LinkRelay[]): void;
  /**
   * Addresses only name relays: nothing is dialled but `peer` through those of the relays given to `start` that they
   * name, at the address known here. So a stranger cannot make this device connect to a host of their choosing.
   */
  dial(peer: string, addresses: readonly string[]): Promise<Result<RawLink, DialFault>>;
  /** Set once by the engine: links that others opened. */
  listen(onLink: (link: RawLink) => void): void;
  /** Tries again now, and checks what seems well: the machine woke, or came online. */
  hurry(): void;
  /** Closes every link. `start` after it begins anew, under another PeerId. */
  stop(): Promise<void>;
}

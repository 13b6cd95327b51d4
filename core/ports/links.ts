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

/**
 * What the other end may learn. `direct`: this device's network addresses, so that the two find a path of their own.
 * `relay-only`: none of them; the bytes go through the node. A link is relay-only when either end wants it so.
 */
export type LinkPrivacy = "direct" | "relay-only";

export interface RawLink {
  readonly localPeer: string;
  readonly remotePeer: string;
  readonly role: "dialler" | "listener";
  /** What was told to make it. A direct one can still be relayed, by a TURN server. */
  readonly privacy: LinkPrivacy;
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
  /** Others can dial `peer` at `addresses`; at `relayed` those who are to be linked with relay-only. */
  | {
      readonly kind: "reachable";
      readonly peer: string;
      readonly addresses: readonly string[];
      readonly relayed: readonly string[];
    }
  | { readonly kind: "unreachable"; readonly why: "relay-full" | "relay-away" | "no-webrtc" };

export type DialFault = "unreachable" | "timeout" | "no-webrtc";

/** A node to be reached through, and the STUN and TURN servers it names. */
export interface LinkRelay {
  readonly node: NodeUrl;
  readonly relayPeerId: string;
  readonly iceServers: readonly IceServer[];
}

export interface LinkListener {
  /** A link that another device opened. */
  link(link: RawLink): void;
  /** Who may connect, asked before anything is answered. What is not `direct` learns no address, whatever it tries. */
  admit(peer: string): Promise<LinkPrivacy | "refuse">;
}

/** What there is to make links with, to explain why there are none. Counts, never addresses. */
export interface LinkSurvey {
  readonly webrtc: boolean;
  /** As the last `probe` found it. */
  readonly gathered: GatheredCandidates | undefined;
  /** The relays given to `start`; `untilMs` while reserved. */
  readonly relays: readonly RelaySurvey[];
}

export interface RelaySurvey {
  readonly node: NodeUrl;
  readonly state: "trying" | "reserved" | "full" | "away";
  readonly untilMs: number | undefined;
}

/** Addresses that WebRTC found for this device: of its own network, as others see it (`srflx`), and at TURN servers. */
export interface GatheredCandidates {
  readonly atMs: number;
  readonly host: number;
  readonly srflx: number;
  readonly relay: number;
  /** `silent`: none of the nodes' servers answered in time, as where UDP is blocked. `none`: there was none to ask. */
  readonly stun: "none" | "answered" | "silent";
}

export interface LinkNetwork {
  readonly reach: Live<ReachStatus>;
  readonly survey: Live<LinkSurvey>;
  /**
   * Loads and starts what is needed to be reached through the relays of these nodes; again with others changes the set,
   * and the servers for links made from now on. No STUN or TURN server is ever asked but these.
   */
  start(relays: readonly LinkRelay[]): void;
  /**
   * Addresses only name relays: nothing is dialled but `peer` through those of the relays given to `start` that they
   * name, at the address known here. So a stranger cannot make this device connect to a host of their choosing.
   * `relay-only`, or towards an address that asks for it, no address of this device is gathered or sent.
   */
  dial(peer: string, addresses: readonly string[], privacy: LinkPrivacy): Promise<Result<RawLink, DialFault>>;
  /** Set once by the engine. Nobody is admitted before. */
  listen(listener: LinkListener): void;
  /** Ends every connection with this peer at once, and those that are being made in either direction. */
  leave(peer: string): void;
  /** Asks the servers given to `start` which addresses others see, once, for `survey`. Only when somebody wants to know. */
  probe(): Promise<void>;
  /** Tries again now, and checks what seems well: the machine woke, or came online. */
  hurry(): void;
  /** Closes every link. `start` after it begins anew, under another PeerId. */
  stop(): Promise<void>;
}

/**
 * What the engine needs of one bootstrap node (PROTOCOL.md §6). The adapter owns the connection: it proves topics,
 * reconnects with jittered back-off, re-follows, and verifies custody signatures before it answers.
 */
import type { EnvelopeHash, NodeUrl, TopicId } from "../lang/brand.ts";
import type { Live } from "../lang/live.ts";
import type { Result } from "../lang/result.ts";
import type { IceServer } from "../wire/node-protocol.ts";

/** The right to a topic: its id and the Ed25519 seed (32 bytes) it comes from. */
export interface TopicAccess {
  readonly topic: TopicId;
  readonly seed: Uint8Array;
}

/** A verified promise of the node to hold an envelope until `expiresAtMs`. */
export interface Custody {
  readonly sequence: number;
  readonly expiresAtMs: number;
  readonly signature: Uint8Array;
}

export interface TopicEntry {
  readonly sequence: number;
  readonly envelope: Uint8Array;
  readonly hash: EnvelopeHash;
  readonly expiresAtMs: number;
}

export type NodeStatus =
  | { readonly kind: "connecting"; readonly sinceMs: number }
  /** `iceServers`: the STUN and TURN servers that the node names now; TURN's secrets end, and new ones come by themselves. */
  | {
      readonly kind: "connected";
      readonly relayPeerId: string | undefined;
      readonly iceServers: readonly IceServer[];
    }
  /** No connection; `reason` is what the last try ended with. */
  | { readonly kind: "offline"; readonly sinceMs: number; readonly reason: "unreachable" | "refused" | "incompatible" };

/** `offline`: not connected now, or the connection ended before an answer. Nothing is known of the outcome; repeat. */
export type NodeFault =
  | { readonly kind: "offline" }
  | { readonly kind: "busy"; readonly retryAfterMs: number }
  /** The node said no in a way that repeating does not change. */
  | { readonly kind: "refused"; readonly why: "unproven" | "too-large" | "too-many-topics" | "malformed" | "closed" }
  /** The node's answer breaks the protocol, for example a custody signature that does not hold. */
  | { readonly kind: "broken-promise" };

export type AppendFault =
  | NodeFault
  | { readonly kind: "full"; readonly what: "topic" | "node" | "disk" }
  | { readonly kind: "slot-taken"; readonly sequence: number };

export interface FollowHandlers {
  /** Entries up to `latest` exist. Called after every (re)follow, also when there is nothing new. */
  wake(latest: number): void;
  signal(body: Uint8Array): void;
}

export interface NodeClient {
  readonly url: NodeUrl;
  readonly status: Live<NodeStatus>;
  append(access: TopicAccess, envelope: Uint8Array, slot?: Uint8Array): Promise<Result<Custody, AppendFault>>;
  /** Entries with a sequence above `after`, oldest first, at most `limit` (1 to 100). */
  read(
    access: TopicAccess,
    after: number,
    limit: number,
  ): Promise<
    Result<{ readonly entries: readonly TopicEntry[]; readonly more: boolean; readonly latest: number }, NodeFault>
  >;
  /** Kept across reconnects until the returned function is called. */
  follow(access: TopicAccess, handlers: FollowHandlers): () => void;
  /** Best effort: lost when not connected. */
  signal(access: TopicAccess, body: Uint8Array): void;
  /** Tries again now instead of at the end of the back-off: the machine woke, or came online. */
  hurry(): void;
  close(): void;
}

export interface NodeNetwork {
  /** One client per address; the same address gives the same client until it is closed. */
  node(url: NodeUrl): NodeClient;
}

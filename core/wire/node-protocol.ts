/**
 * What a device and a node say to each other (§6), as plain values, and the two byte strings that are signed. The bytes
 * of the frames are in client-frame.ts and node-frame.ts. Does not know what an envelope or a signal contains, nor who
 * may send what.
 */
import type { TopicId } from "../lang/brand.ts";
import { concat, idBytes, uint64 } from "../lang/bytes.ts";

export const nodeProtocolVersion = 2;
/** Version 1 is version 2 without what helps through NATs. */
export const oldestNodeVersion = 1;
export const nodeSubprotocol = "kith.topics.1";
export const nodePath = "/topics";
export const topicKeyBytes = 32;
export const slotBytes = 32;
export const nonceBytes = 32;

/** What a client asks. Topics are the lower-case hex of their key; everything else is bytes of the length §6 gives. */
export type NodeRequest =
  | { readonly kind: "prove"; readonly topic: TopicId; readonly signature: Uint8Array }
  | {
      readonly kind: "append";
      readonly topic: TopicId;
      readonly envelope: Uint8Array;
      readonly slot: Uint8Array | undefined;
    }
  | { readonly kind: "read"; readonly topic: TopicId; readonly after: number; readonly limit: number }
  | { readonly kind: "follow" | "unfollow"; readonly topic: TopicId }
  | { readonly kind: "signal"; readonly topic: TopicId; readonly body: Uint8Array };

export interface ClientFrame {
  /** 1 to 2^32 - 1. */
  readonly requestId: number;
  readonly request: NodeRequest;
}

export type NodeRefusal =
  | { readonly why: "busy"; readonly retryAfterMs: number }
  | { readonly why: "slot-taken"; readonly sequence: number }
  | { readonly why: PlainRefusal };
type PlainRefusal =
  | "malformed"
  | "unproven"
  | "topic-full"
  | "node-full"
  | "too-large"
  | "too-many-topics"
  | "storage"
  | "topics-closed";

export interface WireEntry {
  readonly sequence: number;
  readonly envelope: Uint8Array;
  readonly expiresAtMs: number;
}

export type NodeResult =
  | { readonly kind: "done" }
  | {
      readonly kind: "custody";
      readonly sequence: number;
      readonly expiresAtMs: number;
      readonly signature: Uint8Array;
    }
  | {
      readonly kind: "entries";
      readonly entries: readonly WireEntry[];
      readonly more: boolean;
      readonly latest: number;
    }
  | { readonly kind: "refusal"; readonly refusal: NodeRefusal };

export interface Hello {
  readonly kind: "hello";
  readonly version: number;
  readonly nonce: Uint8Array;
  readonly nodeKey: Uint8Array;
  readonly relayPeerId: string | undefined;
  readonly maxEnvelopeBytes: number;
  readonly retentionSeconds: number;
  readonly maxTopicsFollowed: number;
  readonly ice: NodeIce;
}

/** What helps two devices to reach each other directly through NATs. */
export interface NodeIce {
  /** UDP, at the host the client knows the node by. Undefined: STUN is not answered there. */
  readonly stunPort: number | undefined;
  readonly servers: readonly IceServer[];
}

/** As a browser takes it. STUN servers have no name and secret, TURN servers have both. */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

export type NodeFrame =
  | Hello
  | { readonly kind: "answer"; readonly requestId: number; readonly result: NodeResult }
  | { readonly kind: "wake"; readonly topic: TopicId; readonly latest: number }
  | { readonly kind: "signal"; readonly topic: TopicId; readonly body: Uint8Array }
  | { readonly kind: "ice"; readonly ice: NodeIce };

/** What the topic key signs, label `nodeAccess` (§6.2). */
export function nodeAccessMessage(nonce: Uint8Array, nodeKey: Uint8Array, topic: TopicId): Uint8Array {
  return concat(nonce, nodeKey, idBytes(topic));
}

/** What the node key signs, label `custody` (§6.3). The hash is SHA-256 of the envelope. */
export function custodyMessage(
  topic: TopicId,
  envelopeHash: Uint8Array,
  sequence: number,
  expiresAtMs: number,
): Uint8Array {
  return concat(idBytes(topic), envelopeHash, uint64(sequence), uint64(expiresAtMs));
}

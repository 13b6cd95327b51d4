/** What a conversation is, as its members agree in the MLS group context (§3.3). */

import type { ConversationId, NodeUrl } from "../lang/brand.ts";
import { idBytes } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { maxConversationContextBytes, maxGeneration, maxGroupContextBytes, maxNodesOfConversation } from "./bounds.ts";
import { decodeVersioned, encodeMessage } from "./decode.ts";
import { bytesField, hexField, idLength, keyLength } from "./field.ts";
import {
  ConversationContextSchema,
  type ConversationContext as WireContext,
  ConversationKind as WireKind,
} from "./gen/kith/identity_pb.js";
import { type GroupFacts, readFacts, wireFacts } from "./group-facts.ts";
import { readNodeUrls } from "./node-urls.ts";

/** Version 1 had no generations: what it names is generation 0. */
const pairVersion = 2;
/** Of a group, and of nothing else. */
const groupVersion = 3;

/** Of oneself, or of two people. */
export interface PairContext {
  readonly conversation: ConversationId;
  readonly kind: "self" | "direct";
  /** 32 bytes; see `deriveTopic`. */
  readonly topicSecret: Uint8Array;
  /** 1 to 3, each once: where the topic is. */
  readonly nodes: readonly NodeUrl[];
  /** How many groups the conversation had before this one (§11). */
  readonly generation: number;
}

/** Its topic is in none of this: who is removed sees the context of the commit that removes them (§13.4). */
export interface GroupContext {
  readonly conversation: ConversationId;
  readonly kind: "group";
  readonly generation: 0;
  readonly facts: GroupFacts;
}

export type ConversationContext = PairContext | GroupContext;

const wireKinds = { self: WireKind.SELF, direct: WireKind.DIRECT, group: WireKind.GROUP } as const;

export function encodeConversationContext(context: ConversationContext): Uint8Array {
  const conversation = idBytes(context.conversation);
  const kind = wireKinds[context.kind];
  if (context.kind === "group") {
    return encodeMessage(ConversationContextSchema, {
      version: groupVersion,
      conversation,
      kind,
      facts: wireFacts(context.facts),
    });
  }
  const { topicSecret, nodes, generation } = context;
  return encodeMessage(ConversationContextSchema, {
    version: pairVersion,
    conversation,
    kind,
    topicSecret,
    nodes: [...nodes],
    generation,
  });
}

export function decodeConversationContext(
  bytes: Uint8Array,
): Result<ConversationContext, "malformed" | "newer-version"> {
  const decoded = decodeVersioned(ConversationContextSchema, bytes, maxGroupContextBytes, groupVersion);
  if (!decoded.ok) return decoded;
  const { version } = decoded.value;
  // Above: one too long to be looked at as a version.
  if (version < 1 || version > groupVersion) return err("malformed");
  if (version < groupVersion && bytes.length > maxConversationContextBytes) return err("malformed");
  const context = version === groupVersion ? readGroup(decoded.value) : readPair(decoded.value);
  return context === undefined ? err("malformed") : ok(context);
}

function readPair(wire: WireContext): PairContext | undefined {
  const { version, generation } = wire;
  if (generation > (version === 1 ? 0 : maxGeneration) || wire.facts !== undefined) return undefined;
  const conversation = hexField<ConversationId>(wire.conversation, idLength);
  const kind = pairKind(wire.kind);
  const topicSecret = bytesField(wire.topicSecret, keyLength);
  const nodes = readNodeUrls(wire.nodes, 1, maxNodesOfConversation);
  if (conversation === undefined || kind === undefined || topicSecret === undefined || nodes === undefined) {
    return undefined;
  }
  return { conversation, kind, topicSecret, nodes, generation };
}

/** An enum field of protobuf holds any number. */
function pairKind(wire: WireKind): PairContext["kind"] | undefined {
  if (wire === WireKind.SELF) return "self";
  return wire === WireKind.DIRECT ? "direct" : undefined;
}

function readGroup(wire: WireContext): GroupContext | undefined {
  const { kind, topicSecret, nodes, generation } = wire;
  if (kind !== WireKind.GROUP || topicSecret.length > 0 || nodes.length > 0 || generation > 0) return undefined;
  const conversation = hexField<ConversationId>(wire.conversation, idLength);
  const facts = wire.facts && readFacts(wire.facts);
  if (conversation === undefined || facts === undefined) return undefined;
  return { conversation, kind: "group", generation: 0, facts };
}

/** What a conversation is, as its members agree in the MLS group context (§3.3). */

import type { ConversationId, NodeUrl } from "../lang/brand.ts";
import { idBytes } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { maxConversationContextBytes, maxGeneration, maxNodesOfConversation } from "./bounds.ts";
import { decodeVersioned, encodeMessage } from "./decode.ts";
import { bytesField, hexField, idLength, keyLength } from "./field.ts";
import { ConversationContextSchema, ConversationKind as WireKind } from "./gen/kith/identity_pb.js";
import { readNodeUrls } from "./node-urls.ts";

/** Version 1 had no generations: what it names is generation 0. */
const version = 2;

export type ConversationKind = "self" | "direct" | "group";

export interface ConversationContext {
  readonly conversation: ConversationId;
  readonly kind: ConversationKind;
  /** 32 bytes; see `deriveTopic`. */
  readonly topicSecret: Uint8Array;
  /** 1 to 3, each once: where the topic is. */
  readonly nodes: readonly NodeUrl[];
  /** How many groups the conversation had before this one (§11). */
  readonly generation: number;
}

const wireKinds = { self: WireKind.SELF, direct: WireKind.DIRECT, group: WireKind.GROUP } as const;

export function encodeConversationContext(context: ConversationContext): Uint8Array {
  return encodeMessage(ConversationContextSchema, {
    version,
    conversation: idBytes(context.conversation),
    kind: wireKinds[context.kind],
    topicSecret: context.topicSecret,
    nodes: [...context.nodes],
    generation: context.generation,
  });
}

export function decodeConversationContext(
  bytes: Uint8Array,
): Result<ConversationContext, "malformed" | "newer-version"> {
  const decoded = decodeVersioned(ConversationContextSchema, bytes, maxConversationContextBytes, version);
  if (!decoded.ok) return decoded;
  const { version: said, generation } = decoded.value;
  // Above: one too long to be looked at as a version.
  if (said < 1 || said > version) return err("malformed");
  if (generation > (said === 1 ? 0 : maxGeneration)) return err("malformed");
  const conversation = hexField<ConversationId>(decoded.value.conversation, idLength);
  const kind = kindOf(decoded.value.kind);
  const topicSecret = bytesField(decoded.value.topicSecret, keyLength);
  const nodes = readNodeUrls(decoded.value.nodes, 1, maxNodesOfConversation);
  if (conversation === undefined || kind === undefined || topicSecret === undefined || nodes === undefined) {
    return err("malformed");
  }
  return ok({ conversation, kind, topicSecret, nodes, generation });
}

function kindOf(wire: WireKind): ConversationKind | undefined {
  switch (wire) {
    case WireKind.SELF:
      return "self";
    case WireKind.DIRECT:
      return "direct";
    case WireKind.GROUP:
      return "group";
    default:
      // An enum field of protobuf holds any number.
      return undefined;
  }
}

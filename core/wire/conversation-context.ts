/** What a conversation is, as its members agree in the MLS group context (§3.3). */

import type { ConversationId, NodeUrl } from "../lang/brand.ts";
import { idBytes } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { maxConversationContextBytes, maxNodesOfConversation } from "./bounds.ts";
import { decodeVersioned, encodeMessage } from "./decode.ts";
import { bytesField, distinct, hexField, idLength, keyLength } from "./field.ts";
import { ConversationContextSchema, ConversationKind as WireKind } from "./gen/kith/identity_pb.js";
import { parseNodeUrl } from "./node-url.ts";

const version = 1;

export type ConversationKind = "self" | "direct" | "group";

export interface ConversationContext {
  readonly conversation: ConversationId;
  readonly kind: ConversationKind;
  /** 32 bytes; see `deriveTopic`. */
  readonly topicSecret: Uint8Array;
  /** 1 to 3, each once: where the topic is. */
  readonly nodes: readonly NodeUrl[];
}

const wireKinds = { self: WireKind.SELF, direct: WireKind.DIRECT, group: WireKind.GROUP } as const;

export function encodeConversationContext(context: ConversationContext): Uint8Array {
  return encodeMessage(ConversationContextSchema, {
    version,
    conversation: idBytes(context.conversation),
    kind: wireKinds[context.kind],
    topicSecret: context.topicSecret,
    nodes: [...context.nodes],
  });
}

export function decodeConversationContext(
  bytes: Uint8Array,
): Result<ConversationContext, "malformed" | "newer-version"> {
  const decoded = decodeVersioned(ConversationContextSchema, bytes, maxConversationContextBytes, version);
  if (!decoded.ok) return decoded;
  if (decoded.value.version !== version) return err("malformed");
  const conversation = hexField<ConversationId>(decoded.value.conversation, idLength);
  const kind = kindOf(decoded.value.kind);
  const topicSecret = bytesField(decoded.value.topicSecret, keyLength);
  const nodes = readNodes(decoded.value.nodes);
  if (conversation === undefined || kind === undefined || topicSecret === undefined || nodes === undefined) {
    return err("malformed");
  }
  return ok({ conversation, kind, topicSecret, nodes });
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

/** Addresses travel normalised, so that one node is one text for everybody. */
function readNodes(texts: readonly string[]): readonly NodeUrl[] | undefined {
  if (texts.length < 1 || texts.length > maxNodesOfConversation || !distinct(texts)) return undefined;
  const nodes: NodeUrl[] = [];
  for (const text of texts) {
    const node = parseNodeUrl(text);
    if (!node.ok || node.value !== text) return undefined;
    nodes.push(node.value);
  }
  return nodes;
}

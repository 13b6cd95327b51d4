/**
 * Content: what is said inside an MLS application message (§8). Does not know who says it: that is the leaf whose
 * signature MLS verified. The one format that grows without a new version: a kind that this version does not know is
 * kept as it came and shown as such.
 */

import type { EnvelopeHash, MessageId, NodeUrl } from "../lang/brand.ts";
import { idBytes } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import {
  maxAcknowledgedHashes,
  maxClockMs,
  maxEnvelopeBytes,
  maxNodesOfConversation,
  maxReadMessages,
} from "./bounds.ts";
import { type GroupContentBody, readGroupContent, wireGroupContent } from "./content-group.ts";
import { decodeMessage, encodeMessage } from "./decode.ts";
import { hashLength, hexField, hexFields, numberField } from "./field.ts";
import { ContentSchema, type Content as WireContent } from "./gen/kith/content_pb.js";
import { type HaveOf, readHave, wireHave } from "./have.ts";
import { contentIdLength, messageRef, readMessageRef } from "./message-ref.ts";
import { checkName } from "./name.ts";
import { readNodeUrls } from "./node-urls.ts";
import { checkText } from "./text.ts";

// Checked together with the content they go into.
export { checkName, checkText };

export interface Content {
  /** 16 hex characters, unique for the sending device. */
  readonly id: string;
  /** Hybrid logical clock. */
  readonly clockMs: number;
  readonly clockCount: number;
  /** Counts the messages of the sending device in the conversation, from 1; 0 for what is no message. */
  readonly number: number;
  readonly body: ContentBody;
}

export type ContentBody =
  | { readonly kind: "text"; readonly text: string }
  /** `nodes`: where the person's devices look for mail besides the conversation's nodes; at most 3. */
  | { readonly kind: "profile"; readonly name: string; readonly nodes: readonly NodeUrl[] }
  | { readonly kind: "delivered"; readonly hashes: readonly EnvelopeHash[]; readonly refused: readonly EnvelopeHash[] }
  | { readonly kind: "read"; readonly messages: readonly MessageId[] }
  /** Where the conversation is kept from now on, 1 to 3. */
  | { readonly kind: "nodes"; readonly nodes: readonly NodeUrl[] }
  | { readonly kind: "have"; readonly have: readonly HaveOf[] }
  /** Whether the person keeps envelopes for the other one while no node is in reach. */
  | { readonly kind: "keeper"; readonly on: boolean }
  | GroupContentBody
  /** Of a newer Kith. `raw` is the whole encoded Content. */
  | { readonly kind: "unknown"; readonly raw: Uint8Array };

/** Text and name are taken as `checkText` and `checkName` left them. */
export function encodeContent(content: Content): Uint8Array {
  if (content.body.kind === "unknown") return content.body.raw.slice();
  return encodeMessage(ContentSchema, {
    id: idBytes(content.id),
    clockMs: BigInt(content.clockMs),
    clockCount: content.clockCount,
    number: BigInt(content.number),
    kind: kindOf(content.body),
  });
}

function kindOf(body: Exclude<ContentBody, { kind: "unknown" }>) {
  switch (body.kind) {
    case "text":
      return { case: "text" as const, value: { text: body.text } };
    case "profile":
      return { case: "profile" as const, value: { name: body.name, nodes: [...body.nodes] } };
    case "delivered": {
      const value = { envelopeHashes: body.hashes.map(idBytes), refusedHashes: body.refused.map(idBytes) };
      return { case: "delivered" as const, value };
    }
    case "read":
      return { case: "read" as const, value: { messages: body.messages.map(messageRef) } };
    case "nodes":
      return { case: "nodes" as const, value: { nodes: [...body.nodes] } };
    case "have":
      return { case: "have" as const, value: wireHave(body.have) };
    case "keeper":
      return { case: "keeper" as const, value: { on: body.on } };
    default:
      return wireGroupContent(body);
  }
}

function readMessageRefs(list: readonly Uint8Array[]): readonly MessageId[] | undefined {
  if (list.length < 1 || list.length > maxReadMessages) return undefined;
  const messages = list.map(readMessageRef);
  return messages.every((message) => message !== undefined) ? messages : undefined;
}

export function decodeContent(bytes: Uint8Array): Result<Content, "malformed"> {
  const decoded = decodeMessage(ContentSchema, bytes, maxEnvelopeBytes, "keep");
  if (!decoded.ok) return decoded;
  const id = hexField(decoded.value.id, contentIdLength);
  const clockMs = numberField(decoded.value.clockMs);
  const number = numberField(decoded.value.number);
  const body = bodyOf(decoded.value, bytes);
  if (id === undefined || clockMs === undefined || clockMs > maxClockMs) return err("malformed");
  if (number === undefined || body === undefined) return err("malformed");
  return ok({ id, clockMs, clockCount: decoded.value.clockCount, number, body });
}

function bodyOf({ kind, $unknown }: WireContent, bytes: Uint8Array): ContentBody | undefined {
  switch (kind.case) {
    case "text": {
      const text = checkText(kind.value.text);
      return text.ok ? { kind: "text", text: text.value } : undefined;
    }
    case "profile": {
      const name = checkName(kind.value.name);
      const nodes = readNodeUrls(kind.value.nodes, 0, maxNodesOfConversation);
      return name.ok && nodes ? { kind: "profile", name: name.value, nodes } : undefined;
    }
    case "delivered": {
      const { envelopeHashes, refusedHashes } = kind.value;
      if (envelopeHashes.length + refusedHashes.length > maxAcknowledgedHashes) return undefined;
      const hashes = hexFields<EnvelopeHash>(envelopeHashes, hashLength, maxAcknowledgedHashes);
      const refused = hexFields<EnvelopeHash>(refusedHashes, hashLength, maxAcknowledgedHashes);
      return hashes === undefined || refused === undefined ? undefined : { kind: "delivered", hashes, refused };
    }
    case "read": {
      const messages = readMessageRefs(kind.value.messages);
      return messages && { kind: "read", messages };
    }
    case "nodes": {
      const nodes = readNodeUrls(kind.value.nodes, 1, maxNodesOfConversation);
      return nodes && { kind: "nodes", nodes };
    }
    case "have": {
      const have = readHave(kind.value);
      return have && { kind: "have", have };
    }
    case "keeper":
      return { kind: "keeper", on: kind.value.on };
    case undefined:
      // Nothing at all is not a kind to come.
      return $unknown === undefined ? undefined : { kind: "unknown", raw: bytes.slice() };
    default:
      return readGroupContent(kind);
  }
}

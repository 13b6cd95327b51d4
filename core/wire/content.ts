/**
 * Content: what is said inside an MLS application message (§8). Does not know who says it: that is the leaf whose
 * signature MLS verified. The one format that grows without a new version: a kind that this version does not know is
 * kept as it came and shown as such.
 */

import type { EnvelopeHash } from "../lang/brand.ts";
import { idBytes } from "../lang/bytes.ts";
import { assertNever, err, ok, type Result } from "../lang/result.ts";
import { maxAcknowledgedHashes, maxEnvelopeBytes } from "./bounds.ts";
import { decodeMessage, encodeMessage } from "./decode.ts";
import { hashLength, hexField, hexFields, numberField } from "./field.ts";
import { ContentSchema, type Content as WireContent } from "./gen/kith/content_pb.js";
import { checkName } from "./name.ts";
import { checkText } from "./text.ts";

// Checked together with the content they go into.
export { checkName, checkText };

const contentIdLength = 8;
/** The last moment that a date can show (ECMAScript §21.4.1.1): a later one would break whoever formats it. */
const maxClockMs = 8_640_000_000_000_000;

export interface Content {
  /** 16 hex characters, unique for the sending device. */
  readonly id: string;
  /** Hybrid logical clock. */
  readonly clockMs: number;
  readonly clockCount: number;
  readonly body: ContentBody;
}

export type ContentBody =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "profile"; readonly name: string }
  | { readonly kind: "delivered"; readonly hashes: readonly EnvelopeHash[]; readonly refused: readonly EnvelopeHash[] }
  /** Of a newer Kith. `raw` is the whole encoded Content. */
  | { readonly kind: "unknown"; readonly raw: Uint8Array };

/** Text and name are taken as `checkText` and `checkName` left them. */
export function encodeContent(content: Content): Uint8Array {
  if (content.body.kind === "unknown") return content.body.raw.slice();
  return encodeMessage(ContentSchema, {
    id: idBytes(content.id),
    clockMs: BigInt(content.clockMs),
    clockCount: content.clockCount,
    kind: kindOf(content.body),
  });
}

function kindOf(body: Exclude<ContentBody, { kind: "unknown" }>) {
  switch (body.kind) {
    case "text":
      return { case: "text" as const, value: { text: body.text } };
    case "profile":
      return { case: "profile" as const, value: { name: body.name } };
    case "delivered": {
      const value = { envelopeHashes: body.hashes.map(idBytes), refusedHashes: body.refused.map(idBytes) };
      return { case: "delivered" as const, value };
    }
    default:
      return assertNever(body);
  }
}

export function decodeContent(bytes: Uint8Array): Result<Content, "malformed"> {
  const decoded = decodeMessage(ContentSchema, bytes, maxEnvelopeBytes, "keep");
  if (!decoded.ok) return decoded;
  const id = hexField(decoded.value.id, contentIdLength);
  const clockMs = numberField(decoded.value.clockMs);
  const body = bodyOf(decoded.value, bytes);
  if (id === undefined || clockMs === undefined || clockMs > maxClockMs || body === undefined) return err("malformed");
  return ok({ id, clockMs, clockCount: decoded.value.clockCount, body });
}

function bodyOf({ kind, $unknown }: WireContent, bytes: Uint8Array): ContentBody | undefined {
  switch (kind.case) {
    case "text": {
      const text = checkText(kind.value.text);
      return text.ok ? { kind: "text", text: text.value } : undefined;
    }
    case "profile": {
      const name = checkName(kind.value.name);
      return name.ok ? { kind: "profile", name: name.value } : undefined;
    }
    case "delivered": {
      const { envelopeHashes, refusedHashes } = kind.value;
      if (envelopeHashes.length + refusedHashes.length > maxAcknowledgedHashes) return undefined;
      const hashes = hexFields<EnvelopeHash>(envelopeHashes, hashLength, maxAcknowledgedHashes);
      const refused = hexFields<EnvelopeHash>(refusedHashes, hashLength, maxAcknowledgedHashes);
      return hashes === undefined || refused === undefined ? undefined : { kind: "delivered", hashes, refused };
    }
    case undefined:
      // Nothing at all is not a kind to come.
      return $unknown === undefined ? undefined : { kind: "unknown", raw: bytes.slice() };
    default:
      return assertNever(kind);
  }
}

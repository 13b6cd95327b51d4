/**
 * Bytes into messages and back, for every protobuf format of this folder. Knows the rules of §1 that hold for all of
 * them, and nothing of what a message means.
 */

import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { equalBytes } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";

/** Our messages nest three deep. Lower would refuse them; higher only lets strangers use the stack. */
const maxDepth = 8;

/**
 * The message that these bytes are, or "malformed". Never more than `maxBytes` are looked at.
 *
 * Strict: there is one byte string per message. protobuf alone accepts a field twice, in any order, of another wire
 * type, a part longer than its whole and numbers with needless bytes; comparing with the canonical form refuses them
 * all. `unknown: "keep"` lets fields through that this version does not know, for formats that grow without a
 * new version (§8).
 *
 * Byte fields of the answer are views of `bytes`: who keeps one copies it, or it holds the whole frame in memory (and
 * in IndexedDB, which stores a view with everything behind it).
 */
export function decodeMessage<S extends DescMessage>(
  schema: S,
  bytes: Uint8Array,
  maxBytes: number,
  unknown: "refuse" | "keep" = "refuse",
): Result<MessageShape<S>, "malformed"> {
  if (bytes.length > maxBytes) return err("malformed");
  try {
    const message = fromBinary(schema, bytes, { readUnknownFields: unknown === "keep", recursionLimit: maxDepth });
    return equalBytes(toBinary(schema, message), bytes) ? ok(message) : err("malformed");
  } catch {
    // The library's only way to refuse bytes. Its words can quote them, so they go no further.
    return err("malformed");
  }
}

/**
 * For a message whose first field is its version. A higher version is refused before anything else is looked at,
 * because nothing else of it is known; version 0 was never given.
 */
export function decodeVersioned<S extends DescMessage>(
  schema: S,
  bytes: Uint8Array,
  maxBytes: number,
  version: number,
): Result<MessageShape<S>, "malformed" | "newer-version"> {
  if (bytes.length > maxBytes) return err("malformed");
  if (leadingVersion(bytes) > version) return err("newer-version");
  return decodeMessage(schema, bytes, maxBytes);
}

/** Field 1 as a small varint; 0 where the bytes begin in another way. */
function leadingVersion(bytes: Uint8Array): number {
  const [tag, value = 0] = bytes;
  return tag === 0x08 && value < 0x80 ? value : 0;
}

/** Throws where a value does not fit its field (a bug, not bad input). */
export function encodeMessage<S extends DescMessage>(schema: S, value: MessageInitShape<S>): Uint8Array {
  return toBinary(schema, create(schema, value));
}

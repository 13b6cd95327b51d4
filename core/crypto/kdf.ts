/**
 * Key derivation: HKDF-SHA-512 (RFC 5869). For secrets that are already hard to guess (16 bytes of entropy or
 * more), never for passphrases. Does not know what a derived key is for; the label says it.
 */

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { noBytes } from "../lang/bytes.ts";
import { type Label, labelled } from "./labels.ts";

/**
 * `HKDF(salt: none, secret, info: labelled(label, context), lengthBytes)`.
 *
 * No salt: RFC 5869 §3.1 allows it for secrets that are uniform, and two sides must reach the same key without
 * having spoken. The context separates keys of one label; it is the last part of the frame, so a caller that
 * joins several fields into it must make their joining unambiguous itself.
 *
 * Throws where `lengthBytes` exceeds 255 · 64 (a bug, not bad input).
 */
export function deriveKey(
  secret: Uint8Array,
  label: Label,
  context: Uint8Array = noBytes,
  lengthBytes = 32,
): Uint8Array {
  return hkdf(sha512, secret, undefined, labelled(label, context), lengthBytes);
}

/**
 * Sealing with a key both sides hold: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), nonce first. Hides content,
 * not length; padding is the caller's. Does not know who sealed: everyone who holds the key can.
 */

import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { concat } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";

export const sealNonceBytes = 24;
const tagBytes = 16;
/** How much longer the sealed bytes are than the plaintext. */
export const sealOverheadBytes = sealNonceBytes + tagBytes;

/**
 * `nonce ‖ ciphertext ‖ tag`. The nonce must be random (24 bytes are enough to draw at random for ever): two
 * plaintexts under one key and nonce reveal each other. Throws where key or nonce have another length.
 */
export function seal(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  associatedData: Uint8Array,
): Uint8Array {
  return concat(nonce, xchacha20poly1305(key, nonce, associatedData).encrypt(plaintext));
}

/**
 * The plaintext, if these bytes were sealed under this key with this associated data. Total for sealed bytes of any
 * length and content; throws only where the key is not 32 bytes (a bug).
 */
export function open(
  key: Uint8Array,
  sealed: Uint8Array,
  associatedData: Uint8Array,
): Result<Uint8Array, "not-authentic"> {
  if (sealed.length < sealOverheadBytes) return err("not-authentic");
  const cipher = xchacha20poly1305(key, sealed.subarray(0, sealNonceBytes), associatedData);
  try {
    return ok(cipher.decrypt(sealed.subarray(sealNonceBytes)));
  } catch {
    // The library's only way to say that the tag is wrong. One answer for every cause: a reason would help a forger.
    return err("not-authentic");
  }
}

/**
 * Signatures: Ed25519 (RFC 8032) over `labelled(label, message)`. Does not know who owns a key or whether to trust
 * it. A private key is its 32-byte seed.
 */

import { ed25519 } from "@noble/curves/ed25519.js";
import { type Label, labelled } from "./labels.ts";

export const publicKeyBytes = 32;
export const signatureBytes = 64;

/** 32 bytes. Throws where the seed is not 32 bytes. */
export function publicKeyOf(seed: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(seed);
}

/** 64 bytes, the same for the same input. Throws where the seed is not 32 bytes. */
export function sign(label: Label, message: Uint8Array, seed: Uint8Array): Uint8Array {
  return ed25519.sign(labelled(label, message), seed);
}

/**
 * Total: any byte strings of any length give an answer.
 *
 * Strict (`zip215: false`): RFC 8032 §5.1.3 and §5.1.7 to the letter. Points in non-canonical form and S ≥ L are
 * refused, so that nobody can turn one valid signature into another. A public key of small order is refused too:
 * under such a key one signature fits nearly every message, and whoever announces it could later deny or invent.
 */
export function verify(label: Label, message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== signatureBytes || publicKey.length !== publicKeyBytes) return false;
  return ed25519.verify(signature, labelled(label, message), publicKey, { zip215: false });
}

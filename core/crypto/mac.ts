/**
 * Proof of holding a shared key: HMAC-SHA-256 (RFC 2104, FIPS 198-1) over `labelled(label, message)`.
 */

import { equalBytes } from "@noble/ciphers/utils.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Label, labelled } from "./labels.ts";

export const macBytes = 32;

/** 32 bytes. */
export function mac(key: Uint8Array, label: Label, message: Uint8Array): Uint8Array {
  return hmac(sha256, key, labelled(label, message));
}

/**
 * Compares without stopping at the first difference: an early end would tell a forger, by the time it takes, how many
 * bytes were right. Lengths are public. Other lengths are unequal.
 */
export function equalMac(a: Uint8Array, b: Uint8Array): boolean {
  return equalBytes(a, b);
}

/**
 * SHA-2 (FIPS 180-4). Plain digests: where a digest must not be mistaken for another purpose's, frame the input
 * with `labelled`.
 */

import * as sha2 from "@noble/hashes/sha2.js";

/** 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return sha2.sha256(bytes);
}

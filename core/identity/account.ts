/** The person: one Ed25519 account key from 16 bytes of entropy (§2). Does not know where the entropy is kept. */

import { deriveKey } from "../crypto/kdf.ts";
import { labels } from "../crypto/labels.ts";
import { publicKeyOf } from "../crypto/signature.ts";
import type { AccountId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";

/** Seed of the account key, 32 bytes. */
export function accountSeed(entropy: Uint8Array): Uint8Array {
  return deriveKey(entropy, labels.accountKey);
}

export function accountOf(entropy: Uint8Array): AccountId {
  return toHex(publicKeyOf(accountSeed(entropy))) as AccountId;
}

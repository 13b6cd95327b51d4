/** The number two people compare to know that nobody stands between them (§3.4). */

import { deriveKey } from "../crypto/kdf.ts";
import { labels } from "../crypto/labels.ts";
import type { AccountId } from "../lang/brand.ts";
import { idBytes, noBytes } from "../lang/bytes.ts";

const groupsOfAccount = 6;
const bytesOfGroup = 5;

/** 60 digits, the same whichever side computes them. */
export function safetyNumber(a: AccountId, b: AccountId): string {
  const [first, second] = a < b ? [a, b] : [b, a];
  return digitsOf(first) + digitsOf(second);
}

function digitsOf(account: AccountId): string {
  const stream = deriveKey(idBytes(account), labels.safetyNumber, noBytes, 64);
  let digits = "";
  for (let group = 0; group < groupsOfAccount; group++) {
    const bytes = stream.subarray(group * bytesOfGroup, (group + 1) * bytesOfGroup);
    const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    digits += String(number % 100_000).padStart(5, "0");
  }
  return digits;
}

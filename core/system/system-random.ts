/** The secure randomness of the platform. */
import type { Random } from "../ports/random.ts";

/** `getRandomValues` refuses to fill more at once (W3C Web Cryptography API, §10.1.1). */
const maxBytesAtOnce = 65_536;

export const systemRandom: Random = {
  bytes(length) {
    const bytes = new Uint8Array(length);
    for (let start = 0; start < length; start += maxBytesAtOnce) {
      crypto.getRandomValues(bytes.subarray(start, start + maxBytesAtOnce));
    }
    return bytes;
  },
};

// Stands in the simulation for the library's Ed25519: the same keys and signatures by node:crypto, in a tenth of the time.
// Gives way to the library where a life is lived with what is shipped. Less strict than the library with keys of small
// order, which no life has; the vectors of the library prove it.
import { sign, verify } from "node:crypto";
import { createRequire } from "node:module";
import type * as noble from "@noble/curves/ed25519.js";
import { bytesOf, privateKeyOf, publicBytesOf, publicKeyFrom, remembered } from "./native-keys.ts";

// Past the alias that puts this file in its place.
const shipped = (createRequire(import.meta.url)("@noble/curves/ed25519.js") as typeof noble).ed25519;

type Ed25519 = Pick<typeof shipped, "getPublicKey" | "sign" | "verify">;

export const nativeEd25519 = {
  getPublicKey: (seed) =>
    remembered("public of", [seed], () => publicBytesOf(privateKeyOf("Ed25519", seed), 32)).slice(),
  sign: (message, seed) => bytesOf(sign(null, message, privateKeyOf("Ed25519", seed))),
  verify(signature, message, publicKey) {
    if (signature.length !== 64 || publicKey.length !== 32) return false;
    return remembered("verified", [publicKey, signature, message], () => {
      try {
        return verify(null, message, publicKeyFrom("Ed25519", publicKey), signature);
      } catch {
        return false;
      }
    });
  },
} satisfies Ed25519;

let chosen: Ed25519 = shipped;

export function chooseEd25519(native: boolean): void {
  chosen = native ? nativeEd25519 : shipped;
}

/**
 * What core/crypto gets by this name.
 * @public
 */
export const ed25519: Ed25519 = {
  getPublicKey: (...of) => chosen.getPublicKey(...of),
  sign: (...of) => chosen.sign(...of),
  verify: (...of) => chosen.verify(...of),
};

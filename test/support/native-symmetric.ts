// Stands in the simulation for the library's hashes, key derivation and XChaCha20-Poly1305: the same bytes by node:crypto, in a
// fraction of the time. Gives way to the library where a life is lived with what is shipped.
import * as node from "node:crypto";
import { createRequire } from "node:module";
import type * as chacha from "@noble/ciphers/chacha.js";
import type * as hkdfs from "@noble/hashes/hkdf.js";
import type * as sha2 from "@noble/hashes/sha2.js";
import { concat, noBytes } from "../../core/lang/bytes.ts";
import { bytesOf, remembered } from "./native-keys.ts";

// Past the alias that puts this file in their place.
const require = createRequire(import.meta.url);
const shipped = {
  ...(require("@noble/ciphers/chacha.js") as typeof chacha),
  ...(require("@noble/hashes/hkdf.js") as typeof hkdfs),
  ...(require("@noble/hashes/sha2.js") as typeof sha2),
};

const hashBytes = 64;
const blockBytes = 128;

export const digest = (name: string, data: Uint8Array): Uint8Array => bytesOf(node.hash(name, data, "buffer"));

function padded(key: Uint8Array, pad: number): Uint8Array {
  const fitting = key.length > blockBytes ? digest("sha512", key) : key;
  const block = new Uint8Array(blockBytes).fill(pad);
  for (let index = 0; index < fitting.length; index++) block[index] = fitting[index]! ^ pad;
  return block;
}

/** HMAC-SHA-512 (RFC 2104) out of two digests: Node's own makes a key object first, which takes five times as long. */
export const mac = (key: Uint8Array, data: Uint8Array): Uint8Array =>
  digest("sha512", concat(padded(key, 0x5c), digest("sha512", concat(padded(key, 0x36), data))));

/** The second half of HKDF-SHA-512 (RFC 5869). */
export function expandBy(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  let block: Uint8Array = noBytes;
  const blocks: Uint8Array[] = [];
  for (let n = 1; blocks.length * hashBytes < length; n++) {
    block = mac(prk, concat(block, info, Uint8Array.of(n)));
    blocks.push(block);
  }
  return concat(...blocks).slice(0, length);
}

const noSalt = new Uint8Array(hashBytes);

export const nativeHkdf = (secret: Uint8Array, info: Uint8Array, length: number): Uint8Array =>
  remembered(`hkdf ${length} ${secret.length}`, [secret, info], () =>
    expandBy(mac(noSalt, secret), info, length),
  ).slice();

/** Node asks of bytes whether they are a key object by an error that it catches, which takes longer than to seal. */
export const keyFrom = (bytes: Uint8Array): node.KeyObject => node.createSecretKey(bytes);

const tagBytes = 16;
const wordsOf = (bytes: Uint8Array) => new Uint32Array(bytes.slice().buffer);
const sigma = wordsOf(new TextEncoder().encode("expand 32-byte k"));

/** The key and nonce of the inner ChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03 §2.3). */
function inner(key: Uint8Array, nonce: Uint8Array) {
  const words = new Uint32Array(8);
  shipped.hchacha(sigma, wordsOf(key), wordsOf(nonce.subarray(0, 16)), words);
  return [new Uint8Array(words.buffer), concat(new Uint8Array(4), nonce.subarray(16))] as const;
}

interface Cipher {
  encrypt(plaintext: Uint8Array): Uint8Array;
  decrypt(sealed: Uint8Array): Uint8Array;
}

export function nativeXChaCha(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array): Cipher {
  if (key.length !== 32 || nonce.length !== 24) throw new Error("a key is 32 bytes, a nonce 24");
  const [innerKey, innerNonce] = inner(key, nonce);
  const options = { authTagLength: tagBytes };
  return {
    encrypt(plaintext) {
      const cipher = node.createCipheriv("chacha20-poly1305", keyFrom(innerKey), innerNonce, options);
      cipher.setAAD(aad, { plaintextLength: plaintext.length });
      return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
    },
    decrypt(sealed) {
      const end = sealed.length - tagBytes;
      if (end < 0) throw new Error("too short");
      const cipher = node.createDecipheriv("chacha20-poly1305", keyFrom(innerKey), innerNonce, options);
      cipher.setAAD(aad, { plaintextLength: end }).setAuthTag(sealed.subarray(end));
      return concat(cipher.update(sealed.subarray(0, end)), cipher.final());
    },
  };
}

let isNative = false;

export function chooseSymmetric(native: boolean): void {
  isNative = native;
}

/** The library's, but for digests of a whole: what makes HMACs out of it makes them as the library does. */
function hashOf(name: "sha256" | "sha512") {
  const whole = (message: Uint8Array) => (isNative ? digest(name, message) : shipped[name](message));
  return Object.assign(whole, shipped[name]);
}

/**
 * What core gets by these names.
 * @public
 */
export const sha256 = hashOf("sha256");
/** @public */
export const sha512 = hashOf("sha512");
/** @public */
export const { expand, extract } = shipped;

/** @public */
export const hkdf: typeof shipped.hkdf = (hash, ikm, salt, info, length) =>
  isNative && hash === sha512 && salt === undefined
    ? nativeHkdf(ikm, info ?? noBytes, length)
    : shipped.hkdf(hash, ikm, salt, info, length);

/** @public */
export const xchacha20poly1305 = (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array): Cipher =>
  isNative ? nativeXChaCha(key, nonce, aad) : shipped.xchacha20poly1305(key, nonce, aad);

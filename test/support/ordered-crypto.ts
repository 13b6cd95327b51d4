// WebCrypto that answers in order. The machine's own answers from a pool of threads, in whatever order they finish, and
// draws its own randomness: no schedule could be repeated. This one computes at once, with the same algorithms, by
// node:crypto. Only what MLS and HPKE ask for is here; anything else throws.
import * as node from "node:crypto";
import type { Random } from "../../core/ports/random.ts";

interface Key {
  readonly raw: Uint8Array;
  readonly hash: string;
}
type Algorithm = string | { readonly name: string; readonly hash?: string | { readonly name: string } };
type HkdfParams = {
  readonly hash: string | { readonly name: string };
  readonly salt: BufferSource;
  readonly info: BufferSource;
};
type GcmParams = { readonly iv: Uint8Array; readonly additionalData?: Uint8Array };

/** Replaces what `globalThis.crypto` does in this worker; `random` feeds `getRandomValues` from now on. */
export function orderCrypto(random: Random): void {
  const subtle: Record<keyof typeof operations, unknown> = operations;
  for (const [name, value] of Object.entries(subtle)) {
    Object.defineProperty(globalThis.crypto.subtle, name, { value, configurable: true, writable: true });
  }
  Object.defineProperty(globalThis.crypto, "getRandomValues", {
    value: <T extends Uint8Array>(into: T): T => {
      into.set(random.bytes(into.length));
      return into;
    },
    configurable: true,
    writable: true,
  });
}

const gcmTagBytes = 16;

const operations = {
  async digest(algorithm: Algorithm, data: BufferSource) {
    return join(node.createHash(hashOf(algorithm)).update(bytesOf(data)).digest());
  },
  async importKey(_format: string, data: BufferSource, algorithm: Algorithm): Promise<Key> {
    return { raw: bytesOf(data).slice(), hash: hashOf(algorithm) };
  },
  async sign(algorithm: Algorithm, key: Key, data: BufferSource) {
    if (nameOf(algorithm) === "HMAC") return join(hmac(key, data));
    return join(node.sign(null, bytesOf(data), privateKey(key)));
  },
  async verify(algorithm: Algorithm, key: Key, signature: BufferSource, data: BufferSource) {
    if (nameOf(algorithm) === "HMAC") return Buffer.compare(hmac(key, data), bytesOf(signature)) === 0;
    return node.verify(null, bytesOf(data), publicKey(key), bytesOf(signature));
  },
  async encrypt(params: GcmParams, key: Key, data: BufferSource) {
    const cipher = node.createCipheriv(gcmOf(key), key.raw, params.iv);
    if (params.additionalData !== undefined) cipher.setAAD(params.additionalData);
    return join(cipher.update(bytesOf(data)), cipher.final(), cipher.getAuthTag());
  },
  async decrypt(params: GcmParams, key: Key, data: BufferSource) {
    const sealed = bytesOf(data);
    if (sealed.length < gcmTagBytes) throw new DOMException("too short", "OperationError");
    const decipher = node.createDecipheriv(gcmOf(key), key.raw, params.iv);
    if (params.additionalData !== undefined) decipher.setAAD(params.additionalData);
    decipher.setAuthTag(sealed.subarray(sealed.length - gcmTagBytes));
    try {
      return join(decipher.update(sealed.subarray(0, sealed.length - gcmTagBytes)), decipher.final());
    } catch {
      throw new DOMException("the tag does not fit", "OperationError");
    }
  },
  async deriveBits({ hash, salt, info }: HkdfParams, key: Key, bits: number) {
    return node.hkdfSync(hashOf({ name: "HKDF", hash }), key.raw, bytesOf(salt), bytesOf(info), bits / 8);
  },
  generateKey: unknown,
  deriveKey: unknown,
  exportKey: unknown,
  wrapKey: unknown,
  unwrapKey: unknown,
};

async function unknown(): Promise<never> {
  throw new Error("the simulated WebCrypto does not know this operation");
}

/** Exactly these bytes and their own buffer, as WebCrypto answers. */
function join(...parts: Uint8Array[]): ArrayBuffer {
  const whole = Buffer.concat(parts);
  return whole.buffer.slice(whole.byteOffset, whole.byteOffset + whole.length) as ArrayBuffer;
}

function hmac(key: Key, data: BufferSource): Buffer {
  return node.createHmac(key.hash, key.raw).update(bytesOf(data)).digest();
}

const privateKey = (key: Key) => node.createPrivateKey({ key: Buffer.from(key.raw), format: "der", type: "pkcs8" });
/** SubjectPublicKeyInfo of Ed25519 (RFC 8410) up to the key. */
const spki = Buffer.from("302a300506032b6570032100", "hex");
const publicKey = (key: Key) =>
  node.createPublicKey({ key: Buffer.concat([spki, key.raw]), format: "der", type: "spki" });

const gcmOf = (key: Key) => `aes-${key.raw.length * 8}-gcm` as node.CipherGCMTypes;
const nameOf = (algorithm: Algorithm) => (typeof algorithm === "string" ? algorithm : algorithm.name);

function hashOf(algorithm: Algorithm): string {
  const hash = typeof algorithm === "string" ? algorithm : (algorithm.hash ?? "");
  return (typeof hash === "string" ? hash : hash.name).replace("-", "").toLowerCase();
}

function bytesOf(data: BufferSource): Uint8Array {
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

// The cipher suite of Kith's groups (X-Wing, HKDF and HMAC with SHA-512, AES-256-GCM, Ed25519) by node:crypto: the same
// bytes as the shipped one from the same randomness, in a fifth of the time. HPKE is RFC 9180 §5 in base mode, X-Wing is
// draft-connolly-cfrg-xwing-kem §5. Only encapsulation in ML-KEM is the library's: Node's draws its own randomness.
import * as node from "node:crypto";
import { MlKem768 } from "mlkem";
import { type CiphersuiteImpl, CryptoError, type PrivateKey, type PublicKey } from "ts-mls";
import { concat, noBytes, utf8 } from "../../core/lang/bytes.ts";
import { nativeEd25519 } from "./native-ed25519.ts";
import { bytesOf, privateKeyOf, publicBytesOf, publicKeyFrom, remembered } from "./native-keys.ts";
import { digest, expandBy as expand, keyFrom, mac } from "./native-symmetric.ts";

const hash = "sha512";
const hashBytes = 64;
const tagBytes = 16;
const keyBytes = 32;
const nonceBytes = 12;

const shake = (data: Uint8Array, outputLength: number) =>
  bytesOf(node.createHash("shake256", { outputLength }).update(data).digest());

function encrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = node.createCipheriv("aes-256-gcm", keyFrom(key), nonce).setAAD(aad);
  return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
}

function decrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array {
  const end = sealed.length - tagBytes;
  if (end < 0) throw new CryptoError("too short");
  const cipher = node.createDecipheriv("aes-256-gcm", keyFrom(key), nonce).setAAD(aad).setAuthTag(sealed.subarray(end));
  try {
    return concat(cipher.update(sealed.subarray(0, end)), cipher.final());
  } catch {
    throw new CryptoError("the tag does not fit");
  }
}

// X-Wing

const kemKeyBytes = 1_184;
const kemCiphertextBytes = 1_088;
const combinerLabel = utf8("\\.//^\\");
const mlKem = new MlKem768();

interface Decapsulation {
  readonly kem: node.KeyObject;
  readonly curve: node.KeyObject;
}

/** Both halves of a private key, which is a seed of 32 bytes. */
function halvesOf(seed: Uint8Array): Decapsulation {
  if (seed.length !== 32) throw new CryptoError("a private key is 32 bytes");
  const whole = shake(seed, 96);
  // PKCS #8 around the seed alone (RFC 9935).
  const head = [0x30, 0x54, 2, 1, 0, 0x30, 0x0b, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 4, 2, 4, 0x42, 0x80, 0x40];
  const key = Buffer.from([...head, ...whole.subarray(0, 64)]);
  const make = () => node.createPrivateKey({ key, format: "der", type: "pkcs8" });
  return { kem: remembered("ML-KEM private", [seed], make), curve: privateKeyOf("X25519", whole.subarray(64)) };
}

const publicOf = ({ kem, curve }: Decapsulation) => concat(publicBytesOf(kem, kemKeyBytes), publicBytesOf(curve, 32));

const combine = (kem: Uint8Array, curve: Uint8Array, ephemeral: Uint8Array, own: Uint8Array) =>
  digest("sha3-256", concat(kem, curve, ephemeral, own, combinerLabel));

const agree = (privateKey: node.KeyObject, publicKey: Uint8Array) =>
  bytesOf(node.diffieHellman({ privateKey, publicKey: publicKeyFrom("X25519", publicKey) }));

async function encapsulate(publicKey: Uint8Array): Promise<{ readonly secret: Uint8Array; readonly enc: Uint8Array }> {
  const own = publicKey.subarray(kemKeyBytes);
  const ephemeral = privateKeyOf("X25519", crypto.getRandomValues(new Uint8Array(32)));
  const ephemeralPublic = publicBytesOf(ephemeral, 32);
  const [ciphertext, kemSecret] = await mlKem.encap(publicKey.subarray(0, kemKeyBytes));
  const secret = combine(kemSecret, agree(ephemeral, own), ephemeralPublic, own);
  return { secret, enc: concat(ciphertext, ephemeralPublic) };
}

function decapsulate(seed: Uint8Array, enc: Uint8Array): Uint8Array {
  if (enc.length !== kemCiphertextBytes + 32) throw new CryptoError("not an encapsulation");
  const { kem, curve } = halvesOf(seed);
  const kemSecret = bytesOf(node.decapsulate(kem, enc.subarray(0, kemCiphertextBytes)));
  const ephemeral = enc.subarray(kemCiphertextBytes);
  return combine(kemSecret, agree(curve, ephemeral), ephemeral, publicBytesOf(curve, 32));
}

// HPKE

/** X-Wing, HKDF-SHA512, AES-256-GCM. */
const suiteName = concat(utf8("HPKE"), Uint8Array.of(0x64, 0x7a, 0, 3, 0, 2));
const version = concat(utf8("HPKE-v1"), suiteName);
const noSalt = new Uint8Array(hashBytes);
const extractLabelled = (salt: Uint8Array, label: string, ikm: Uint8Array) =>
  mac(salt, concat(version, utf8(label), ikm));
const expandLabelled = (prk: Uint8Array, label: string, info: Uint8Array, length: number) =>
  expand(prk, concat(Uint8Array.of(length >> 8, length & 0xff), version, utf8(label), info), length);
const noPskHash = extractLabelled(noSalt, "psk_id_hash", noBytes);

function schedule(shared: Uint8Array, info: Uint8Array) {
  const context = concat(Uint8Array.of(0), noPskHash, extractLabelled(noSalt, "info_hash", info));
  const secret = extractLabelled(shared, "secret", noBytes);
  return {
    key: () => expandLabelled(secret, "key", context, keyBytes),
    nonce: () => expandLabelled(secret, "base_nonce", context, nonceBytes),
    exported: (of: Uint8Array, length: number) =>
      expandLabelled(expandLabelled(secret, "exp", context, hashBytes), "sec", of, length),
  };
}

/** Keys of this suite are their bytes; the library hands them through. */
const rawOf = (key: PublicKey | PrivateKey) => key as unknown as Uint8Array;
const asPublic = (raw: Uint8Array) => raw as unknown as PublicKey;
const asPrivate = (raw: Uint8Array) => raw as unknown as PrivateKey;

function pairOf(seed: Uint8Array) {
  return { privateKey: asPrivate(seed), publicKey: asPublic(publicOf(halvesOf(seed))) };
}

/** Beginning of PKCS #8, as which the library gives the seed of a signature key. */
const pkcs8HeadBytes = 16;

export const nativeSuite: Omit<CiphersuiteImpl, "id" | "rng"> = {
  hash: {
    digest: async (data) => digest(hash, data),
    mac: async (key, data) => mac(key, data),
    verifyMac: async (key, given, data) => Buffer.compare(mac(key, data), given) === 0,
  },
  kdf: {
    extract: async (salt, ikm) => mac(salt, ikm),
    expand: async (prk, info, length) => expand(prk, info, length),
    size: hashBytes,
  },
  signature: {
    sign: async (key, message) => nativeEd25519.sign(message, key.length === 32 ? key : key.subarray(pkcs8HeadBytes)),
    verify: async (publicKey, message, signature) => nativeEd25519.verify(signature, message, publicKey),
    async keygen() {
      throw new Error("Kith makes its signature keys itself");
    },
  },
  hpke: {
    async open(privateKey, enc, ciphertext, info, aad = noBytes) {
      const { key, nonce } = schedule(decapsulate(rawOf(privateKey), enc), info);
      return decrypt(key(), nonce(), aad, ciphertext);
    },
    async seal(publicKey, plaintext, info, aad = noBytes) {
      const { secret, enc } = await encapsulate(rawOf(publicKey));
      const { key, nonce } = schedule(secret, info);
      return { ct: encrypt(key(), nonce(), aad, plaintext), enc };
    },
    async exportSecret(publicKey, of, length, info) {
      const { secret, enc } = await encapsulate(rawOf(publicKey));
      return { enc, secret: schedule(secret, info).exported(of, length) };
    },
    importSecret: async (privateKey, of, enc, length, info) =>
      schedule(decapsulate(rawOf(privateKey), enc), info).exported(of, length),
    async importPrivateKey(bytes) {
      if (bytes.length !== 32) throw new CryptoError("a private key is 32 bytes");
      return asPrivate(bytesOf(bytes));
    },
    async importPublicKey(bytes) {
      if (bytes.length !== kemKeyBytes + 32) throw new CryptoError("a public key is 1,216 bytes");
      return asPublic(bytesOf(bytes));
    },
    exportPublicKey: async (key) => bytesOf(rawOf(key)),
    exportPrivateKey: async (key) => bytesOf(rawOf(key)),
    encryptAead: async (key, nonce, aad, plaintext) => encrypt(key, nonce, aad ?? noBytes, plaintext),
    decryptAead: async (key, nonce, aad, ciphertext) => decrypt(key, nonce, aad ?? noBytes, ciphertext),
    deriveKeyPair: async (ikm) => pairOf(shake(ikm, 32)),
    generateKeyPair: async () => pairOf(crypto.getRandomValues(new Uint8Array(32))),
    keyLength: keyBytes,
    nonceLength: nonceBytes,
  },
};

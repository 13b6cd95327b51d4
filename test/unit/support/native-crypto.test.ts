// Only if it is the same cryptography may lives be lived with it.
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { type CiphersuiteImpl, CryptoError } from "ts-mls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cipherSuite } from "../../../core/group/suite.ts";
import { utf8 } from "../../../core/lang/bytes.ts";
import { nativeEd25519 } from "../../support/native-ed25519.ts";
import { nativeSuite } from "../../support/native-suite.ts";
import { digest, nativeHkdf, nativeXChaCha } from "../../support/native-symmetric.ts";
import { seededRandom } from "../../support/seeded-random.ts";

const seed = (n: number) => new Uint8Array(32).fill(n);
const info = utf8("info");
const aad = utf8("aad");
const words = utf8("Hello Bob");

let shipped: CiphersuiteImpl;
const machines = crypto.getRandomValues;
/** Both draw the same. */
function drawAnew(): void {
  const random = seededRandom(1);
  crypto.getRandomValues = (into) => {
    new Uint8Array(into!.buffer as ArrayBuffer).set(random.bytes(into!.byteLength));
    return into;
  };
}
beforeAll(async () => {
  shipped = await cipherSuite();
});
afterAll(() => {
  crypto.getRandomValues = machines;
});

async function answers<T>(ask: (suite: typeof nativeSuite) => Promise<T>): Promise<readonly [T, T]> {
  drawAnew();
  const expected = await ask(shipped);
  drawAnew();
  return [await ask(nativeSuite), expected];
}

describe("cryptography by node:crypto", () => {
  it("makes the keys and signatures of the library", () => {
    const key = nativeEd25519.getPublicKey(seed(1));
    expect(key).toEqual(ed25519.getPublicKey(seed(1)));
    const signature = nativeEd25519.sign(words, seed(1));
    expect(signature).toEqual(ed25519.sign(words, seed(1)));
    expect(nativeEd25519.verify(signature, words, key)).toBe(true);
    expect(nativeEd25519.verify(signature, aad, key)).toBe(false);
    expect(nativeEd25519.verify(signature, words, nativeEd25519.getPublicKey(seed(2)))).toBe(false);
    expect(nativeEd25519.verify(signature, words, new Uint8Array(31))).toBe(false);
  });

  it("hashes, derives keys and seals envelopes as the libraries do", () => {
    expect(digest("sha256", words)).toEqual(sha256(words));
    expect(digest("sha512", words)).toEqual(sha512(words));
    for (const length of [32, 64, 200]) {
      expect(nativeHkdf(seed(1), info, length)).toEqual(hkdf(sha512, seed(1), undefined, info, length));
    }
    const nonce = Uint8Array.from({ length: 24 }, (_, n) => n);
    for (const text of [words, new Uint8Array(), new Uint8Array(4_000).fill(5)]) {
      const sealed = nativeXChaCha(seed(1), nonce, aad).encrypt(text);
      expect(sealed).toEqual(xchacha20poly1305(seed(1), nonce, aad).encrypt(text));
      expect(nativeXChaCha(seed(1), nonce, aad).decrypt(sealed)).toEqual(text);
      for (const broken of [sealed.with(0, sealed[0]! ^ 1), sealed.subarray(1), new Uint8Array(15)]) {
        expect(() => nativeXChaCha(seed(1), nonce, aad).decrypt(broken)).toThrow();
      }
      expect(() => nativeXChaCha(seed(1), nonce, info).decrypt(sealed)).toThrow();
    }
  });

  it("hashes, derives, signs and seals with a key as the suite of groups does", async () => {
    const same = [
      await answers(({ hash }) => hash.digest(words)),
      await answers(({ hash }) => hash.mac(seed(1), words)),
      await answers(({ kdf }) => kdf.extract(new Uint8Array(64).fill(7), words)),
      await answers(({ kdf }) => kdf.expand(new Uint8Array(64).fill(7), info, 200)),
      await answers(({ signature }) => signature.sign(seed(1), words)),
      await answers(({ hpke }) => hpke.encryptAead(seed(1), new Uint8Array(12), aad, words)),
    ];
    for (const [native, expected] of same) expect(native).toEqual(expected);
    const mac = await shipped.hash.mac(seed(1), words);
    expect(await nativeSuite.hash.verifyMac(seed(1), mac, words)).toBe(true);
    expect(await nativeSuite.hash.verifyMac(seed(2), mac, words)).toBe(false);
  });

  it("makes the same pairs of keys from a seed and from what is drawn", async () => {
    const exported = async ({ hpke }: typeof nativeSuite, drawn: boolean) => {
      const { privateKey, publicKey } = await (drawn ? hpke.generateKeyPair() : hpke.deriveKeyPair(seed(3)));
      return [await hpke.exportPrivateKey(privateKey), await hpke.exportPublicKey(publicKey)];
    };
    for (const drawn of [true, false]) {
      const [native, expected] = await answers((suite) => exported(suite, drawn));
      expect(native).toEqual(expected);
    }
  });

  it("seals to a public key, opens and exports as the suite of groups does", async () => {
    const privateKeyIn = ({ hpke }: typeof nativeSuite) => hpke.importPrivateKey(seed(3));
    const pair = await shipped.hpke.generateKeyPair();
    const publicKey = await shipped.hpke.exportPublicKey(pair.publicKey);
    const privateKey = await shipped.hpke.exportPrivateKey(pair.privateKey);
    const [native, expected] = await answers(async ({ hpke }) =>
      hpke.seal(await hpke.importPublicKey(publicKey), words, info, aad),
    );
    expect(native).toEqual(expected);
    for (const suite of [shipped, nativeSuite]) {
      const key = await suite.hpke.importPrivateKey(privateKey);
      expect(await suite.hpke.open(key, native.enc, native.ct, info, aad)).toEqual(words);
      await expect(suite.hpke.open(key, native.enc, native.ct, aad, aad)).rejects.toThrow(CryptoError);
      await expect(suite.hpke.open(await privateKeyIn(suite), native.enc, native.ct, info, aad)).rejects.toThrow(
        CryptoError,
      );
    }
    const [sent, alike] = await answers(async ({ hpke }) =>
      hpke.exportSecret(await hpke.importPublicKey(publicKey), aad, 32, info),
    );
    expect(sent).toEqual(alike);
    const key = await nativeSuite.hpke.importPrivateKey(privateKey);
    expect(await nativeSuite.hpke.importSecret(key, aad, sent.enc, 32, info)).toEqual(sent.secret);
  });

  it("refuses keys and encapsulations of another length", async () => {
    await expect(nativeSuite.hpke.importPublicKey(seed(1))).rejects.toThrow(CryptoError);
    await expect(nativeSuite.hpke.importPrivateKey(words)).rejects.toThrow(CryptoError);
    const key = await nativeSuite.hpke.importPrivateKey(seed(1));
    await expect(nativeSuite.hpke.open(key, words, words, info)).rejects.toThrow(CryptoError);
    await expect(nativeSuite.hpke.open(key, new Uint8Array(1_120), words, info)).rejects.toThrow();
  });
});

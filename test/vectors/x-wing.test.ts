import { AeadId, type AeadInterface, CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { expect, test } from "vitest";
import { cipherSuite } from "../../core/group/suite.ts";
import { hex, orRefused, readVectors } from "./read-vectors.ts";

type Kem = {
  number: number;
  privateKey: string;
  publicKey: string;
  random: string;
  ciphertext: string;
  shared: string;
};
type Hpke = {
  number: number;
  info: string;
  privateKey: string;
  publicKey: string;
  encapsulated: string;
  shared: string;
  exporterContext: string;
  exported: string;
  associatedData: string;
  message: string;
  ciphertext: string;
};

const kem = new XWing();
const bytes = (text: string): ArrayBuffer => hex(text).slice().buffer;

test("X-Wing gives the keys, ciphertexts and secrets of its draft", async () => {
  for (const given of readVectors<Kem>("x-wing-draft", 3)) {
    const pair = await kem.generateKeyPairDerand(hex(given.privateKey));
    const publicKey = new Uint8Array(await kem.serializePublicKey(pair.publicKey));
    expect(publicKey, `case ${given.number}`).toEqual(hex(given.publicKey));
    const { enc, sharedSecret } = await kem.encap({ recipientPublicKey: pair.publicKey, ekm: bytes(given.random) });
    expect(new Uint8Array(enc), `case ${given.number}`).toEqual(hex(given.ciphertext));
    expect(new Uint8Array(sharedSecret), `case ${given.number}`).toEqual(hex(given.shared));
    const decapsulated = await kem.decap({ recipientKey: pair.privateKey, enc: bytes(given.ciphertext) });
    expect(new Uint8Array(decapsulated), `case ${given.number}`).toEqual(hex(given.shared));
  }
});

test("X-Wing refuses a peer whose X25519 half leads to zero or whose ML-KEM half is out of range", async () => {
  const [given] = readVectors<Kem>("x-wing-draft", 3) as [Kem, Kem, Kem];
  const encapsulate = async (publicKey: Uint8Array) => {
    const recipientPublicKey = await kem.deserializePublicKey(publicKey.slice().buffer);
    return (await kem.encap({ recipientPublicKey, ekm: bytes(given.random) })).sharedSecret.byteLength;
  };
  const honest = hex(given.publicKey);
  expect(await orRefused(() => encapsulate(honest))).toBe(32);
  expect(await orRefused(() => encapsulate(honest.slice().fill(0, 1184)))).toBe("refused");
  expect(await orRefused(() => encapsulate(honest.slice().fill(0xff, 0, 3)))).toBe("refused");
  expect(await orRefused(() => encapsulate(honest.subarray(1)))).toBe("refused");
});

type Buffer = ArrayBufferLike | ArrayBufferView;

function view(data: Buffer): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/** The draft has no vectors for Kith's AEAD and hash. This AEAD lets its only X-Wing case with HKDF run. */
const chacha: AeadInterface = {
  id: AeadId.Chacha20Poly1305,
  keySize: 32,
  nonceSize: 12,
  tagSize: 16,
  createEncryptionContext: (key: Buffer) => {
    const cipher = (nonce: Buffer, data: Buffer) => chacha20poly1305(view(key), view(nonce), view(data));
    return {
      seal: async (nonce, message, data) => cipher(nonce, data).encrypt(view(message)).slice().buffer,
      open: async (nonce, sealed, data) => cipher(nonce, data).decrypt(view(sealed)).slice().buffer,
    };
  },
};

test("HPKE over X-Wing opens and exports what its draft says", async () => {
  const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: chacha });
  for (const given of readVectors<Hpke>("hpke-x-wing-draft", 1)) {
    const recipientKey = await kem.deserializePrivateKey(bytes(given.privateKey));
    const shared = await kem.decap({ recipientKey, enc: bytes(given.encapsulated) });
    expect(new Uint8Array(shared), `case ${given.number}`).toEqual(hex(given.shared));
    const recipient = await suite.createRecipientContext({
      recipientKey,
      enc: bytes(given.encapsulated),
      info: bytes(given.info),
    });
    const exported = await recipient.export(bytes(given.exporterContext), given.exported.length / 2);
    expect(new Uint8Array(exported), `case ${given.number}`).toEqual(hex(given.exported));
    const opened = await recipient.open(bytes(given.ciphertext), bytes(given.associatedData));
    expect(new Uint8Array(opened), `case ${given.number}`).toEqual(hex(given.message));
  }
});

test("the MLS suite seals to an X-Wing key what only that key opens, unaltered", async () => {
  const { hpke } = await cipherSuite();
  const bob = await hpke.generateKeyPair();
  const mallory = await hpke.generateKeyPair();
  const [info, data, message] = [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3, 4, 5)];
  const { ct, enc } = await hpke.seal(bob.publicKey, message, info, data);
  expect(await hpke.open(bob.privateKey, enc, ct, info, data)).toEqual(message);
  const altered = (part: Uint8Array) => part.map((byte, index) => (index === part.length >> 1 ? byte ^ 1 : byte));
  expect(await orRefused(() => hpke.open(mallory.privateKey, enc, ct, info, data))).toBe("refused");
  expect(await orRefused(() => hpke.open(bob.privateKey, altered(enc), ct, info, data))).toBe("refused");
  expect(await orRefused(() => hpke.open(bob.privateKey, enc, altered(ct), info, data))).toBe("refused");
  expect(await orRefused(() => hpke.open(bob.privateKey, enc, ct, altered(info), data))).toBe("refused");
  expect(await orRefused(() => hpke.open(bob.privateKey, enc, ct, info, altered(data)))).toBe("refused");
  expect(await orRefused(() => hpke.open(bob.privateKey, enc.subarray(1), ct, info, data))).toBe("refused");
});

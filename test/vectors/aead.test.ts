import { chacha20poly1305, xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { expect, test } from "vitest";
import { open, seal } from "../../core/crypto/seal.ts";
import { cipherSuite } from "../../core/group/suite.ts";
import { hex, orRefused, readVectors } from "./read-vectors.ts";

type Example = {
  number: number;
  key: string;
  nonce: string;
  associatedData: string;
  message: string;
  ciphertext: string;
  tag: string;
};
type Case = Example & { valid: boolean };
type Aead = {
  encrypt(key: Uint8Array, nonce: Uint8Array, data: Uint8Array, message: Uint8Array): Uint8Array | Promise<Uint8Array>;
  decrypt(key: Uint8Array, nonce: Uint8Array, data: Uint8Array, sealed: Uint8Array): Uint8Array | Promise<Uint8Array>;
};

async function check(aead: Aead, given: Case): Promise<void> {
  const [key, nonce, data, message] = [given.key, given.nonce, given.associatedData, given.message].map(hex) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const sealed = concatBytes(hex(given.ciphertext), hex(given.tag));
  const opened = await orRefused(() => aead.decrypt(key, nonce, data, sealed));
  expect(opened, `case ${given.number} opened`).toEqual(given.valid ? message : "refused");
  const made = await orRefused(() => aead.encrypt(key, nonce, data, message));
  if (given.valid) expect(made, `case ${given.number} sealed`).toEqual(sealed);
  else expect(made, `case ${given.number} sealed`).not.toEqual(sealed);
}

const chacha: Aead = {
  encrypt: (key, nonce, data, message) => chacha20poly1305(key, nonce, data).encrypt(message),
  decrypt: (key, nonce, data, sealed) => chacha20poly1305(key, nonce, data).decrypt(sealed),
};

const xchacha: Aead = {
  encrypt: (key, nonce, data, message) => xchacha20poly1305(key, nonce, data).encrypt(message),
  decrypt: (key, nonce, data, sealed) => xchacha20poly1305(key, nonce, data).decrypt(sealed),
};

/** core/crypto's seal carries its nonce in front; cases with another nonce length cannot be expressed through it. */
const ours: Aead = {
  encrypt: (key, nonce, data, message) => seal(key, nonce, message, data).subarray(nonce.length),
  decrypt: (key, nonce, data, sealed) => {
    const opened = open(key, concatBytes(nonce, sealed), data);
    if (!opened.ok) throw new Error(opened.error);
    return opened.value;
  },
};

async function inMls(): Promise<Aead> {
  const { hpke } = await cipherSuite();
  return {
    encrypt: (key, nonce, data, message) => hpke.encryptAead(key, nonce, data, message),
    decrypt: (key, nonce, data, sealed) => hpke.decryptAead(key, nonce, data, sealed),
  };
}

test("ChaCha20-Poly1305 gives the bytes of RFC 8439", async () => {
  for (const example of readVectors<Example>("chacha20-poly1305-rfc8439", 2)) {
    await check(chacha, { ...example, valid: true });
  }
});

test("ChaCha20-Poly1305 opens and refuses what Wycheproof says", async () => {
  for (const given of readVectors<Case>("chacha20-poly1305-wycheproof", 325)) await check(chacha, given);
});

test("XChaCha20-Poly1305 gives the bytes of its draft, in noble and in Kith's seal", async () => {
  for (const example of readVectors<Example>("xchacha20-poly1305-draft", 1)) {
    await check(xchacha, { ...example, valid: true });
    await check(ours, { ...example, valid: true });
  }
});

test("XChaCha20-Poly1305 opens and refuses what Wycheproof says, in noble and in Kith's seal", async () => {
  let throughSeal = 0;
  for (const given of readVectors<Case>("xchacha20-poly1305-wycheproof", 315)) {
    await check(xchacha, given);
    if (given.nonce.length !== 48) continue;
    await check(ours, given);
    throughSeal += 1;
  }
  expect(throughSeal).toBe(306);
});

test("AES-256-GCM opens and refuses what Wycheproof says, in MLS", async () => {
  const mls = await inMls();
  for (const given of readVectors<Case>("aes-256-gcm-wycheproof", 66)) await check(mls, given);
});

import { MlKem768 } from "@hpke/ml-kem";
import { MlKem768 as Lattice } from "mlkem";
import { expect, test } from "vitest";
import { hex, orRefused, readVectors } from "./read-vectors.ts";

type KeyPair = { number: number; seed: string; publicKey: string };
type PublicKey = { number: number; publicKey: string; valid: boolean };
type Encapsulation = { number: number; publicKey: string; random: string; ciphertext: string; shared: string };
type Decapsulation = { number: number; ciphertext: string; shared: string };

/** HPKE's ML-KEM-768 takes and gives key objects; the vectors hold bytes. */
const kem = new MlKem768();
/** The implementation under it, which X-Wing shares: the only one that takes expanded private keys. */
const lattice = new Lattice();

const bytes = (text: string): ArrayBuffer => hex(text).slice().buffer;

async function encapsulate(publicKey: string, random: string): Promise<[Uint8Array, Uint8Array]> {
  const recipientPublicKey = await kem.deserializePublicKey(bytes(publicKey));
  const { enc, sharedSecret } = await kem.encap({ recipientPublicKey, ekm: bytes(random) });
  return [new Uint8Array(enc), new Uint8Array(sharedSecret)];
}

async function decapsulate(seed: string, ciphertext: string): Promise<Uint8Array> {
  const recipientKey = await kem.deserializePrivateKey(bytes(seed));
  return new Uint8Array(await kem.decap({ recipientKey, enc: bytes(ciphertext) }));
}

test("ML-KEM-768 makes the key pairs of NIST's validation programme", async () => {
  for (const { number, seed, publicKey } of readVectors<KeyPair>("ml-kem-768-keygen-acvp", 25)) {
    const pair = await kem.deriveKeyPair(bytes(seed));
    const made = new Uint8Array(await kem.serializePublicKey(pair.publicKey));
    expect(made, `case ${number}`).toEqual(hex(publicKey));
  }
});

test("ML-KEM-768 encapsulates as NIST's validation programme says", async () => {
  for (const given of readVectors<Encapsulation>("ml-kem-768-encaps-acvp", 15)) {
    const made = await encapsulate(given.publicKey, given.random);
    expect(made, `case ${given.number}`).toEqual([hex(given.ciphertext), hex(given.shared)]);
  }
});

test("ML-KEM-768 decapsulates as NIST's validation programme says, altered ciphertexts included", async () => {
  for (const given of readVectors<Decapsulation & { privateKey: string }>("ml-kem-768-decaps-acvp", 10)) {
    const made = await lattice.decap(hex(given.ciphertext), hex(given.privateKey));
    expect(made, `case ${given.number}`).toEqual(hex(given.shared));
  }
});

test("ML-KEM-768 refuses public keys with numbers out of range", async () => {
  const random = "00".repeat(32);
  for (const { number, publicKey, valid } of readVectors<PublicKey>("ml-kem-768-public-key-acvp", 10)) {
    const made = await orRefused(() => encapsulate(publicKey, random));
    expect(made !== "refused", `case ${number}`).toBe(valid);
  }
});

test("ML-KEM-768 encapsulates and refuses what Wycheproof says", async () => {
  type Case = Encapsulation & { valid: boolean };
  for (const given of readVectors<Case>("ml-kem-768-encaps-wycheproof", 63)) {
    const made = await orRefused(() => encapsulate(given.publicKey, given.random));
    const expected = given.valid ? [hex(given.ciphertext), hex(given.shared)] : "refused";
    expect(made, `case ${given.number}`).toEqual(expected);
  }
});

test("ML-KEM-768 decapsulates and refuses what Wycheproof says", async () => {
  type Case = Decapsulation & { seed: string; valid: boolean };
  for (const given of readVectors<Case>("ml-kem-768-decaps-wycheproof", 105)) {
    const made = await orRefused(() => decapsulate(given.seed, given.ciphertext));
    expect(made, `case ${given.number}`).toEqual(given.valid ? hex(given.shared) : "refused");
  }
});

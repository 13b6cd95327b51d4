import { ed25519 } from "@noble/curves/ed25519.js";
import { expect, test } from "vitest";
import { publicKeyOf } from "../../core/crypto/signature.ts";
import { cipherSuite } from "../../core/group/suite.ts";
import { hex, orRefused, readVectors } from "./read-vectors.ts";

type Example = { number: number; seed: string; publicKey: string; message: string; signature: string };
type Case = { number: number; publicKey: string; message: string; signature: string; valid: boolean };

/** The way core/crypto verifies, without its label. */
function verifyStrictly({ signature, message, publicKey }: Case): boolean {
  return ed25519.verify(hex(signature), hex(message), hex(publicKey), { zip215: false });
}

test("Ed25519 gives the keys and signatures of RFC 8032, in noble and in MLS", async () => {
  const { signature } = await cipherSuite();
  for (const example of readVectors<Example>("ed25519-rfc8032", 5)) {
    const [seed, message, expected] = [hex(example.seed), hex(example.message), hex(example.signature)];
    expect(publicKeyOf(seed), `case ${example.number}`).toEqual(hex(example.publicKey));
    expect(ed25519.sign(message, seed), `case ${example.number}`).toEqual(expected);
    expect(verifyStrictly({ ...example, valid: true }), `case ${example.number}`).toBe(true);
    expect(await signature.sign(seed, message), `MLS, case ${example.number}`).toEqual(expected);
    expect(await signature.verify(hex(example.publicKey), message, expected), `MLS, case ${example.number}`).toBe(true);
  }
});

test("Ed25519 accepts and refuses what Wycheproof says, in noble and in MLS", async () => {
  const suite = await cipherSuite();
  for (const given of readVectors<Case>("ed25519-wycheproof", 151)) {
    const verdict = await orRefused(() => verifyStrictly(given));
    expect(verdict === true, `case ${given.number}`).toBe(given.valid);
    const inMls = await orRefused(() => {
      return suite.signature.verify(hex(given.publicKey), hex(given.message), hex(given.signature));
    });
    expect(inMls === true, `MLS, case ${given.number}`).toBe(given.valid);
  }
});

/*
 * Keys and signatures with a part of small order, non-canonical points and S beyond the group's order. RFC 8032 lets
 * a verifier multiply by the cofactor or not: noble does, WebCrypto (which MLS uses) does not and so refuses more.
 * `valid` is the rule of core/crypto; MLS must never accept what that rule refuses.
 */
test("Ed25519 refuses keys of small order, non-canonical points and oversized scalars", async () => {
  const suite = await cipherSuite();
  for (const given of readVectors<Case>("ed25519-edge", 12)) {
    expect(verifyStrictly(given), `case ${given.number}`).toBe(given.valid);
    const inMls = await orRefused(() => {
      return suite.signature.verify(hex(given.publicKey), hex(given.message), hex(given.signature));
    });
    if (!given.valid) expect(inMls, `MLS, case ${given.number}`).not.toBe(true);
  }
});

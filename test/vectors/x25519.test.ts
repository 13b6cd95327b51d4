import { HkdfSha256, X25519 } from "@hpke/dhkem-x25519";
import { x25519 } from "@noble/curves/ed25519.js";
import { expect, test } from "vitest";
import { hex, orRefused, readVectors } from "./read-vectors.ts";

type Example = { number: number; privateKey: string; publicKey: string; shared: string };
type Case = Example & { zero: boolean };

/** X25519 as X-Wing calls it: the curve inside the KEM of the MLS suite. */
const inXWing = new X25519(new HkdfSha256());

test("X25519 gives the shared secrets of RFC 7748", async () => {
  for (const { number, privateKey, publicKey, shared } of readVectors<Example>("x25519-rfc7748", 4)) {
    expect(x25519.getSharedSecret(hex(privateKey), hex(publicKey)), `case ${number}`).toEqual(hex(shared));
    expect(await inXWing.derive(hex(privateKey), hex(publicKey)), `X-Wing, case ${number}`).toEqual(hex(shared));
  }
});

test("X25519 gives what Wycheproof says and refuses every public key that leads to zero", async () => {
  for (const { number, zero, ...given } of readVectors<Case>("x25519-wycheproof", 518)) {
    const [privateKey, publicKey] = [hex(given.privateKey), hex(given.publicKey)];
    const expected = zero ? "refused" : hex(given.shared);
    expect(await orRefused(() => x25519.getSharedSecret(privateKey, publicKey)), `case ${number}`).toEqual(expected);
    expect(await orRefused(() => inXWing.derive(privateKey, publicKey)), `X-Wing, case ${number}`).toEqual(expected);
  }
});

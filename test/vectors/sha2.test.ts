import { sha512 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { expect, test } from "vitest";
import { sha256 } from "../../core/crypto/hash.ts";
import { cipherSuite } from "../../core/group/suite.ts";
import { hex, readVectors } from "./read-vectors.ts";

type Example = { number: number; repeat: number; message: string; sha256: string; sha512: string };
type Digest = { number: number; message: string; expected: string };

test("SHA-256 and SHA-512 give the digests of FIPS 180", async () => {
  const { hash } = await cipherSuite();
  for (const { number, repeat, message, ...digests } of readVectors<Example>("sha2-fips180", 5)) {
    const input = repeat === 1 ? hex(message) : utf8ToBytes("a".repeat(repeat));
    expect(sha256(input), `case ${number}`).toEqual(hex(digests.sha256));
    expect(sha512(input), `case ${number}`).toEqual(hex(digests.sha512));
    expect(await hash.digest(input), `MLS, case ${number}`).toEqual(hex(digests.sha512));
  }
});

test("SHA-256 gives the digests of NIST's validation programme", () => {
  for (const { number, message, expected } of readVectors<Digest>("sha256-acvp", 14)) {
    expect(sha256(hex(message)), `case ${number}`).toEqual(hex(expected));
  }
});

test("SHA-512 gives the digests of NIST's validation programme, in Kith and in MLS", async () => {
  const { hash } = await cipherSuite();
  for (const { number, message, expected } of readVectors<Digest>("sha512-acvp", 22)) {
    expect(sha512(hex(message)), `case ${number}`).toEqual(hex(expected));
    expect(await hash.digest(hex(message)), `MLS, case ${number}`).toEqual(hex(expected));
  }
});

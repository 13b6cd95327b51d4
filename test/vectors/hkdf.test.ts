import { extract, hkdf } from "@noble/hashes/hkdf.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { expect, test } from "vitest";
import { cipherSuite } from "../../core/group/suite.ts";
import { hex, orRefused, readVectors } from "./read-vectors.ts";

type Example = { number: number; secret: string; salt: string; info: string; extracted: string; expected: string };
type Case = {
  number: number;
  secret: string;
  salt: string;
  info: string;
  lengthBytes: number;
  expected: string;
  valid: boolean;
};

/**
 * MLS salts are always as long as the hash, and its implementation takes no other. To HMAC a short salt and the same
 * salt with zeros behind it are one key (RFC 2104 §2).
 */
function zeroPadded(salt: Uint8Array, length: number): Uint8Array {
  const whole = new Uint8Array(length);
  whole.set(salt);
  return whole;
}

test("HKDF-SHA-256 gives the keys of RFC 5869", () => {
  for (const { number, secret, salt, info, extracted, expected } of readVectors<Example>("hkdf-sha256-rfc5869", 3)) {
    expect(extract(sha256, hex(secret), hex(salt)), `case ${number}`).toEqual(hex(extracted));
    const key = hkdf(sha256, hex(secret), hex(salt), hex(info), expected.length / 2);
    expect(key, `case ${number}`).toEqual(hex(expected));
  }
});

test("HKDF-SHA-256 gives and refuses what Wycheproof says", async () => {
  for (const { number, valid, ...given } of readVectors<Case>("hkdf-sha256-wycheproof", 84)) {
    const key = await orRefused(() => {
      return hkdf(sha256, hex(given.secret), hex(given.salt), hex(given.info), given.lengthBytes);
    });
    expect(key, `case ${number}`).toEqual(valid ? hex(given.expected) : "refused");
  }
});

test("HKDF-SHA-512 gives and refuses what Wycheproof says, in noble and in MLS", async () => {
  const { kdf } = await cipherSuite();
  let throughMls = 0;
  for (const { number, valid, ...given } of readVectors<Case>("hkdf-sha512-wycheproof", 81)) {
    const [secret, salt, info] = [hex(given.secret), hex(given.salt), hex(given.info)];
    const expected = valid ? hex(given.expected) : "refused";
    const key = await orRefused(() => hkdf(sha512, secret, salt, info, given.lengthBytes));
    expect(key, `case ${number}`).toEqual(expected);
    if (salt.length > kdf.size) continue;
    const inMls = await orRefused(async () => {
      return kdf.expand(await kdf.extract(zeroPadded(salt, kdf.size), secret), info, given.lengthBytes);
    });
    expect(inMls, `MLS, case ${number}`).toEqual(expected);
    throughMls += 1;
  }
  expect(throughMls).toBe(80);
});

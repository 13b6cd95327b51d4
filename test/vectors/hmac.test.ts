import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { expect, test } from "vitest";
import { equalMac } from "../../core/crypto/mac.ts";
import { cipherSuite } from "../../core/group/suite.ts";
import { hex, readVectors } from "./read-vectors.ts";

type Example = { number: number; key: string; message: string; sha256: string; sha512: string };
type Case = { number: number; key: string; message: string; tag: string; valid: boolean };

test("HMAC gives the tags of RFC 4231", async () => {
  const { hash } = await cipherSuite();
  for (const { number, key, message, ...tags } of readVectors<Example>("hmac-sha2-rfc4231", 7)) {
    const short = hmac(sha256, hex(key), hex(message));
    const long = hmac(sha512, hex(key), hex(message));
    expect(short.subarray(0, tags.sha256.length / 2), `case ${number}`).toEqual(hex(tags.sha256));
    expect(long.subarray(0, tags.sha512.length / 2), `case ${number}`).toEqual(hex(tags.sha512));
    expect(await hash.mac(hex(key), hex(message)), `MLS, case ${number}`).toEqual(long);
  }
});

test("HMAC-SHA-256 accepts and refuses what Wycheproof says", () => {
  for (const { number, key, message, tag, valid } of readVectors<Case>("hmac-sha256-wycheproof", 174)) {
    const made = hmac(sha256, hex(key), hex(message)).subarray(0, tag.length / 2);
    expect(equalMac(made, hex(tag)), `case ${number}`).toBe(valid);
  }
});

test("HMAC-SHA-512 accepts and refuses what Wycheproof says, in noble and in MLS", async () => {
  const { hash } = await cipherSuite();
  for (const { number, key, message, tag, valid } of readVectors<Case>("hmac-sha512-wycheproof", 174)) {
    const made = hmac(sha512, hex(key), hex(message)).subarray(0, tag.length / 2);
    expect(equalMac(made, hex(tag)), `case ${number}`).toBe(valid);
    const inMls = (await hash.mac(hex(key), hex(message))).subarray(0, tag.length / 2);
    expect(equalMac(inMls, hex(tag)), `MLS, case ${number}`).toBe(valid);
    // MLS never truncates a tag: a shortened one is refused even where its bytes are right.
    const whole = tag.length / 2 === 64;
    expect(await hash.verifyMac(hex(key), hex(tag), hex(message)), `MLS, case ${number}`).toBe(valid && whole);
  }
});

import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha512 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deriveKey } from "../../../core/crypto/kdf.ts";
import { labelled, labels } from "../../../core/crypto/labels.ts";

const secret = new Uint8Array(32).fill(7);

describe("a derived key", () => {
  test("is HKDF-SHA-512 without salt over the labelled context", () => {
    const lengths = fc.integer({ min: 1, max: 200 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ maxLength: 64 }), lengths, (secret, context, n) => {
        const info = labelled(labels.topicKey, context);
        const expected = expand(sha512, extract(sha512, secret, new Uint8Array(64)), info, n);
        expect(deriveKey(secret, labels.topicKey, context, n)).toEqual(expected);
      }),
    );
  });

  test("is 32 bytes with an empty context unless said otherwise", () => {
    expect(deriveKey(secret, labels.slot)).toEqual(deriveKey(secret, labels.slot, new Uint8Array(0), 32));
  });

  test("differs for every label, context and secret", () => {
    const keys = [
      ...Object.values(labels).map((label) => deriveKey(secret, label)),
      deriveKey(secret, labels.slot, Uint8Array.of(0)),
      deriveKey(secret, labels.slot, Uint8Array.of(0, 0)),
      deriveKey(secret.slice(1), labels.slot),
    ];
    expect(new Set(keys.map((key) => key.join())).size).toBe(keys.length);
  });
});

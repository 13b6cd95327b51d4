import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { labels } from "../../../core/crypto/labels.ts";
import { equalMac, mac, macBytes } from "../../../core/crypto/mac.ts";

const bytes = fc.uint8Array({ maxLength: 100 });

describe("a MAC", () => {
  test("is the same for the same key, label and message, and different for any other", () => {
    fc.assert(
      fc.property(bytes, fc.uint8Array({ minLength: 1, maxLength: 64 }), (message, key) => {
        const tag = mac(key, labels.linkMac, message);
        expect(tag.length).toBe(macBytes);
        expect(equalMac(tag, mac(key, labels.linkMac, message))).toBe(true);
        expect(equalMac(tag, mac(key, labels.linkProof, message))).toBe(false);
        expect(equalMac(tag, mac(key, labels.linkMac, Uint8Array.of(...message, 0)))).toBe(false);
        expect(equalMac(tag, mac(Uint8Array.of(...key, 1), labels.linkMac, message))).toBe(false);
      }),
    );
  });

  test("equals only a MAC of the same length and bytes", () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(equalMac(a, a.slice())).toBe(true);
        expect(equalMac(a, b)).toBe(a.join() === b.join());
      }),
    );
    expect(equalMac(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
  });
});

import { ed25519 } from "@noble/curves/ed25519.js";
import { hexToBytes } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { labelled, labels } from "../../../core/crypto/labels.ts";
import { publicKeyOf, sign, verify } from "../../../core/crypto/signature.ts";

const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
const bytes = fc.uint8Array({ maxLength: 200 });
const label = fc.constantFrom(...Object.values(labels));

/** Every 32-byte form of the eight points of small order (RFC 7748's curve in Edwards form), non-canonical ones too. */
const smallOrderKeys = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
  "0100000000000000000000000000000000000000000000000000000000000080",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
].map(hexToBytes);

function flipBit(whole: Uint8Array, position: number): Uint8Array {
  const bit = position % (whole.length * 8);
  return whole.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}

describe("a signature", () => {
  test("is good for its label, message and key, and is plain Ed25519 over the labelled message", () => {
    fc.assert(
      fc.property(label, bytes, seed, (label, message, seed) => {
        const signature = sign(label, message, seed);
        expect(verify(label, message, signature, publicKeyOf(seed))).toBe(true);
        expect(ed25519.verify(signature, labelled(label, message), publicKeyOf(seed), { zip215: false })).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test("is worthless under another label", () => {
    const seed = new Uint8Array(32).fill(7);
    const signature = sign(labels.deviceList, Uint8Array.of(1), seed);
    for (const label of Object.values(labels)) {
      const verdict = verify(label, Uint8Array.of(1), signature, publicKeyOf(seed));
      expect(verdict, label).toBe(label === labels.deviceList);
    }
  });

  test("with any bit of signature, key or message flipped is refused", () => {
    fc.assert(
      fc.property(bytes, seed, fc.nat(), (message, seed, position) => {
        const signature = sign(labels.custody, message, seed);
        const key = publicKeyOf(seed);
        expect(verify(labels.custody, message, flipBit(signature, position), key)).toBe(false);
        expect(verify(labels.custody, message, signature, flipBit(key, position))).toBe(false);
        expect(verify(labels.custody, Uint8Array.of(...message, 0), signature, key)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  test("cannot be turned into a second one by adding the group's order to its scalar", () => {
    const seed = new Uint8Array(32).fill(7);
    const signature = sign(labels.custody, Uint8Array.of(1), seed);
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    let scalar = order;
    for (let i = 0; i < 32; i++) scalar += BigInt(signature[32 + i]!) << BigInt(8 * i);
    const second = signature.slice();
    for (let i = 0; i < 32; i++) second[32 + i] = Number((scalar >> BigInt(8 * i)) & 255n);
    expect(second).not.toEqual(signature);
    expect(verify(labels.custody, Uint8Array.of(1), second, publicKeyOf(seed))).toBe(false);
  });

  test("under a key of small order is refused, though it would fit any message", () => {
    const forged = new Uint8Array(64);
    forged[0] = 1;
    let fitsLoosely = 0;
    for (const key of smallOrderKeys) {
      for (let message = 0; message < 8; message++) {
        const chosen = Uint8Array.of(message);
        const loose = ed25519.verify(forged, labelled(labels.deviceList, chosen), key, { zip215: true });
        if (loose) fitsLoosely += 1;
        expect(verify(labels.deviceList, chosen, forged, key)).toBe(false);
      }
    }
    expect(fitsLoosely).toBe(8 * smallOrderKeys.length);
  });

  test("made of arbitrary bytes is refused without throwing, whatever the lengths", () => {
    const loose = fc.uint8Array({ maxLength: 70 });
    const exact = fc.tuple(
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
    );
    fc.assert(
      fc.property(label, bytes, fc.oneof(fc.tuple(loose, loose), exact), (label, message, [signature, key]) => {
        expect(verify(label, message, signature, key)).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });
});

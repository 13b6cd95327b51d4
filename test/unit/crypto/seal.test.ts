import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { open, seal, sealOverheadBytes } from "../../../core/crypto/seal.ts";

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const nonce = fc.uint8Array({ minLength: 24, maxLength: 24 });
const bytes = fc.uint8Array({ maxLength: 300 });

function flipBit(whole: Uint8Array, position: number): Uint8Array {
  const bit = position % (whole.length * 8);
  return whole.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}

describe("a seal", () => {
  test("opens to what was sealed, and is longer by nonce and tag", () => {
    fc.assert(
      fc.property(key, nonce, bytes, bytes, (key, nonce, plaintext, data) => {
        const sealed = seal(key, nonce, plaintext, data);
        expect(sealed.length).toBe(plaintext.length + sealOverheadBytes);
        expect(sealed.subarray(0, 24)).toEqual(nonce);
        expect(open(key, sealed, data)).toEqual({ ok: true, value: plaintext });
      }),
    );
  });

  test("with any bit flipped is not authentic: nonce, ciphertext or tag", () => {
    fc.assert(
      fc.property(key, nonce, bytes, bytes, fc.nat(), (key, nonce, plaintext, data, position) => {
        const sealed = flipBit(seal(key, nonce, plaintext, data), position);
        expect(open(key, sealed, data)).toEqual({ ok: false, error: "not-authentic" });
      }),
      { numRuns: 1000 },
    );
  });

  test("cut short or lengthened is not authentic", () => {
    fc.assert(
      fc.property(key, nonce, bytes, fc.nat(), (key, nonce, plaintext, cut) => {
        const sealed = seal(key, nonce, plaintext, new Uint8Array(0));
        const short = sealed.subarray(0, cut % sealed.length);
        expect(open(key, short, new Uint8Array(0))).toEqual({ ok: false, error: "not-authentic" });
        const long = Uint8Array.of(...sealed, 0);
        expect(open(key, long, new Uint8Array(0))).toEqual({ ok: false, error: "not-authentic" });
      }),
    );
  });

  test("does not open under another key or for other associated data", () => {
    fc.assert(
      fc.property(key, nonce, bytes, bytes, fc.nat(), (key, nonce, plaintext, data, position) => {
        const sealed = seal(key, nonce, plaintext, data);
        expect(open(flipBit(key, position), sealed, data).ok).toBe(false);
        expect(open(key, sealed, Uint8Array.of(...data, 0)).ok).toBe(false);
      }),
    );
  });

  test("refuses arbitrary bytes of every length without throwing", () => {
    fc.assert(
      fc.property(key, fc.uint8Array({ maxLength: 200 }), bytes, (key, sealed, data) => {
        expect(open(key, sealed, data)).toEqual({ ok: false, error: "not-authentic" });
      }),
      { numRuns: 5000 },
    );
  });

  test("leaves its inputs as they were", () => {
    const [key, nonce] = [new Uint8Array(32).fill(1), new Uint8Array(24).fill(2)];
    const [plaintext, data] = [Uint8Array.of(3, 4), Uint8Array.of(5)];
    const sealed = seal(key, nonce, plaintext, data);
    const copy = sealed.slice();
    open(key, sealed, data);
    expect([...key, ...nonce, ...plaintext, ...data]).toEqual([...Array(32).fill(1), ...Array(24).fill(2), 3, 4, 5]);
    expect(sealed).toEqual(copy);
  });

  test("is never made with a key or nonce of the wrong length", () => {
    const none = new Uint8Array(0);
    expect(() => seal(new Uint8Array(31), new Uint8Array(24), none, none)).toThrow();
    expect(() => seal(new Uint8Array(32), new Uint8Array(12), none, none)).toThrow();
  });
});

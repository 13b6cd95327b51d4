import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat, uint32 } from "../../../core/lang/bytes.ts";
import { pad, unpad } from "../../../core/wire/padding.ts";

const malformed = { ok: false, error: "malformed" };

describe("padding", () => {
  test("comes off as it went on, also from within other bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 96 }), (bytes) => {
        const padded = pad(bytes, 100);
        expect(padded.length).toBe(100);
        const inside = concat(Uint8Array.of(9, 9, 9), padded, Uint8Array.of(9)).subarray(3, 103);
        expect(unpad(inside)).toEqual({ ok: true, value: bytes });
      }),
    );
  });

  test("of a length beyond what is there is malformed", () => {
    expect(unpad(concat(uint32(3), Uint8Array.of(1, 2, 3))).ok).toBe(true);
    expect(unpad(concat(uint32(4), Uint8Array.of(1, 2, 3)))).toEqual(malformed);
    expect(unpad(concat(uint32(0xffffffff), Uint8Array.of(1, 2, 3)))).toEqual(malformed);
    expect(unpad(Uint8Array.of(0, 0, 0))).toEqual(malformed);
  });

  test("that is not zero is malformed, wherever it is not", () => {
    for (const at of [5, 6, 49, 99]) {
      expect(unpad(pad(Uint8Array.of(7), 100).fill(1, at, at + 1))).toEqual(malformed);
    }
  });

  test("to less than the length is a bug", () => {
    expect(() => pad(new Uint8Array(97), 100)).toThrow();
  });
});

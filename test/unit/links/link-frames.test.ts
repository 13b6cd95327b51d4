import fc from "fast-check";
import { expect, test } from "vitest";
import { concat } from "../../../core/lang/bytes.ts";
import { createFrameReader, frameBytes } from "../../../core/network/link-frames.ts";
import { maxFrameBytes } from "../../../core/wire/bounds.ts";

const frame = fc.uint8Array({ minLength: 1, maxLength: 300 });

test("gives back the frames that were written, however the bytes are cut", () => {
  const property = fc.property(
    fc.array(frame),
    fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1 }),
    (frames, cuts) => {
      const reader = createFrameReader();
      let rest = concat(...frames.map(frameBytes));
      const read: Uint8Array[] = [];
      for (let i = 0; rest.length > 0; i++) {
        const size = cuts[i % cuts.length] ?? 1;
        const got = reader.read(rest.subarray(0, size));
        if (!got.ok) throw new Error(got.error);
        read.push(...got.value);
        rest = rest.subarray(size);
      }
      expect(read).toEqual(frames);
    },
  );
  fc.assert(property, { numRuns: 2_000 });
});

test("takes a frame of the longest length and none longer", () => {
  expect(createFrameReader().read(frameBytes(new Uint8Array(maxFrameBytes)))).toMatchObject({ ok: true });
  const head = frameBytes(new Uint8Array(maxFrameBytes + 1)).subarray(0, 4);
  expect(createFrameReader().read(head)).toEqual({ ok: false, error: "too-long" });
});

test("refuses a frame of four gibibytes at its fourth byte", () => {
  expect(createFrameReader().read(Uint8Array.of(255, 255, 255, 255))).toEqual({ ok: false, error: "too-long" });
});

test("refuses an empty frame", () => {
  expect(createFrameReader().read(Uint8Array.of(0, 0, 0, 0))).toEqual({ ok: false, error: "empty" });
});

test("reads any bytes without throwing and never gives a frame beyond its bound", () => {
  const property = fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }), (chunks) => {
    const reader = createFrameReader();
    for (const chunk of chunks) {
      const got = reader.read(chunk);
      if (!got.ok) return;
      for (const { length } of got.value) expect(length > 0 && length <= maxFrameBytes).toBe(true);
    }
  });
  fc.assert(property, { numRuns: 100_000 });
});

import { describe, expect, test } from "vitest";
import { jobDelayMs } from "../../../core/conversation/job-rank.ts";
import { assemble, cut, maxWaitingBytes, outgoing, waitsForMs } from "../../../core/conversation/parts.ts";
import type { DeviceId } from "../../../core/lang/brand.ts";
import { toHex, uint32, utf8 } from "../../../core/lang/bytes.ts";
import { maxWholeBytes, partBytes } from "../../../core/wire/bounds.ts";
import { countUp, valueIn } from "../wire/samples.ts";

const devices = Array.from({ length: 20 }, (_, index) => toHex(countUp(index, 16)) as DeviceId);

describe("a job that any device could do", () => {
  const delays = (job: string) => devices.map((one) => jobDelayMs(utf8(job), one, devices));

  test("is done by one after the other, and nobody waits for more than eight", () => {
    const sorted = delays("heal").sort((a, b) => a - b);
    expect(sorted.slice(0, 9)).toEqual([0, 4, 8, 12, 16, 20, 24, 28, 32].map((seconds) => seconds * 1000));
    expect(sorted.slice(9)).toEqual(Array(11).fill(32_000));
  });

  test("falls to another one each time, and to the same one on every device", () => {
    const first = new Set(Array.from({ length: 30 }, (_, index) => delays(`job ${index}`).indexOf(0)));
    expect(first.size).toBeGreaterThan(5);
    const [own = devices[0]!] = devices;
    expect(jobDelayMs(utf8("heal"), own, devices.toReversed())).toBe(jobDelayMs(utf8("heal"), own, devices));
    expect(jobDelayMs(utf8("heal"), own, devices.slice(1))).toBe(jobDelayMs(utf8("heal"), own, devices));
  });

  test("is done at once where nobody else is here", () => {
    expect(jobDelayMs(utf8("heal"), devices[0]!, [])).toBe(0);
  });
});

describe("what fits no envelope", () => {
  const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 7) & 0xff);
  const byIndex = (parts: readonly { index: number; bytes: Uint8Array }[]) =>
    new Map(parts.map((part) => [part.index, part.bytes]));

  test.each([partBytes + 1, 2 * partBytes, 2 * partBytes + 1, maxWholeBytes])(
    "is whole again, with %d bytes",
    (length) => {
      const { parts, whole } = valueIn(cut(bytes(length), "commit"));
      expect(whole).toMatchObject({ count: Math.ceil(length / partBytes), of: "commit" });
      expect(valueIn(assemble(whole, byIndex(parts.toReversed())))).toEqual(bytes(length));
    },
  );

  test("is refused beyond what parts can hold", () => {
    expect(cut(bytes(maxWholeBytes + 1), "welcome")).toEqual({ ok: false, error: "too-large" });
  });

  test("waits for a part that is not here", () => {
    const { parts, whole } = valueIn(cut(bytes(3 * partBytes), "welcome"));
    for (const missing of [0, 1, 2]) {
      const rest = byIndex(parts.filter(({ index }) => index !== missing));
      expect(assemble(whole, rest)).toEqual({ ok: false, error: "missing" });
    }
  });

  test("is wrong for good where a part is another, shorter, or one too few was named", () => {
    const { parts, whole } = valueIn(cut(bytes(3 * partBytes), "welcome"));
    const with_ = (index: number, by: Uint8Array) => new Map(byIndex(parts)).set(index, by);
    const wrong = { ok: false, error: "wrong" };
    expect(assemble(whole, with_(1, bytes(partBytes)))).toEqual(wrong);
    expect(assemble(whole, with_(1, bytes(partBytes - 1)))).toEqual(wrong);
    expect(assemble({ ...whole, count: 2 }, byIndex(parts))).toEqual(wrong);
  });

  test("leaves after its time, or for newer ones where there is no room", () => {
    const part = (at: number) => ({ key: toHex(uint32(at)), bytes: partBytes, atMs: at });
    const room = Math.floor(maxWaitingBytes / partBytes);
    const waiting = Array.from({ length: room + 2 }, (_, at) => part(at));
    expect(outgoing(waiting.slice(0, room), room)).toEqual([]);
    expect([...outgoing(waiting, room)].sort()).toEqual([part(0).key, part(1).key]);
    expect(outgoing([part(0)], waitsForMs)).toEqual([]);
    expect(outgoing([part(0)], waitsForMs + 1)).toEqual([part(0).key]);
  });
});

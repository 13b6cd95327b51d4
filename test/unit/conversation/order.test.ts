import fc from "fast-check";
import { expect, it } from "vitest";
import { messageIdOf, orderOf } from "../../../core/conversation/order.ts";
import type { DeviceId } from "../../../core/lang/brand.ts";

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((array) => Buffer.from(array).toString("hex"));
const places = fc.record({
  clockMs: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  clockCount: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  device: hex(16),
  id: hex(8),
});
type Place = { clockMs: number; clockCount: number; device: string; id: string };

const text = (place: Place) => orderOf(place, place.device as DeviceId, place.id);
const compare = <T>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0);

it("sorts as text the way clock, count, device and id sort as numbers", () => {
  fc.assert(
    fc.property(places, places, (a, b) => {
      const byParts =
        a.clockMs - b.clockMs || a.clockCount - b.clockCount || compare(a.device, b.device) || compare(a.id, b.id);
      expect(Math.sign(compare(text(a), text(b)))).toBe(Math.sign(byParts));
    }),
  );
});

it("has one length, so that no place is the beginning of another", () => {
  fc.assert(fc.property(places, (place) => text(place).length === 14 + 8 + 32 + 16));
});

it("scopes a message's id to the device that wrote it", () => {
  const [phone, laptop] = ["aa".repeat(16), "bb".repeat(16)] as DeviceId[];
  expect(messageIdOf(phone!, "0011223344556677")).toBe(`${phone}/0011223344556677`);
  expect(messageIdOf(phone!, "0011223344556677")).not.toBe(messageIdOf(laptop!, "0011223344556677"));
});

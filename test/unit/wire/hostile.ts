/** What a hostile sender can write: noise, and valid messages that were cut, joined, lengthened or changed a little. */
import fc from "fast-check";
import { concat } from "../../../core/lang/bytes.ts";

/** Lengths that a field can claim: just wrong, huge, beyond 32 bits, never ending. */
const lengthClaims = [
  [0x7f],
  [0xff, 0x7f],
  [0xff, 0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x80, 0x00],
].map((bytes) => Uint8Array.from(bytes));

type Edit = readonly [kind: number, position: number, value: number];

function edit(bytes: Uint8Array, [kind, position, value]: Edit): Uint8Array {
  const at = bytes.length === 0 ? 0 : position % (bytes.length + 1);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (kind) {
    case 0:
      return concat(before, Uint8Array.of(value), after.subarray(1));
    case 1:
      return concat(before, Uint8Array.of((after[0] ?? 0) ^ (1 << (value & 7))), after.subarray(1));
    case 2:
      return before;
    case 3:
      return concat(before, after.subarray(value % 16));
    case 4:
      return concat(before, Uint8Array.of(value), after);
    case 5:
      return concat(before, lengthClaims[value % lengthClaims.length]!, after.subarray(value & 1));
    case 6:
      // A length-delimited field of its own: tag, length, bytes.
      return concat(before, Uint8Array.of(((value & 15) << 3) | 2, value & 31), bytes.subarray(0, value & 31), after);
    default:
      // The same part twice.
      return concat(bytes.subarray(0, at), bytes.subarray(Math.max(0, at - value)));
  }
}

/** `samples`: valid messages. Some cases stay valid, so that what follows a good frame is reached too. */
export function hostileBytes(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  if (samples.length === 0) throw new Error("nothing to mutate");
  const edits = fc.array(fc.tuple(fc.nat(7), fc.nat(), fc.nat(255)), { maxLength: 3, size: "max" });
  const mutated = fc
    .tuple(fc.nat(samples.length - 1), edits)
    .map(([which, list]) => list.reduce(edit, samples[which]!));
  const joined = fc
    .tuple(fc.nat(samples.length - 1), fc.nat(samples.length - 1), fc.nat(), fc.nat())
    .map(([one, other, cut, from]) => {
      const [head, tail] = [samples[one]!, samples[other]!];
      return concat(head.subarray(0, cut % (head.length + 1)), tail.subarray(from % (tail.length + 1)));
    });
  const noise = fc.uint8Array({ maxLength: 64 });
  return fc.oneof({ arbitrary: mutated, weight: 8 }, { arbitrary: joined, weight: 1 }, { arbitrary: noise, weight: 1 });
}

/** Characters and bytes that a value holds, with a word for each part: what keeping it costs, roughly. */
export function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== "object" || value === null) return 8;
  return Object.values(value).reduce<number>((sum, part) => sum + 8 + sizeOf(part), 0);
}

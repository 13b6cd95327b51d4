// Randomness that a seed repeats: xoshiro128** by Blackman and Vigna, seeded by SplitMix32. For tests only.
import type { Random } from "../../core/ports/random.ts";

export interface SeededRandom extends Random {
  /** A whole number from 0 to `n - 1`. */
  int(n: number): number;
  /** True with probability `p`. */
  chance(p: number): boolean;
  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly T[]): T;
}

export function seededRandom(seed: number): SeededRandom {
  let mixed = seed | 0;
  const seedWord = () => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let z = mixed ^ (mixed >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let [a, b, c, d] = [seedWord(), seedWord(), seedWord(), seedWord()];

  function next(): number {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotateLeft(d, 11);
    return result;
  }
  const fraction = () => next() / 2 ** 32;
  const int = (n: number) => Math.floor(fraction() * n);

  return {
    int,
    chance: (p) => fraction() < p,
    pick(items) {
      if (items.length === 0) throw new Error("nothing to pick from");
      return items[int(items.length)]!;
    },
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
  };
}

const rotateLeft = (word: number, bits: number) => (word << bits) | (word >>> (32 - bits));

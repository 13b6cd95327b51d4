import { expect, it } from "vitest";
import { seededRandom } from "../../support/seeded-random.ts";

const draws = (seed: number) => {
  const random = seededRandom(seed);
  return [random.bytes(8), random.int(1_000_000), random.chance(0.5), random.pick(["a", "b", "c"])];
};

it("repeats itself for the same seed and differs for another", () => {
  expect(draws(7)).toEqual(draws(7));
  expect(draws(7)).not.toEqual(draws(8));
});

it("draws evenly: each of ten within a tenth of its share of 100,000", () => {
  const random = seededRandom(1);
  const counts = new Array<number>(10).fill(0);
  for (let n = 0; n < 100_000; n++) counts[random.int(10)]! += 1;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(1_000);
});

it("takes a chance as often as it should", () => {
  const random = seededRandom(2);
  let taken = 0;
  for (let n = 0; n < 100_000; n++) if (random.chance(0.01)) taken++;
  expect(taken).toBeGreaterThan(800);
  expect(taken).toBeLessThan(1_200);
  expect(seededRandom(3).chance(0)).toBe(false);
  expect(seededRandom(3).chance(1)).toBe(true);
});

import { expect, it } from "vitest";
import { sifted, type Tried } from "../../../core/engine/sifted.ts";

interface Made {
  readonly kind: "made";
  readonly of: readonly number[];
}

/** Answers as `room` and `bad` say, and counts the tries. */
function tries(room: number, bad: readonly number[], away: readonly number[] = []) {
  let count = 0;
  const attempt = async (some: readonly number[]): Promise<Tried<Made, "full" | "bad">> => {
    count++;
    const here = some.filter((one) => !away.includes(one));
    if (here.length === 0) return { kind: "waits" };
    if (here.some((one) => bad.includes(one))) return { kind: "cannot", why: "bad" };
    return here.length > room ? { kind: "cannot", why: "full" } : { kind: "made", of: here };
  };
  return { attempt, count: () => count };
}

it("what can be done for all is done for all, in one try", async () => {
  const { attempt, count } = tries(9, []);
  expect(await sifted([1, 2, 3], attempt)).toEqual({
    made: { kind: "made", of: [1, 2, 3] },
    cannot: [],
    why: undefined,
  });
  expect(count()).toBe(1);
});

it("who spoils it is named, and some of the others are done for", async () => {
  expect(await sifted([1, 2, 3, 4], tries(9, [1]).attempt)).toEqual({
    made: { kind: "made", of: [2] },
    cannot: [1],
    why: "bad",
  });
  expect(await sifted([1, 2, 3, 4], tries(9, [4]).attempt)).toMatchObject({ made: { of: [1, 2] }, cannot: [] });
});

it("too many at once are fewer at once, and where there is no room for one it is so for each", async () => {
  expect(await sifted([1, 2, 3, 4, 5], tries(2, []).attempt)).toMatchObject({ made: { of: [1, 2] }, cannot: [] });
  expect(await sifted([1, 2, 3], tries(0, []).attempt)).toEqual({ made: undefined, cannot: [1, 2, 3], why: "full" });
});

it("who cannot be done for yet is not named", async () => {
  expect(await sifted([1, 2], tries(9, [2], [1]).attempt)).toEqual({ made: undefined, cannot: [2], why: "bad" });
  const { attempt, count } = tries(9, [1, 2, 3, 4, 5, 6, 7, 8]);
  expect((await sifted([1, 2, 3, 4, 5, 6, 7, 8], attempt)).cannot).toHaveLength(8);
  expect(count()).toBeLessThan(16);
});

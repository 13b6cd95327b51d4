import { afterEach, expect, it } from "vitest";
import { breatheBy } from "../../../core/group/suite.ts";
import { crowd } from "./party.ts";

afterEach(() => breatheBy(() => undefined));

it("draws breath between the key encapsulations for a group, and goes on only when each breath has ended", async () => {
  let drawn = 0;
  let held = 0;
  let mostHeld = 0;
  breatheBy(async () => {
    drawn += 1;
    held += 1;
    mostHeld = Math.max(mostHeld, held);
    await new Promise((resolve) => setImmediate(resolve));
    held -= 1;
  });
  const group = await crowd("abc");
  expect(group.size).toBe(3);
  expect(drawn).toBeGreaterThan(20);
  expect(mostHeld).toBe(1);
});

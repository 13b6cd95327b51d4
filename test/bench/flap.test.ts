/** FAULTS F7 in full, with real browsers: 5 s up, 5 s down, 30 times. Takes six minutes. */
import { expect, it } from "vitest";
import { flapStory } from "../support/flap-story.ts";

it("30 flaps of 5 s", async () => {
  const { deliveredMs, reconnects, minutes } = await flapStory({ count: 30, upMs: 5_000, downMs: 5_000 });
  const aMinute = reconnects.map((count) => (count / minutes).toFixed(1));
  console.log(
    `all there ${Math.round(deliveredMs)} ms after the last up; reconnects a minute ${aMinute.join(" and ")}`,
  );
  expect(deliveredMs).toBeLessThan(30_000);
  for (const count of reconnects) expect(count / minutes).toBeLessThanOrEqual(3);
});

// A network that comes and goes under two browsers (FAULTS F7). The full length is in the bench; how soon after the last up
// everything must be there is asked there, and in the clients' own time in contracts/network-fault-flap.test.ts.
import { expect, test } from "@playwright/test";
import { flapStory } from "../support/flap-story.ts";

test("F7: through 5 flaps of 2.5 s everything arrives once, without a storm of reconnects", async () => {
  test.setTimeout(150_000);
  const { deliveredMs, reconnects, minutes } = await flapStory({ count: 5, upMs: 2_500, downMs: 2_500 });
  console.log(
    `  F7: all there ${Math.round(deliveredMs)} ms after the last up; reconnects meanwhile ${reconnects.join(" and ")}`,
  );
  // One to spare when it begins, then three a minute.
  for (const count of reconnects) expect(count).toBeLessThanOrEqual(1 + Math.ceil(3 * minutes));
});

/**
 * How long a group of 128 and of 256 devices keeps the page of a real Chromium from everything else (README: figures): for each
 * step the longest time between two turns of a message that the page sends to itself, and its longest single task (0: none of 50 ms). The MLS layer alone, without a disk. Prints one table;
 * asserts only that all was done.
 */
import { expect, it } from "vitest";
import { inStallPage, stallTable } from "../support/stall-page/open-page.ts";
import type { Stall } from "../support/stall-page/page.ts";

const sizes = process.env["KITH_DEVICES"]?.split(",").map(Number) ?? [128, 256];

it("prints what a group of 128 and 256 devices takes in Chromium: ms in all, longest stall, longest task", async () => {
  await inStallPage("page.ts", "groupStalls", async (page) => {
    for (const size of sizes) {
      const stalls: readonly Stall[] = await page.evaluate((of) => globalThis.groupStalls(of), size);
      console.log(stallTable(`${size} devices`, stalls));
      expect(stalls.length).toBeGreaterThan(10);
    }
  });
});

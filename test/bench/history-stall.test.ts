/**
 * How long a group's history keeps the page of a real Chromium from everything else (README: figures) while it is copied, shared
 * with somebody who came, and taken by them, with the database of the browser: ms in all, the longest time between two turns of
 * a message that the page sends to itself, and its longest single task (0: none of 50 ms). Prints one table for each history;
 * asserts only that all was done.
 */
import { expect, it } from "vitest";
import type { Stall } from "../support/stall-page/history-page.ts";
import { inStallPage, stallTable } from "../support/stall-page/open-page.ts";

const histories = [
  [2_000, 120],
  [2_000, 8_000],
  [20_000, 120],
] as const;

it("prints what copying, sharing and taking a history takes in Chromium: ms in all, longest stall, longest task", async () => {
  await inStallPage("history-page.ts", "historyStalls", async (page) => {
    page.on("console", (message) => console.log(message.text()));
    for (const [count, characters] of histories) {
      const stalls: readonly Stall[] = await page.evaluate(([of, long]) => globalThis.historyStalls(of, long), [
        count,
        characters,
      ] as const);
      console.log(stallTable(`${count} messages of ${characters} characters`, stalls));
      expect(stalls).toHaveLength(4);
    }
  });
});

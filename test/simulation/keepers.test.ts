// Lives in which contacts keep for each other: the node of Alice and Bob is away for minutes, people too, and keepers
// crash, lose what they kept, lie about it and change their minds.
import { beforeAll, describe } from "vitest";
import { live, usualFaults } from "./life.ts";
import { liveThrough } from "./seeds.ts";
import { prepareKeepers } from "./worlds.ts";

describe("contacts who keep for each other while a node is away", () => {
  let starts: Awaited<ReturnType<typeof prepareKeepers>>;
  beforeAll(async () => {
    starts = await prepareKeepers();
  });

  liveThrough({
    kind: "keepers",
    sentence: (seeds) => `brings everything in ${seeds} seeds, whoever keeps, forgets or lies`,
    seeds: 40,
    invariants: [1, 2, 4, 5, 6, 9, "slot", "kept"],
    live: (seed) =>
      live(seed, {
        start: seed % 4 === 0 ? starts.four : starts.three,
        troubles: ["plain", "keepers", "keepers"],
        messages: [8, 14],
        faults: usualFaults,
        trouble: 0.6,
        pauseMs: 40_000,
      }),
  });
});

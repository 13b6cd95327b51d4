// Many small lives on one node, most of what the gate lives through.
import { beforeAll, describe } from "vitest";
import { live, usualFaults } from "./life.ts";
import { liveThrough } from "./seeds.ts";
import { prepareStarts, type Starts } from "./worlds.ts";

describe("devices under every fault of the network, the node and the disk", () => {
  let starts: Starts;
  beforeAll(async () => {
    starts = await prepareStarts();
  });

  liveThrough({
    kind: "small",
    sentence: (seeds) => `lives through ${seeds} seeds without losing, doubling or disordering a word`,
    seeds: 1_400,
    invariants: [1, 2, 3, 4, 5, 6, 9, "slot"],
    live: (seed) =>
      live(seed, {
        start: seed % 8 === 0 ? starts.three : starts.two,
        troubles: ["plain"],
        messages: [6, 14],
        faults: usualFaults,
        trouble: 0.5,
      }),
  });
});

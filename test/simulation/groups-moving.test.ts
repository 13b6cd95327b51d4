// Lives of groups that move from node to node and back while people come and go and everything goes wrong.
import { beforeAll, describe } from "vitest";
import { liveInGroup } from "../support/sim-group-life.ts";
import { heal, usualFaults } from "./life.ts";
import { liveThrough } from "./seeds.ts";
import { prepareAcquainted, type Start } from "./worlds.ts";

describe("groups that move", () => {
  let starts: readonly Start[];
  beforeAll(async () => {
    starts = await prepareAcquainted([3, 2, 4]);
  }, 120_000);

  liveThrough({
    kind: "moving",
    sentence: (seeds) => `agree on where they are, on members and story, in ${seeds} seeds`,
    seeds: 60,
    invariants: [9],
    live: (seed) =>
      liveInGroup(seed, {
        ...starts[seed % starts.length]!,
        acts: [5, 12],
        faults: usualFaults,
        trouble: 0.4,
        moves: true,
        heal,
      }),
  });
});

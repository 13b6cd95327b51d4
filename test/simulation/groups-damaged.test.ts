// Lives of groups in which devices lose the group's keys, and disks are put back to earlier copies.
import { beforeAll, describe } from "vitest";
import { liveInGroup } from "../support/sim-group-life.ts";
import { heal, usualFaults } from "./life.ts";
import { liveThrough } from "./seeds.ts";
import { prepareAcquainted, type Start } from "./worlds.ts";

describe("groups whose devices lose their keys, or are earlier copies of themselves", () => {
  let starts: readonly Start[];
  beforeAll(async () => {
    starts = await prepareAcquainted([3, 2, 4, 3]);
  }, 120_000);

  liveThrough({
    kind: "damaged",
    sentence: (seeds) => `are one group again in ${seeds} seeds, and tell what anybody still has`,
    seeds: 60,
    invariants: [9],
    live: (seed) =>
      liveInGroup(seed, {
        ...starts[seed % starts.length]!,
        acts: [5, 12],
        faults: usualFaults,
        trouble: 0.4,
        damage: true,
        heal,
      }),
  });
});

// Lives of groups in which people also change rules, take messages away, and make links by which others come.
import { beforeAll, describe } from "vitest";
import { liveInGroup } from "../support/sim-group-life.ts";
import { heal, usualFaults } from "./life.ts";
import { liveThrough } from "./seeds.ts";
import { prepareAcquainted, type Start } from "./worlds.ts";

describe("groups whose rules change, where messages are taken away and people come by links", () => {
  let starts: readonly Start[];
  beforeAll(async () => {
    starts = await prepareAcquainted([3, 2, 4, 3]);
  }, 120_000);

  liveThrough({
    kind: "rules",
    sentence: (seeds) => `agree, and show every message alike, in ${seeds} seeds`,
    seeds: 100,
    invariants: [9],
    live: (seed) =>
      liveInGroup(seed, {
        ...starts[seed % starts.length]!,
        acts: [5, 12],
        faults: usualFaults,
        trouble: 0.4,
        more: true,
        heal,
      }),
  });
});

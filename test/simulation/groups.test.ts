// Many small lives of groups, in which people come and go while everything goes wrong: two to five of them in the gate, and
// eight now and then where more seeds are asked for. Some have two or three devices.
import { beforeAll, describe } from "vitest";
import { liveInGroup } from "../support/sim-group-life.ts";
import { heal, usualFaults } from "./life.ts";
import { liveThrough } from "./seeds.ts";
import { prepareAcquainted, type Start } from "./worlds.ts";

const manyAt = 64;

describe("groups under every fault of the network, the node and the disk", () => {
  let few: readonly Start[];
  let many: Start | undefined;
  beforeAll(async () => {
    few = await prepareAcquainted([3, 2, 4, 3, 2, 3, 5, 3]);
  }, 120_000);

  async function startFor(seed: number): Promise<Start> {
    if (seed % manyAt !== 0) return few[seed % few.length]!;
    many ??= (await prepareAcquainted([8]))[0]!;
    return many;
  }

  liveThrough({
    kind: "groups",
    sentence: (seeds) => `agree on members, roles, epoch and story in ${seeds} seeds, and keep who is gone out`,
    seeds: 40,
    invariants: [9],
    live: async (seed) =>
      liveInGroup(seed, {
        ...(await startFor(seed)),
        acts: [5, 12],
        faults: usualFaults,
        trouble: 0.4,
        heal,
      }),
  });
});

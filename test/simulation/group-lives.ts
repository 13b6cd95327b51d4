// Many small lives of groups, in which people come and go while everything goes wrong: two to five of them, and eight now and
// then. Some have two or three devices. In two files, so that both workers live through them.
import { beforeAll, describe } from "vitest";
import { liveInGroup } from "../support/sim-group-life.ts";
import { heal, usualFaults } from "./life.ts";
import { liveThrough, type Part } from "./seeds.ts";
import { prepareAcquainted, type Start } from "./worlds.ts";

const manyAt = 64;

const files = 2;

/** `index`: which of the files this is, from 0. */
export function liveInGroups(index: number): void {
  const part = { index, of: files };
  describe("groups under every fault of the network, the node and the disk", () => lives(part));
}

function lives(part: Part): void {
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
    seeds: 300,
    part,
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
}

// Many small lives of groups, in which people come and go while everything goes wrong: two to five of them, and eight now and
// then. Some have two or three devices. In several files, so that both workers live through them to the end.
import { beforeAll, describe } from "vitest";
import { groupedStart, liveInGroup } from "../support/sim-group-life.ts";
import { heal, usualFaults } from "./life.ts";
import { liveThrough, type Part } from "./seeds.ts";
import { prepareAcquainted, type Start } from "./worlds.ts";

/** Counts of people, by the remainder of the seed. */
const counts = [3, 2, 4, 3, 2, 3, 5, 3];
const manyAt = 128;
const files = 4;
/** Most begin in one of so many groups for each count of people; one in eight founds its own. */
const variants = 3;
const foundsAt = 8;

/** `index`: which of the files this is, from 0. */
export function liveInGroups(index: number): void {
  const part = { index, of: files };
  describe("groups under every fault of the network, the node and the disk", () => lives(part));
}

type GroupStart = Awaited<ReturnType<typeof groupedStart>>;

function lives(part: Part): void {
  let few: readonly Start[];
  let many: Start | undefined;
  const grouped = new Map<string, GroupStart>();
  beforeAll(async () => {
    few = await prepareAcquainted(counts);
  }, 120_000);

  async function startFor(seed: number): Promise<Start | GroupStart> {
    if (seed % manyAt === 0) {
      many ??= (await prepareAcquainted([8]))[0]!;
      return many;
    }
    const start = few[seed % few.length]!;
    const round = Math.floor(seed / few.length);
    if (round % foundsAt === 0) return start;
    const variant = round % variants;
    const key = `${start.names.length} ${variant}`;
    const made = grouped.get(key) ?? (await groupedStart(1 + variant, start));
    grouped.set(key, made);
    return made;
  }

  liveThrough({
    kind: "groups",
    sentence: (seeds) => `agree on members, roles, epoch and story in ${seeds} seeds, and keep who is gone out`,
    seeds: 1_750,
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

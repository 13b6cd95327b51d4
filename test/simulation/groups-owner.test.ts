// Lives of groups whose owner is gone for weeks: the others agree on another one, or the owner is back in time.
import { beforeAll, describe, expect, it } from "vitest";
import { groupedStart, liveInGroup } from "../support/sim-group-life.ts";
import { heal, usualFaults } from "./life.ts";
import { liveThrough } from "./seeds.ts";
import { prepareAcquainted } from "./worlds.ts";

describe("groups whose owner is gone", () => {
  let lived = 0;
  let went = 0;
  let starts: readonly Awaited<ReturnType<typeof groupedStart>>[];
  beforeAll(async () => {
    const people = await prepareAcquainted([3, 4]);
    const made: (typeof starts)[number][] = [];
    for (const start of people) made.push(await groupedStart(1, start, 1));
    starts = made;
  }, 240_000);

  liveThrough({
    kind: "owner",
    sentence: (seeds) => `have whom more than half agreed on after two weeks in ${seeds} seeds, and nobody else`,
    seeds: 10,
    invariants: [9],
    live: async (seed) => {
      const life = await liveInGroup(seed, {
        ...starts[seed % starts.length]!,
        acts: [0, 4],
        faults: usualFaults,
        trouble: 0.4,
        ownerGoes: true,
        heal,
      });
      lived++;
      if (life.ownerWent) went++;
      return life;
    },
  });

  it("in most of them somebody may say so", () => {
    expect(went).toBeGreaterThanOrEqual(Math.floor(lived / 2));
  });
});

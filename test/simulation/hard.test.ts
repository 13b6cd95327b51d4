// Harder lives: damaged keys, two nodes and moves between them, partitions, nodes that lie; some with five devices.
import { beforeAll, describe } from "vitest";
import { live, usualFaults } from "./life.ts";
import { liveThrough } from "./seeds.ts";
import { prepareStarts, type Starts } from "./worlds.ts";

let starts: Starts;
beforeAll(async () => {
  starts = await prepareStarts();
});

const invariants = [1, 2, 4, 5, 6, 9, "slot"] as const;

describe("devices whose keys are lost, unreadable or of an earlier copy of the disk", () => {
  liveThrough({
    kind: "keys",
    sentence: (seeds) => `makes new keys in ${seeds} seeds without losing a word that its device still has`,
    seeds: 250,
    invariants,
    live: (seed) =>
      live(seed, {
        start: seed % 8 === 0 ? starts.three : starts.two,
        troubles: ["plain", "keys"],
        messages: [8, 14],
        faults: usualFaults,
        trouble: 0.5,
      }),
  });
});

describe("devices on two nodes, of which either may be away, moved to, or cut off", () => {
  liveThrough({
    kind: "moves",
    sentence: (seeds) => `finds each other in ${seeds} seeds, wherever conversations are moved`,
    seeds: 200,
    invariants,
    live: (seed) =>
      live(seed, {
        start: starts.twoApart,
        troubles: ["plain", "moves"],
        messages: [8, 14],
        faults: usualFaults,
        trouble: 0.5,
      }),
  });
});

describe("a node that shuffles, replays, withholds, forges, gives slots twice and forgets", () => {
  liveThrough({
    kind: "lies",
    sentence: (seeds) => `gets everything through in ${seeds} seeds once there is another way`,
    seeds: 100,
    invariants: [1, 2, 4, 5, 6, 9, "slot"],
    live: (seed) =>
      live(seed, {
        start: seed % 2 === 0 ? starts.two : starts.twoApart,
        troubles: ["plain", "lies", "lies"],
        messages: [8, 14],
        faults: usualFaults,
        trouble: 0.6,
      }),
  });
});

describe("five devices on two nodes with everything at once", () => {
  liveThrough({
    kind: "five",
    sentence: (seeds) => `tells all of them the same story in ${seeds} seeds`,
    seeds: 50,
    invariants,
    live: (seed) =>
      live(seed, {
        start: starts.five,
        troubles: seed % 2 === 0 ? ["plain", "keys", "moves"] : ["plain", "keys", "moves", "lies"],
        messages: [20, 40],
        faults: usualFaults,
        trouble: 0.5,
      }),
  });
});

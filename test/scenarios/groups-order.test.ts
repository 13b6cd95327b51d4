// Changes of a group come into force in the order of its topic, and in no other way (PROTOCOL.md §13.3).
import { expect } from "vitest";
import {
  accountOf,
  endsAt,
  eventsAt,
  groupAt,
  keysOf,
  standGroup,
  storyAt,
  topicAt,
  waitingAt,
  want,
  wants,
} from "../support/sim-group.ts";
import { farNode } from "../support/sim-world.ts";
import { story, threePeople } from "../support/story.ts";

const memory = { storage: "memory" } as const;

story(
  "a change comes into force for everybody once it is read back, and the timeline tells it",
  async (world) => {
    const { alice, all } = await threePeople(world);
    const id = await standGroup(world, all);
    await wants(world, alice, id, { kind: "rename", name: "Climbers" });
    await world.advance(10_000);
    for (const one of all) {
      expect(groupAt(world, one, id).facts.name).toBe("Climbers");
      expect(eventsAt(world, one, id)).toEqual([{ kind: "renamed", name: "Climbers" }]);
      expect(keysOf(world, one, id)).toMatchObject({ epoch: 2, pending: undefined });
      expect(keysOf(world, one, id)?.epochSecrets).toEqual(keysOf(world, alice, id)?.epochSecrets);
      expect(storyAt(world, one, id)).toEqual(storyAt(world, alice, id));
    }
    expect(waitingAt(world, alice, id)).toEqual([]);
  },
  memory,
);

story(
  "of two who change at once one is first, and the other's change comes into force after it",
  async (world) => {
    const { alice, bob, all } = await threePeople(world);
    const id = await standGroup(world, all, [bob]);
    for (const one of [alice, bob]) await world.run(one.stop());
    want(world, alice, id, { kind: "rename", name: "Climbers" });
    want(world, bob, id, { kind: "describe", description: "On Sundays" });
    await Promise.all([alice.start(), bob.start()]);
    await world.advance(30_000);
    for (const one of all) {
      expect(groupAt(world, one, id).facts).toMatchObject({ name: "Climbers", description: "On Sundays" });
      expect(keysOf(world, one, id)).toMatchObject({ epoch: 3, pending: undefined });
      expect(storyAt(world, one, id)).toEqual(storyAt(world, alice, id));
      expect(waitingAt(world, one, id)).toEqual([]);
    }
    expect(eventsAt(world, alice, id)).toHaveLength(2);
  },
  memory,
);

story(
  "a change that somebody else was first with ends, and its person is told whose came first",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    const id = await standGroup(world, all, [bob]);
    for (const one of [alice, bob]) await world.run(one.stop());
    for (const one of [alice, bob]) want(world, one, id, { kind: "remove", account: accountOf(world, carol) });
    await Promise.all([alice.start(), bob.start()]);
    await world.advance(30_000);
    const ends = [alice, bob].flatMap((one) => endsAt(world, one, id));
    expect(ends).toHaveLength(1);
    const [winner] = [alice, bob].filter((one) => endsAt(world, one, id).length === 0);
    expect(ends[0]).toMatchObject({ why: "moot", by: accountOf(world, winner!) });
    expect(keysOf(world, alice, id)?.epoch).toBe(2);
    expect(groupAt(world, carol, id).standing).toMatchObject({ kind: "removed", by: accountOf(world, winner!) });
    expect(storyAt(world, carol, id)).toEqual(storyAt(world, alice, id));
    expect(storyAt(world, bob, id)).toEqual(storyAt(world, alice, id));
  },
  memory,
);

story(
  "two admins who unmake each other's rank: the first counts, the other's change ends as not allowed any more",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    const id = await standGroup(world, all, [bob]);
    for (const one of [alice, bob]) await world.run(one.stop());
    want(world, alice, id, { kind: "role", account: accountOf(world, bob), role: "member" });
    want(world, bob, id, { kind: "remove", account: accountOf(world, carol) });
    // Alice's is there first.
    await alice.start();
    await world.advance(10_000);
    await bob.start();
    await world.advance(10_000);
    expect(endsAt(world, bob, id)).toMatchObject([{ why: "not-allowed", by: accountOf(world, alice) }]);
    for (const one of all) expect(groupAt(world, one, id).people).toHaveLength(3);
  },
  memory,
);

story(
  "several changes of one person come into force one after the other, in the order in which they were wanted",
  async (world) => {
    const { alice, all } = await threePeople(world);
    const id = await standGroup(world, all);
    await world.run(alice.stop());
    for (const name of ["One", "Two", "Three"]) want(world, alice, id, { kind: "rename", name });
    await alice.start();
    await world.advance(30_000);
    for (const one of all) {
      expect(groupAt(world, one, id).facts.name).toBe("Three");
      expect(eventsAt(world, one, id).map((event) => event.kind === "renamed" && event.name)).toEqual([
        "One",
        "Two",
        "Three",
      ]);
    }
  },
  memory,
);

story(
  "with several nodes a change is known to whoever made it as to the others, and copies lie at every node",
  async (world) => {
    world.addNode(farNode);
    const { alice, all } = await threePeople(world);
    const id = await standGroup(world, all);
    await wants(world, alice, id, { kind: "rename", name: "Climbers" });
    await world.advance(10_000);
    for (const one of all) expect(groupAt(world, one, id).facts.name).toBe("Climbers");
    const { key } = topicAt(world, alice, id)!;
    expect(world.nodes.get(farNode)!.latest(key)).toBe(world.node.latest(key));
  },
  memory,
);

story(
  "a change waits while the first node is away, though another one is there",
  async (world) => {
    world.addNode(farNode);
    const { alice, all } = await threePeople(world);
    const id = await standGroup(world, all);
    world.node.setUp(false);
    await wants(world, alice, id, { kind: "rename", name: "Climbers" });
    await world.advance(60_000);
    for (const one of all) expect(groupAt(world, one, id).facts.name).toBe("Walkers");
    expect(waitingAt(world, alice, id)).toHaveLength(1);
    world.node.setUp(true);
    await world.advance(60_000);
    for (const one of all) expect(groupAt(world, one, id).facts.name).toBe("Climbers");
  },
  memory,
);

story(
  "a change crashes at any write and still comes into force, once",
  async (world) => {
    const { alice, all } = await threePeople(world);
    const id = await standGroup(world, all);
    let crashes = 0;
    world.onCrash = () => void crashes++;
    for (let step = 1; step <= 90; step++) {
      if (alice.running) await world.run(alice.stop());
      if (step % 3 === 0) want(world, alice, id, { kind: "rename", name: `Walkers ${step}` });
      await alice.start();
      alice.crashAfterSteps(step % 3 === 0 ? step : 3 * step);
      await world.advance(2_000);
    }
    if (!alice.running) await alice.start();
    alice.crashAfterSteps(Number.POSITIVE_INFINITY);
    await world.advance(60_000);
    expect(crashes).toBeGreaterThan(50);
    for (const one of all) {
      expect(groupAt(world, one, id).facts.name).toBe("Walkers 90");
      expect(eventsAt(world, one, id)).toHaveLength(30);
      expect(keysOf(world, one, id)?.epoch).toBe(31);
      expect(waitingAt(world, one, id)).toEqual([]);
    }
  },
  memory,
);

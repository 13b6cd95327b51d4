// A device in a group that is an earlier copy of itself and has lost its keys: what it said since, only the others know.
import { expect } from "vitest";
import { accountOf, conversationAt, profileOf, standGroup, timelineAt, wordsAt } from "../support/sim-group.ts";
import { must } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

story(
  "gives no number twice in a group: who gives it a leaf tells what there is of it",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const carol = await world.person("carol");
    const id = await standGroup(world, [alice, bob, carol]);
    await world.advance(5_000);
    const earlier = structuredClone(world.disk("bob").tables);
    for (const text of ["forgotten", "forgotten as well"]) must(await world.run(bob.messenger.sendText(id, text)));
    await world.advance(10_000);
    await world.run(bob.stop());
    const { tables } = world.disk("bob");
    tables.clear();
    for (const [table, rows] of earlier) tables.set(table, rows);
    tables.get("groups")?.delete(id);
    await bob.start();
    must(await world.run(bob.messenger.sendText(id, "new")));
    await world.advance(120_000);
    must(await world.run(bob.messenger.sendText(id, "newer")));
    await world.advance(10_000);
    const { device } = profileOf(world, bob);
    for (const one of [alice, carol]) {
      expect(wordsAt(world, one, id)).toEqual(["forgotten", "forgotten as well", "new", "newer"]);
      const numbers = timelineAt(world, one, id).flatMap(({ authorDevice, number }) =>
        authorDevice === device && number > 0 ? [number] : [],
      );
      expect(numbers).toEqual([1, 2, 3, 4]);
    }
    expect(conversationAt(world, bob, id)).toMatchObject({ healing: undefined, sentNumber: 4 });
  },
  { storage: "memory", links: false },
);

story(
  "takes a leaf from whom it added itself and does not know any more, and what they said since",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    await world.befriend(alice, bob);
    const { groups } = alice.messenger;
    const id = must(await world.run(groups.createGroup({ name: "Walkers", emoji: "", people: [] })));
    await world.advance(5_000);
    const earlier = structuredClone(world.disk("alice").tables);
    must(await world.run(groups.changeGroup(id, { kind: "add", people: [profileOf(world, bob).account] })));
    await world.advance(10_000);
    for (const text of ["one", "two"]) must(await world.run(bob.messenger.sendText(id, text)));
    await world.advance(10_000);
    alice.crash();
    const { tables } = world.disk("alice");
    tables.clear();
    for (const [table, rows] of earlier) tables.set(table, rows);
    await alice.start();
    await world.advance(60_000);
    expect(conversationAt(world, alice, id).healing).toBeUndefined();
    must(await world.run(bob.messenger.sendText(id, "three")));
    await world.advance(180_000);
    expect(wordsAt(world, alice, id)).toEqual(["one", "two", "three"]);
  },
  { storage: "memory", links: false },
);

story(
  "has what was said to it by whom its old copy had heard nothing of, and misses nothing of the time before it came",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const carol = await world.person("carol");
    for (const one of [bob, carol]) await world.befriend(alice, one);
    const { groups } = alice.messenger;
    const people = [accountOf(world, bob)];
    const id = must(await world.run(groups.createGroup({ name: "Walkers", emoji: "", people })));
    await world.advance(10_000);
    for (const text of ["before", "before that"]) must(await world.run(bob.messenger.sendText(id, text)));
    await world.advance(10_000);
    must(await world.run(groups.changeGroup(id, { kind: "add", people: [accountOf(world, carol)] })));
    await world.advance(30_000);
    const earlier = structuredClone(world.disk("carol").tables);
    for (const text of ["one", "two"]) must(await world.run(bob.messenger.sendText(id, text)));
    await world.advance(10_000);
    expect(wordsAt(world, carol, id)).toEqual(["one", "two"]);
    carol.crash();
    const { tables } = world.disk("carol");
    tables.clear();
    for (const [table, rows] of earlier) tables.set(table, rows);
    tables.get("groups")?.delete(id);
    await carol.start();
    await world.advance(60_000);
    must(await world.run(bob.messenger.sendText(id, "three")));
    await world.advance(180_000);
    expect(wordsAt(world, carol, id)).toEqual(["one", "two", "three"]);
    expect(conversationAt(world, carol, id).received[profileOf(world, bob).device]).toEqual([[1, 5]]);
  },
  { storage: "memory", links: false },
);

// Members of a group bring each other's words to those whom no node reaches, along links that are never there at once (PROTOCOL.md §7.7).
import { expect } from "vitest";
import type { KeptRecord } from "../../core/ports/outbox-records.ts";
import { standGroup, wordsAt } from "../support/sim-group.ts";
import { must, rowsOn, type World } from "../support/sim-world.ts";
import { story, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;
const keptBy = (world: World, name: string) => rowsOn<KeptRecord>(world.disk(name), "kept");

/** Alice and Bob are linked and Bob and Carol; Alice and Carol cannot be, and the node is dead. */
async function chain(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = await world.person("carol");
  world.apart.add("alice carol");
  const ab = await world.befriend(alice, bob);
  const bc = await world.befriend(bob, carol);
  const id = await standGroup(world, [alice, bob, carol]);
  await world.advance(30_000);
  expect((await viewOf(world, alice, ab)).person?.path).toBe("direct");
  expect((await viewOf(world, bob, bc)).person?.path).toBe("direct");
  world.node.setUp(false);
  await world.advance(60_000);
  return { alice, bob, carol, id };
}

story(
  "a member in the middle brings on what came over a link, and the author learns that it arrived",
  async (world) => {
    const { alice, bob, carol, id } = await chain(world);
    must(await world.run(alice.messenger.sendText(id, "no node is there")));
    await world.advance(60_000);
    for (const one of [bob, carol]) expect(wordsAt(world, one, id)).toEqual(["no node is there"]);
    const [message] = (await world.see(alice.messenger.timeline(id, 1))).messages;
    expect(message?.reached).toMatchObject({ delivered: 2, of: 2 });
    // What was brought is kept no longer.
    expect(keptBy(world, "bob")).toEqual([]);
  },
  memory,
);

story(
  "an author who is gone by then is heard all the same, once",
  async (world) => {
    const { alice, bob, carol, id } = await chain(world);
    carol.setOnline(false);
    await world.advance(5_000);
    must(await world.run(alice.messenger.sendText(id, "before I go")));
    await world.advance(10_000);
    expect(wordsAt(world, bob, id)).toEqual(["before I go"]);
    await world.run(alice.stop());
    expect(keptBy(world, "bob")).toHaveLength(1);
    // New links need a node to arrange them; what was said is not left there by anybody.
    carol.setOnline(true);
    world.node.setUp(true);
    await world.advance(120_000);
    expect(wordsAt(world, carol, id)).toEqual(["before I go"]);
    await alice.start();
    await world.advance(120_000);
    for (const one of [alice, bob, carol]) expect(wordsAt(world, one, id)).toEqual(["before I go"]);
  },
  memory,
);

// Where a conversation is kept, when somebody's clock was wrong as they moved it.
import { expect } from "vitest";
import { farNode, homeNode, must } from "../support/sim-world.ts";
import { story, viewOf } from "../support/story.ts";

const yearMs = 365 * 24 * 3_600_000;

story(
  "a move counts for both although the one before it was made by a clock a year ahead",
  async (world) => {
    world.addNode(farNode);
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    bob.clock.offsetMs = yearMs;
    must(await world.run(bob.messenger.moveConversation(id, [farNode])));
    await world.advance(30_000);
    bob.clock.offsetMs = 0;
    expect((await viewOf(world, alice, id)).nodes).toEqual([farNode]);
    must(await world.run(alice.messenger.moveConversation(id, [homeNode])));
    await world.advance(30_000);
    for (const one of [alice, bob]) expect((await viewOf(world, one, id)).nodes, one.name).toEqual([homeNode]);
    must(await world.run(alice.messenger.sendText(id, "now")));
    await world.advance(5_000);
    const { messages } = await world.see(alice.messenger.timeline(id, 1));
    expect(messages[0]!.sentAtMs).toBeLessThan(world.clock.now() + 1_000);
  },
  { storage: "memory" },
);

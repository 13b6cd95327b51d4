// A node whose disk was lost: the same key, and sequences from 1 again.
import { expect } from "vitest";
import { must, textsOf, type World } from "../support/sim-world.ts";
import { arrivalsOf, marksOf, story } from "../support/story.ts";

async function loseData(world: World): Promise<void> {
  world.node.setUp(false);
  await world.advance(1_000);
  world.node.topics.clear();
  world.node.setUp(true);
  await world.advance(30_000);
}

for (const links of [true, false]) {
  story(
    `goes on at a node that lost everything, and doubles nothing, ${links ? "with" : "without"} links`,
    async (world) => {
      const alice = await world.person("alice");
      const bob = await world.person("bob");
      const id = await world.befriend(alice, bob);
      for (let n = 0; n < 5; n++) {
        for (const { messenger, name } of [alice, bob])
          must(await world.run(messenger.sendText(id, `${name} before ${n}`)));
        await world.advance(6_000);
      }
      await loseData(world);
      for (const device of [alice, bob]) {
        must(await world.run(device.messenger.sendText(id, `${device.name} after`)));
        await world.advance(60_000);
        expect(await arrivalsOf(world, device, id)).toEqual(new Array(6).fill("delivered"));
      }
      const texts = await textsOf(world, alice.messenger, id);
      expect(texts).toHaveLength(12);
      expect(new Set(texts).size).toBe(12);
      expect(await textsOf(world, bob.messenger, id)).toEqual(texts);
    },
    { links },
  );
}

story("still brings what the node had promised to keep and lost, once both are there", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await bob.stop();
  await world.advance(1_000);
  must(await world.run(alice.messenger.sendText(id, "promised")));
  await world.advance(10_000);
  expect(await marksOf(world, alice, id)).toEqual(["held"]);
  await loseData(world);
  await bob.start();
  await world.advance(60_000);
  expect(await textsOf(world, bob.messenger, id)).toEqual(["promised"]);
  expect(await marksOf(world, alice, id)).toEqual(["delivered"]);
});

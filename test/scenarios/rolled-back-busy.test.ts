// A profile that is an earlier copy of itself, whose later words lie at a node that is busy: a link is there before the topic
// is read, on both sides (PROTOCOL.md §11).
import { expect } from "vitest";
import { must, textsOf } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

for (const seed of [3, 8]) {
  story(
    `words that only a busy node has reach the other side although their author was put back and both are linked first (${seed})`,
    async (world) => {
      const alice = await world.person("alice");
      const bob = await world.person("bob");
      const id = await world.befriend(alice, bob);
      await world.advance(20_000);
      await world.run(bob.stop());
      await world.advance(100_000);
      const { tables } = world.disk("alice");
      const earlier = structuredClone(tables);
      for (const text of ["kept", "kept as well"]) must(await world.run(alice.messenger.sendText(id, text)));
      await world.advance(30_000);
      await world.run(alice.stop());
      tables.clear();
      for (const [table, rows] of earlier) tables.set(table, rows);
      world.faults = { ...world.faults, busy: 0.9, delayMs: [20, 60] };
      await bob.start();
      await alice.start();
      must(await world.run(alice.messenger.sendText(id, "new")));
      await world.advance(10_000);
      world.faults = { ...world.faults, busy: 0 };
      await world.advance(120_000);
      const texts = (await textsOf(world, bob.messenger, id)).filter((text) => text !== "(unknown)");
      expect(texts.toSorted()).toEqual(["kept", "kept as well", "new"]);
    },
    { storage: "memory", seed },
  );
}

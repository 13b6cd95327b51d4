// What waits when the topic of a group turns, because somebody was removed (PROTOCOL.md §13.4).
import { expect } from "vitest";
import { accountOf, groupAt, standGroup, storyAt, topicAt, wordsAt } from "../support/sim-group.ts";
import { must, rowsOn } from "../support/sim-world.ts";
import { arrivalsOf, story } from "../support/story.ts";

story(
  "what waited for somebody who is away is sealed again for the new topic and arrives once, and not at who was removed",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const carol = await world.person("carol");
    const mallory = await world.person("mallory");
    const all = [alice, bob, carol, mallory];
    const id = await standGroup(world, all);
    const old = topicAt(world, alice, id)!;
    for (const one of [bob, mallory]) one.setOnline(false);
    await world.advance(1_000);
    must(await world.run(alice.messenger.sendText(id, "for everybody")));
    // Carol owes an acknowledgement in the old topic when it turns.
    await world.advance(500);
    must(
      await world.run(alice.messenger.groups.changeGroup(id, { kind: "remove", account: accountOf(world, mallory) })),
    );
    await world.advance(5_000);
    must(await world.run(alice.messenger.sendText(id, "without mallory")));
    await world.advance(5_000);
    bob.setOnline(true);
    await world.advance(90_000);
    for (const one of [alice, bob, carol]) {
      expect(wordsAt(world, one, id), one.name).toEqual(["for everybody", "without mallory"]);
      expect(storyAt(world, one, id)).toEqual(storyAt(world, alice, id));
      expect(rowsOn(world.disk(one.name), "outbox")).toEqual([]);
      expect(topicAt(world, one, id)?.key).not.toBe(old.key);
    }
    expect(await arrivalsOf(world, alice, id)).toEqual(["delivered", "delivered"]);
    mallory.setOnline(true);
    await world.advance(60_000);
    expect(groupAt(world, mallory, id).standing).toMatchObject({ kind: "removed", by: accountOf(world, alice) });
    expect(wordsAt(world, mallory, id)).not.toContain("without mallory");
  },
  { storage: "memory" },
);

// One of several nodes is there, answers, and gives nothing of what it has: it must hold up nobody for good (PROTOCOL.md §11, §12).
import { expect } from "vitest";
import { topicOn, twoNodes } from "../support/several-nodes.ts";
import { keysOf, wrap } from "../support/sim-forger.ts";
import { must, textsOf } from "../support/sim-world.ts";
import { marksOf, story, viewOf } from "../support/story.ts";

const unlinked = { storage: "memory", links: false } as const;

story(
  "new keys are made although one of two nodes gives nothing for as long as it stands",
  async (world) => {
    const { second, alice, bob, id } = await twoNodes(world);
    await world.run(alice.stop());
    second.isBusy = true;
    // Else it counts as read from before.
    second.setUp(false);
    await world.advance(1_000);
    second.setUp(true);
    world.disk("alice").tables.get("groups")!.delete(id);
    await alice.start();
    must(await world.run(bob.messenger.sendText(id, "where are you?")));
    await world.advance(5 * 60_000);
    expect((await viewOf(world, alice, id)).healingSinceMs, "a busy one is waited for").toBeDefined();
    await world.advance(10 * 60_000);
    expect((await viewOf(world, alice, id)).healingSinceMs).toBeUndefined();
    must(await world.run(alice.messenger.sendText(id, "here")));
    await world.advance(20_000);
    expect(await textsOf(world, bob.messenger, id)).toContain("here");
    expect(await textsOf(world, alice.messenger, id)).toContain("where are you?");
    expect(new Set(await marksOf(world, bob, id))).toEqual(new Set(["read"]));
  },
  unlinked,
);

story(
  "that keys are missing is noticed although one of two nodes gives nothing for as long as it stands",
  async (world) => {
    const { first, second, alice, id } = await twoNodes(world);
    second.isBusy = true;
    second.setUp(false);
    await world.advance(1_000);
    second.setUp(true);
    await world.advance(5_000);
    const keys = keysOf(world, "alice", id);
    // Of keys that come from nowhere: only somebody with the topic's secret can leave that.
    must(first.append(topicOn(world, "alice", id).key, wrap(world, keys.topic, world.random.bytes(200), 7), undefined));
    await world.advance(11 * 60_000);
    expect(keysOf(world, "alice", id).group.generation).toBeGreaterThan(0);
    expect((await viewOf(world, alice, id)).healingSinceMs).toBeUndefined();
  },
  unlinked,
);

story(
  "a node that was away for long is read before it counts as one that gives nothing",
  async (world) => {
    const { second, alice, bob, id } = await twoNodes(world);
    second.setUp(false);
    await world.run(alice.stop());
    await world.advance(60 * 60_000);
    world.disk("alice").tables.get("groups")!.delete(id);
    second.isBusy = true;
    second.setUp(true);
    await world.advance(30_000);
    await alice.start();
    await world.advance(30_000);
    expect((await viewOf(world, alice, id)).healingSinceMs).toBeDefined();
    second.isBusy = false;
    await world.advance(10_000);
    expect((await viewOf(world, alice, id)).healingSinceMs).toBeUndefined();
    expect(await textsOf(world, bob.messenger, id)).toEqual(["(unknown)"]);
  },
  unlinked,
);

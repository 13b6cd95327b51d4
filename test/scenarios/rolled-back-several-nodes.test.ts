// A profile that is an earlier copy of itself, whose conversation is kept at several nodes: which of them has to be read
// before anything is sealed (PROTOCOL.md §11).
import { expect } from "vitest";
import type { ConversationId } from "../../core/index.ts";
import { addNode, personAt, secondNode, topicOn, twoNodes } from "../support/several-nodes.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { homeNode, must, textsOf, type World } from "../support/sim-world.ts";
import { type Leaving, marksOf, story, viewOf, wiretap } from "../support/story.ts";

const unlinked = { storage: "memory", links: false } as const;

function putBack(world: World, device: string): () => void {
  const { tables } = world.disk(device);
  const earlier = structuredClone(tables);
  return () => {
    tables.clear();
    for (const [table, rows] of earlier) tables.set(table, rows);
  };
}

/** How many envelopes the device left in the conversation's topic. */
function saidBy(leaving: readonly Leaving[], world: World, { name }: SimDevice, id: ConversationId): number {
  const { key } = topicOn(world, name, id);
  return leaving.filter(({ by, device, topic }) => by === "append" && device === name && topic === key).length;
}

story(
  "words at a node that is busy are waited for although another one was read, which has nothing of them",
  async (world) => {
    const { first, second, alice, bob, id } = await twoNodes(world);
    await world.run(bob.stop());
    const back = putBack(world, "alice");
    second.setUp(false);
    for (const text of ["kept", "kept as well"]) must(await world.run(alice.messenger.sendText(id, text)));
    await world.advance(20_000);
    expect(await marksOf(world, alice, id)).toEqual(["held", "held"]);
    await world.run(alice.stop());
    back();
    second.setUp(true);
    first.isBusy = true;
    const leaving = wiretap(world);
    await alice.start();
    must(await world.run(alice.messenger.sendText(id, "new")));
    await world.advance(10_000);
    expect(saidBy(leaving, world, alice, id)).toBe(0);
    first.isBusy = false;
    await bob.start();
    await world.advance(120_000);
    const texts = (await textsOf(world, bob.messenger, id)).filter((text) => text !== "(unknown)");
    expect(texts.toSorted()).toEqual(["kept", "kept as well", "new"]);
    expect((await viewOf(world, bob, id)).missing).toBe(0);
  },
  unlinked,
);

story(
  "a node that never gives anything holds nobody up for longer than half a minute",
  async (world) => {
    const { first, alice, id } = await twoNodes(world);
    await world.run(alice.stop());
    first.isBusy = true;
    const leaving = wiretap(world);
    await alice.start();
    must(await world.run(alice.messenger.sendText(id, "at last")));
    await world.advance(20_000);
    expect(saidBy(leaving, world, alice, id)).toBe(0);
    await world.advance(20_000);
    expect(await marksOf(world, alice, id)).toEqual(["delivered"]);
  },
  unlinked,
);

story(
  "a node that is away is waited for hardly longer than somebody's answer",
  async (world) => {
    const { second, alice, id } = await twoNodes(world);
    await world.run(alice.stop());
    second.setUp(false);
    await alice.start();
    must(await world.run(alice.messenger.sendText(id, "soon")));
    await world.advance(6_000);
    expect(await marksOf(world, alice, id)).toEqual(["delivered"]);
  },
  unlinked,
);

story(
  "new keys that are due are not made before it is known that those of now were not used since",
  async (world) => {
    const { alice, bob, id } = await twoNodes(world);
    await world.run(bob.stop());
    await world.advance(25 * 3_600_000);
    must(await world.run(alice.messenger.sendText(id, "a day later")));
    await world.run(alice.stop());
    const { key: topic } = topicOn(world, "alice", id);
    const leaving = wiretap(world);
    const startedAtMs = world.clock.now();
    await alice.start();
    await world.advance(10_000);
    const commits = leaving.filter((one) => one.topic === topic && one.slot !== undefined);
    expect(commits.length).toBeGreaterThan(0);
    expect(commits[0]!.atMs - startedAtMs).toBeGreaterThan(2_000);
  },
  unlinked,
);

story(
  "words at the node where a conversation was kept are waited for while it begins anew, although one's own was read and it has moved there",
  async (world) => {
    const own = addNode(world, secondNode);
    const alice = await personAt(world, "alice", secondNode);
    const bob = await world.person("bob");
    const id = await world.befriend(bob, alice);
    await world.advance(5_000);
    expect(topicOn(world, "alice", id).places.map(({ node }) => node)).toEqual([homeNode, secondNode]);
    await world.run(bob.stop());
    const back = putBack(world, "alice");
    must(await world.run(alice.messenger.sendText(id, "kept")));
    await world.advance(20_000);
    expect(await marksOf(world, alice, id)).toEqual(["held"]);
    await world.run(alice.stop());
    back();
    world.node.setUp(false);
    await bob.start();
    must(await world.run(bob.messenger.moveConversation(id, [own.url])));
    must(await world.run(bob.messenger.sendText(id, "moved")));
    await alice.start();
    await world.advance(15_000);
    world.node.setUp(true);
    must(await world.run(alice.messenger.sendText(id, "new")));
    await world.advance(120_000);
    const texts = (await textsOf(world, bob.messenger, id)).filter((text) => text !== "(unknown)");
    expect(texts.toSorted()).toEqual(["kept", "moved", "new"]);
  },
  unlinked,
);

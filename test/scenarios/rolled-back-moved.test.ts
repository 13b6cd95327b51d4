// A profile that is an earlier copy of itself has forgotten where a conversation was moved to: nobody would hear the other.
import { expect } from "vitest";
import type { ConversationId } from "../../core/index.ts";
import { addNode, fateOf, personAt, secondNode } from "../support/several-nodes.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { keysOf } from "../support/sim-forger.ts";
import { conversationAt } from "../support/sim-group.ts";
import { homeNode, must, textsOf, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

/** Alice lives on the second node, Bob on the first, where the conversation is. */
async function apartOnTwo(world: World) {
  addNode(world, secondNode);
  const bob = await world.person("bob");
  const alice = await personAt(world, "alice", secondNode);
  const id = await world.befriend(bob, alice);
  await world.advance(20_000);
  return { alice, bob, id };
}

async function putBack(world: World, device: SimDevice, earlier: ReturnType<World["disk"]>["tables"]) {
  await world.run(device.stop());
  const { tables } = world.disk(device.name);
  tables.clear();
  for (const [table, rows] of earlier) tables.set(table, rows);
}

const nodesOf = (world: World, device: SimDevice, id: ConversationId) => conversationAt(world, device, id).nodes;

story(
  "is told with its new keys where the conversation was moved to, which it forgot",
  async (world) => {
    const { alice, bob, id } = await apartOnTwo(world);
    const earlier = structuredClone(world.disk("bob").tables);
    must(await world.run(alice.messenger.moveConversation(id, [secondNode])));
    await world.advance(10_000);
    must(await world.run(bob.messenger.sendText(id, "forgotten")));
    await world.advance(10_000);
    expect(nodesOf(world, bob, id)).toEqual([secondNode]);
    await putBack(world, bob, earlier);
    world.disk("bob").tables.get("groups")?.delete(id);
    await bob.start();
    await world.advance(60_000);
    expect(nodesOf(world, bob, id)).toEqual([secondNode]);
    must(await world.run(bob.messenger.sendText(id, "from bob")));
    must(await world.run(alice.messenger.sendText(id, "from alice")));
    await world.advance(60_000);
    for (const one of [alice, bob]) {
      expect(await textsOf(world, one.messenger, id)).toEqual(expect.arrayContaining(["from bob", "from alice"]));
      expect((await fateOf(world, one, id)).at(-1)).toBe("delivered");
    }
  },
  { storage: "memory", links: false },
);

story(
  "is told where the conversation was moved to once it says something where it was before, although its keys are sound",
  async (world) => {
    const { alice, bob, id } = await apartOnTwo(world);
    const earlier = structuredClone(world.disk("bob").tables);
    for (const node of world.nodes.values()) node.setUp(false);
    must(await world.run(alice.messenger.moveConversation(id, [secondNode])));
    await world.advance(5_000);
    expect(nodesOf(world, bob, id), "told over the link").toEqual([secondNode]);
    await putBack(world, bob, earlier);
    world.apart.add("alice bob");
    for (const node of world.nodes.values()) node.setUp(true);
    await bob.start();
    await world.advance(60_000);
    expect(nodesOf(world, bob, id)).toEqual([homeNode]);
    must(await world.run(bob.messenger.sendText(id, "from bob")));
    await world.advance(60_000);
    expect(nodesOf(world, bob, id)).toEqual([secondNode]);
    expect(conversationAt(world, bob, id).nodesOrder.slice(0, 22)).toBe(
      conversationAt(world, alice, id).nodesOrder.slice(0, 22),
    );
    must(await world.run(alice.messenger.sendText(id, "from alice")));
    await world.advance(60_000);
    for (const one of [alice, bob]) {
      expect(await textsOf(world, one.messenger, id)).toEqual(["from bob", "from alice"]);
      expect(await fateOf(world, one, id)).toEqual(["delivered"]);
      expect(keysOf(world, one.name, id).group.generation).toBe(0);
    }
  },
  { storage: "memory" },
);

story(
  "is told where it had moved the conversation itself, although what it says there is under keys that it used since",
  async (world) => {
    const { alice, bob, id } = await apartOnTwo(world);
    const earlier = structuredClone(world.disk("bob").tables);
    must(await world.run(bob.messenger.moveConversation(id, [secondNode])));
    await world.advance(10_000);
    await putBack(world, bob, earlier);
    // What he said there of the move is gone.
    world.node.topics.clear();
    await bob.start();
    await world.advance(10_000);
    must(await world.run(bob.messenger.sendText(id, "from bob")));
    await world.advance(60_000);
    must(await world.run(alice.messenger.sendText(id, "from alice")));
    await world.advance(60_000);
    for (const one of [alice, bob]) {
      expect(nodesOf(world, one, id)).toEqual([secondNode]);
      expect(await textsOf(world, one.messenger, id)).toEqual(expect.arrayContaining(["from bob", "from alice"]));
      expect((await fateOf(world, one, id)).at(-1)).toBe("delivered");
    }
  },
  { storage: "memory", links: false },
);

// Connections to nodes of others: there while somebody needs them, and closed then.
import { expect } from "vitest";
import type { NodeUrl } from "../../core/index.ts";
import { createSimNode } from "../support/sim-node.ts";
import { homeNode, must, textsOf, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const farNode = "http://far.example" as NodeUrl;

/** Alice lives on a node of her own; Bob where the world begins. Engines that have a connection open there, or try to. */
async function apart(world: World) {
  const far = createSimNode(world.clock, farNode, world.random.bytes(32));
  world.nodes.set(farNode, far);
  const alice = world.device("alice");
  await alice.start();
  must(await world.run(alice.messenger.start({ name: "Alice", node: farNode })));
  const bob = await world.person("bob");
  await world.advance(1_000);
  return { alice, bob, far, atFar: () => far.watchers.size, atHome: () => world.node.watchers.size };
}

story("closes the node it was connected to until somebody began elsewhere", async (world) => {
  const { atFar, atHome, alice } = await apart(world);
  expect([atFar(), atHome()]).toEqual([1, 1]);
  expect(await world.see(alice.messenger.network)).toEqual({ kind: "connected", node: farNode });
});

story("visits another's node for a look at their invite, and closes it again", async (world) => {
  const { alice, bob, far, atFar } = await apart(world);
  const invite = must(await world.run(alice.messenger.createInvite()));
  for (let n = 0; n < 3; n++) {
    expect(must(await world.run(bob.messenger.previewInvite(invite.link)))).toMatchObject({ name: "Alice" });
    await world.advance(1_000);
    expect(atFar()).toBe(1);
  }
  const both = [bob.messenger.previewInvite(invite.link), bob.messenger.previewInvite(invite.link)];
  for (const one of await world.run(Promise.all(both))) expect(one.ok).toBe(true);
  await world.advance(1_000);
  expect(atFar(), "after two looks at once").toBe(1);
  far.setUp(false);
  expect((await world.run(bob.messenger.previewInvite(invite.link))).ok).toBe(false);
  await world.advance(1_000);
  expect(atFar(), "after a look in vain").toBe(1);
  expect(await world.see(bob.messenger.network)).toEqual({ kind: "connected", node: homeNode });
});

story("stays at a contact's node for as long as there is a conversation on it", async (world) => {
  const { alice, bob, atFar } = await apart(world);
  const id = await world.befriend(alice, bob);
  must(await world.run(bob.messenger.sendText(id, "hello")));
  await world.advance(5_000);
  expect(await textsOf(world, alice.messenger, id)).toEqual(["hello"]);
  expect(atFar()).toBe(2);
  must(await world.run(bob.messenger.answerRequest(id, "delete")));
  await world.advance(5_000);
  expect(atFar()).toBe(1);
});

import { expect } from "vitest";
import { must, textsOf } from "../support/sim-world.ts";
import { marksOf, story } from "../support/story.ts";

story("lets nobody write to an invite that was withdrawn", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const invite = must(await world.run(alice.messenger.createInvite()));
  must(await world.run(alice.messenger.withdrawInvite(invite.id)));
  expect(await world.see(alice.messenger.invites)).toEqual([]);
  expect(await world.run(bob.messenger.acceptInvite(invite.link))).toEqual({ ok: false, error: "used" });
  expect((await world.see(bob.messenger.conversations)).map(({ kind }) => kind)).toEqual(["self"]);
});

story("closes an invite that was withdrawn without a node as soon as the node is back", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const invite = must(await world.run(alice.messenger.createInvite()));
  world.node.setUp(false);
  await world.advance(1_000);
  must(await world.run(alice.messenger.withdrawInvite(invite.id)));
  world.node.setUp(true);
  await world.advance(60_000);
  expect(await world.run(bob.messenger.acceptInvite(invite.link))).toEqual({ ok: false, error: "used" });
});

story("takes what was written to somebody who deleted the request along to the next invite", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const first = must(await world.run(alice.messenger.createInvite()));
  const old = must(await world.run(bob.messenger.acceptInvite(first.link)));
  must(await world.run(bob.messenger.sendText(old, "one")));
  must(await world.run(bob.messenger.sendText(old, "two")));
  await world.advance(2_000);
  must(await world.run(alice.messenger.answerRequest(old, "delete")));
  const second = must(await world.run(alice.messenger.createInvite()));
  const id = must(await world.run(bob.messenger.acceptInvite(second.link)));
  expect(id).not.toBe(old);
  await world.advance(2_000);
  must(await world.run(alice.messenger.answerRequest(id, "accept")));
  await world.advance(10_000);
  expect(await textsOf(world, alice.messenger, id)).toEqual(["one", "two"]);
  expect(await textsOf(world, bob.messenger, id)).toEqual(["one", "two"]);
  expect(await marksOf(world, bob, id)).toEqual(["delivered", "delivered"]);
});

story("leads a contact who opens the used link again to the chat there is", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const invite = must(await world.run(alice.messenger.createInvite()));
  const id = must(await world.run(bob.messenger.acceptInvite(invite.link)));
  expect(must(await world.run(bob.messenger.previewInvite(invite.link))).name).toBe("Alice");
  expect(must(await world.run(bob.messenger.acceptInvite(invite.link)))).toBe(id);
});

story(
  "says that a node takes nothing at the first message that waits, whatever else waits in front of it",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    world.node.refuses = { kind: "full", what: "topic" };
    // It is told in the conversation, and is no message.
    must(await world.run(alice.messenger.rename("Alice of old")));
    await world.advance(1_000);
    must(await world.run(alice.messenger.sendText(id, "are you there?")));
    await world.advance(1_000);
    expect(await marksOf(world, alice, id)).toEqual(["trouble"]);
    world.node.refuses = undefined;
    await world.advance(3_600_000);
    expect(await marksOf(world, alice, id)).toEqual(["delivered"]);
  },
  { links: false },
);

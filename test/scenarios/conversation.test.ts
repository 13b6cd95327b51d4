import { expect } from "vitest";
import { must, textsOf } from "../support/sim-world.ts";
import { arrivalsOf, marksOf, ordersOf, story, viewOf } from "../support/story.ts";

const year = 365 * 24 * 3_600_000;

story("keeps a draft until it is sent, also across a restart", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  must(await world.run(alice.messenger.saveDraft(id, "what I wanted to s")));
  await alice.stop();
  await alice.start();
  expect((await viewOf(world, alice, id)).draft).toBe("what I wanted to s");
  must(await world.run(alice.messenger.sendText(id, "what I wanted to say")));
  expect((await viewOf(world, alice, id)).draft).toBe("");
});

story("counts what is unread and knows where it begins", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  const first = must(await world.run(alice.messenger.sendText(id, "one")));
  must(await world.run(alice.messenger.sendText(id, "two")));
  await world.advance(1_000);
  expect(await viewOf(world, bob, id)).toMatchObject({
    unread: 2,
    firstUnread: first,
    last: { text: "two", mine: false },
  });
  must(await world.run(bob.messenger.markRead(id)));
  expect(await viewOf(world, bob, id)).toMatchObject({ unread: 0, firstUnread: undefined });
  const third = must(await world.run(alice.messenger.sendText(id, "three")));
  await world.advance(1_000);
  expect(await viewOf(world, bob, id)).toMatchObject({ unread: 1, firstUnread: third });
  must(await world.run(bob.messenger.sendText(id, "yes?")));
  await world.advance(1_000);
  expect(await viewOf(world, bob, id)).toMatchObject({
    unread: 0,
    last: { text: "yes?", mine: true, mark: { kind: "delivered" } },
  });
  expect(await viewOf(world, alice, id)).toMatchObject({ last: { text: "yes?", mine: false, mark: undefined } });
});

story("counts as unread what was written before my newest words but came after them", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  alice.setOnline(false);
  await world.advance(1_000);
  must(await world.run(alice.messenger.sendText(id, "written in the tunnel")));
  await world.advance(60_000);
  must(await world.run(bob.messenger.sendText(id, "where are you?")));
  alice.setOnline(true);
  await world.advance(60_000);
  expect(await textsOf(world, bob.messenger, id)).toEqual(["written in the tunnel", "where are you?"]);
  expect(await viewOf(world, bob, id)).toMatchObject({ unread: 1 });
  must(await world.run(bob.messenger.markRead(id)));
  expect(await viewOf(world, bob, id)).toMatchObject({ unread: 0, firstUnread: undefined });
});

story("tells contacts a new name, also one who was offline", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await bob.stop();
  must(await world.run(alice.messenger.rename("  Alice   B. ")));
  expect(await world.see(alice.messenger.profile)).toMatchObject({ name: "Alice B." });
  await world.advance(1_000);
  await bob.start();
  await world.advance(1_000);
  expect((await viewOf(world, bob, id)).title).toBe("Alice B.");
  expect(await world.run(alice.messenger.rename(" "))).toEqual({ ok: false, error: "empty" });
  expect(await world.run(alice.messenger.rename("x".repeat(61)))).toEqual({ ok: false, error: "too-long" });
});

story("refuses text that is empty or too long, and carries the longest", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  expect(await world.run(alice.messenger.sendText(id, " \n "))).toEqual({ ok: false, error: "empty" });
  expect(await world.run(alice.messenger.sendText(id, "x".repeat(8_001)))).toEqual({ ok: false, error: "too-long" });
  const longest = "語".repeat(8_000);
  must(await world.run(alice.messenger.sendText(id, longest)));
  await world.advance(1_000);
  expect(await textsOf(world, bob.messenger, id)).toEqual([longest]);
});

story("keeps notes to self on this device", async (world) => {
  const alice = await world.person("alice");
  const [self] = await world.see(alice.messenger.conversations);
  must(await world.run(alice.messenger.sendText(self!.id, "buy bread")));
  await alice.stop();
  await alice.start();
  expect(await textsOf(world, alice.messenger, self!.id)).toEqual(["buy bread"]);
  expect(await marksOf(world, alice, self!.id)).toEqual([]);
});

story("starts once, and keeps the person and the words of recovery", async (world) => {
  const alice = await world.person("alice");
  // The list of words is loaded when it is asked for, which takes the machine's time and none of the world's.
  const phrase = await alice.messenger.phrase();
  expect(phrase?.split(" ")).toHaveLength(12);
  const profile = await world.see(alice.messenger.profile);
  expect(await world.run(alice.messenger.start({ name: "Other", node: world.node.url }))).toEqual({
    ok: false,
    error: "already-started",
  });
  await alice.stop();
  await alice.start();
  expect(await world.see(alice.messenger.profile)).toEqual(profile);
  expect(await alice.messenger.phrase()).toBe(phrase);
});

for (const [what, offsetMs] of [
  ["ten minutes ahead", 600_000],
  ["ten minutes behind", -600_000],
  ["a year ahead", year],
  ["a year behind", -year],
] as const) {
  story(`agrees on the order and delivers when one clock is ${what}`, async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    alice.clock.offsetMs = offsetMs;
    for (let n = 0; n < 3; n++) {
      must(await world.run(alice.messenger.sendText(id, `alice ${n}`)));
      await world.advance(2_000);
      must(await world.run(bob.messenger.sendText(id, `bob ${n}`)));
      await world.advance(2_000);
    }
    await bob.stop();
    must(await world.run(alice.messenger.sendText(id, "while you were away")));
    await world.advance(20_000);
    expect((await marksOf(world, alice, id)).at(-1)).toBe("held");
    await bob.start();
    await world.advance(60_000);
    expect(await ordersOf(world, bob.messenger, id)).toEqual(await ordersOf(world, alice.messenger, id));
    expect(await textsOf(world, bob.messenger, id)).toHaveLength(7);
    expect(new Set(await arrivalsOf(world, alice, id))).toEqual(new Set(["delivered"]));
    expect(new Set(await arrivalsOf(world, bob, id))).toEqual(new Set(["delivered"]));
  });
}

story("goes on when a clock jumps back by a year in the middle", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(5_000);
  must(await world.run(alice.messenger.sendText(id, "before")));
  await world.advance(1_000);
  alice.clock.offsetMs = -year;
  must(await world.run(alice.messenger.sendText(id, "after")));
  await world.advance(1_000);
  must(await world.run(bob.messenger.sendText(id, "answer")));
  await world.advance(10_000);
  expect(await textsOf(world, alice.messenger, id)).toEqual(["before", "after", "answer"]);
  expect(await textsOf(world, bob.messenger, id)).toEqual(["before", "after", "answer"]);
  // Presence goes on as well: Bob comes back, asks who is here, and is answered.
  await bob.stop();
  await world.advance(5_000);
  expect((await viewOf(world, alice, id)).presence.kind).toBe("away");
  await bob.start();
  await world.advance(3_000);
  expect((await viewOf(world, alice, id)).presence.kind).toBe("here");
  expect((await viewOf(world, bob, id)).presence.kind).toBe("here");
  await world.advance(30_000);
  expect((await viewOf(world, alice, id)).person?.path).toBe("direct");
  // The path breaks in silence, and the clock jumps again: the node still gets its copy.
  world.apart.add("alice bob");
  for (const pair of world.place.open) pair.cut("never");
  must(await world.run(alice.messenger.sendText(id, "to the node")));
  alice.clock.offsetMs = -2 * year;
  await world.advance(10_000);
  expect(await textsOf(world, bob.messenger, id)).toContain("to the node");
  // Nor does it keep a dead link.
  await world.advance(60_000);
  expect((await viewOf(world, alice, id)).person?.path).toBe("node");
  expect(await textsOf(world, bob.messenger, id)).toEqual(await textsOf(world, alice.messenger, id));
});

story(
  "shows as expired what nobody fetched in time, and has it promised anew when the node is there",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await bob.stop();
    must(await world.run(alice.messenger.sendText(id, "are you there?")));
    await world.advance(5_000);
    await alice.stop();
    await world.advance(31 * 24 * 3_600_000);
    world.node.setUp(false);
    await alice.start();
    await world.advance(5_000);
    expect(await marksOf(world, alice, id)).toEqual(["expired"]);
    world.node.setUp(true);
    await world.advance(20_000);
    expect(await marksOf(world, alice, id)).toEqual(["held"]);
    await bob.start();
    await world.advance(20_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["are you there?"]);
    expect(await marksOf(world, alice, id)).toEqual(["delivered"]);
  },
);

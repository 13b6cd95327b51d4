import { expect } from "vitest";
import type { OutboxRecord } from "../../core/ports/outbox-records.ts";
import { must, rowsOn, textsOf } from "../support/sim-world.ts";
import { marksOf, ordersOf, story, viewOf, wiretap } from "../support/story.ts";

story("delivers a message sent while the recipient was offline", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await bob.stop();
  await world.advance(1_000);
  must(await world.run(alice.messenger.sendText(id, "for later")));
  await world.advance(10_000);
  expect(await marksOf(world, alice, id)).toEqual(["held"]);
  await bob.start();
  await world.advance(10_000);
  expect(await textsOf(world, bob.messenger, id)).toEqual(["for later"]);
  expect(await marksOf(world, alice, id)).toEqual(["delivered"]);
});

story(
  "delivers what a sender wrote who closed before the recipient opened, and tells the sender later",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await bob.stop();
    must(await world.run(alice.messenger.sendText(id, "good night")));
    await world.advance(5_000);
    await alice.stop();
    await bob.start();
    await world.advance(5_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["good night"]);
    await bob.stop();
    await alice.start();
    await world.advance(5_000);
    expect(await marksOf(world, alice, id)).toEqual(["delivered"]);
  },
);

story(
  "keeps what is written while the node is down, and says so, and sends it when it is up",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    world.node.setUp(false);
    await world.advance(100);
    expect(await world.see(alice.messenger.network)).toMatchObject({ kind: "offline", reason: "unreachable" });
    for (const text of ["one", "two", "three"]) must(await world.run(alice.messenger.sendText(id, text)));
    await world.advance(30_000);
    expect(await marksOf(world, alice, id)).toEqual(["saved", "saved", "saved"]);
    expect(await textsOf(world, alice.messenger, id)).toEqual(["one", "two", "three"]);
    world.node.setUp(true);
    await world.advance(60_000);
    expect(await world.see(alice.messenger.network)).toMatchObject({ kind: "connected" });
    expect(await textsOf(world, bob.messenger, id)).toEqual(["one", "two", "three"]);
    expect(await marksOf(world, alice, id)).toEqual(["delivered", "delivered", "delivered"]);
  },
  { links: false },
);

story(
  "sends again what the node had written down and died before it could say so",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    world.node.dieAfterAppend = true;
    must(await world.run(alice.messenger.sendText(id, "once")));
    await world.advance(5_000);
    expect(world.node.up).toBe(false);
    expect(await marksOf(world, alice, id)).toEqual(["saved"]);
    world.node.setUp(true);
    await world.advance(60_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["once"]);
    expect(await marksOf(world, alice, id)).toEqual(["delivered"]);
  },
  { links: false },
);

story("uses the link first, and does not touch the topic while the link is up", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(10_000);
  expect((await viewOf(world, alice, id)).person?.path).toBe("direct");
  const leaving = wiretap(world);
  for (let n = 0; n < 10; n++) {
    must(await world.run((n % 2 ? alice : bob).messenger.sendText(id, `number ${n}`)));
    await world.advance(100);
  }
  await world.advance(20_000);
  expect(await textsOf(world, bob.messenger, id)).toHaveLength(10);
  // Bob answered all but the last.
  expect(await marksOf(world, alice, id)).toEqual([...new Array(4).fill("read"), "delivered"]);
  expect(leaving.filter(({ by }) => by === "append")).toEqual([]);
});

story(
  "finds a link that fell silent dead 2.5 s after an envelope was given to it, and gives the node what it had",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(10_000);
    // The path breaks without a word: both sides believe in their link.
    for (const pair of world.place.open) pair.cut("never");
    const leaving = wiretap(world);
    const sentAtMs = world.clock.now();
    must(await world.run(alice.messenger.sendText(id, "into the void")));
    await world.advance(2_000);
    must(await world.run(alice.messenger.sendText(id, "and again")));
    await world.advance(400);
    expect(leaving.filter(({ by }) => by === "append")).toEqual([]);
    expect(await marksOf(world, alice, id)).toEqual(["saved", "saved"]);
    await world.advance(500);
    const appends = leaving.filter(({ by, device }) => by === "append" && device === "alice");
    expect(appends.map(({ atMs }) => Math.floor((atMs - sentAtMs) / 500))).toEqual([5, 5]);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["into the void", "and again"]);
    // What came through the node made bob ask his end of the link, which he found dead as well.
    await world.advance(2_000);
    expect(await marksOf(world, alice, id)).toEqual(["delivered", "delivered"]);
  },
);

story("goes to the node at once when the link is closed in the middle of sending", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(10_000);
  must(await world.run(alice.messenger.sendText(id, "on its way")));
  for (const pair of world.place.open) pair.cut("at once");
  await world.advance(100);
  expect(await textsOf(world, bob.messenger, id)).toEqual(["on its way"]);
  expect(await marksOf(world, alice, id)).toEqual(["delivered"]);
  // And a new link is there before long.
  await world.advance(60_000);
  expect((await viewOf(world, alice, id)).person?.path).toBe("direct");
});

story(
  "asks a busy node again",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    world.faults = { ...world.faults, busy: 1 };
    must(await world.run(alice.messenger.sendText(id, "patience")));
    await world.advance(5_000);
    world.faults = { ...world.faults, busy: 0 };
    await world.advance(5_000);
    expect(await marksOf(world, alice, id)).toEqual(["delivered"]);
  },
  { links: false },
);

story(
  "reads again when the node was busy",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    world.faults = { ...world.faults, delayMs: [10, 10] };
    must(await world.run(alice.messenger.sendText(id, "patience")));
    // Bob's reader hears that there is something, and is then sent away.
    while (!rowsOn<OutboxRecord>(world.disk("alice"), "outbox").every(({ custodies }) => custodies.length > 0))
      await world.advance(1);
    world.faults = { ...world.faults, busy: 1 };
    await world.advance(200);
    expect(await textsOf(world, bob.messenger, id)).toEqual([]);
    world.faults = { ...world.faults, busy: 0 };
    await world.advance(5_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["patience"]);
  },
  { links: false, storage: "memory" },
);

story("shows the same order on both sides when both write at once", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  world.apart.add("alice bob");
  for (let n = 0; n < 5; n++) {
    await world.run(Promise.all([alice.messenger.sendText(id, `alice ${n}`), bob.messenger.sendText(id, `bob ${n}`)]));
  }
  await world.advance(10_000);
  expect(await ordersOf(world, alice.messenger, id)).toHaveLength(10);
  expect(await textsOf(world, alice.messenger, id)).toEqual(await textsOf(world, bob.messenger, id));
});

story(
  "catches up on three hundred messages in one go",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await bob.stop();
    await world.advance(1_000);
    const texts = Array.from({ length: 300 }, (_, n) => `number ${n}`);
    for (const text of texts) must(await world.run(alice.messenger.sendText(id, text)));
    await world.advance(10_000);
    await bob.start();
    await world.advance(20_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(texts);
    expect(new Set(await marksOf(world, alice, id))).toEqual(new Set(["delivered"]));
  },
  { storage: "memory" },
);

import { expect } from "vitest";
import { deriveTopic } from "../../core/wire/topic.ts";
import { keysOf } from "../support/sim-forger.ts";
import { homeNode, must } from "../support/sim-world.ts";
import { story, viewOf, wiretap } from "../support/story.ts";

story("shows a contact who is here, and that they left", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(2_000);
  expect((await viewOf(world, alice, id)).presence).toEqual({ kind: "here" });
  const goneAtMs = world.clock.now();
  await world.run(bob.stop());
  await world.advance(1_000);
  const { presence } = await viewOf(world, alice, id);
  expect(presence).toMatchObject({ kind: "away" });
  expect(presence.kind === "away" && (presence.lastHeardMs ?? 0) - goneAtMs).toBeLessThan(100);
});

story("shows a contact as away who fell silent, within 75 seconds", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(40_000);
  bob.setOnline(false);
  await world.advance(20_000);
  expect((await viewOf(world, alice, id)).presence.kind).toBe("here");
  await world.advance(60_000);
  expect((await viewOf(world, alice, id)).presence.kind).toBe("away");
  bob.setOnline(true);
  await world.advance(30_000);
  expect((await viewOf(world, alice, id)).presence.kind).toBe("here");
});

story("stays here for as long as both are", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  for (let minute = 0; minute < 10; minute++) {
    await world.advance(60_000);
    expect((await viewOf(world, alice, id)).presence.kind).toBe("here");
    expect((await viewOf(world, bob, id)).presence.kind).toBe("here");
    expect((await viewOf(world, alice, id)).person?.path).toBe("direct");
  }
});

story("shows that the other side is writing, and stops by itself", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(2_000);
  bob.messenger.setTyping(id, true);
  await world.advance(500);
  expect((await viewOf(world, alice, id)).typing).toBe(true);
  expect((await viewOf(world, bob, id)).typing).toBe(false);
  bob.messenger.setTyping(id, false);
  await world.advance(500);
  expect((await viewOf(world, alice, id)).typing).toBe(false);
  bob.messenger.setTyping(id, true);
  await world.advance(7_000);
  expect((await viewOf(world, alice, id)).typing).toBe(false);
});

story("shows how bytes travel: direct while there is a link, by the node when not", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(5_000);
  expect((await viewOf(world, alice, id)).person?.path).toBe("direct");
  expect((await viewOf(world, bob, id)).person?.path).toBe("direct");
  expect(await world.see(alice.messenger.direct)).toBe("ready");
  world.apart.add("alice bob");
  for (const pair of world.place.open) pair.cut("at once");
  await world.advance(5_000);
  expect((await viewOf(world, alice, id)).person?.path).toBe("node");
  world.apart.clear();
  await world.advance(150_000);
  expect((await viewOf(world, alice, id)).person?.path).toBe("direct");
});

story("does not stay linked to a device whose path died without a word", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(5_000);
  world.apart.add("alice bob");
  for (const pair of world.place.open) pair.cut("never");
  await world.advance(60_000);
  expect((await viewOf(world, alice, id)).person?.path).toBe("node");
  expect((await viewOf(world, bob, id)).person?.path).toBe("node");
});

story("looks for nobody while there is nobody to link with", async (world) => {
  const alice = await world.person("alice");
  await world.advance(120_000);
  expect(await world.see(alice.messenger.direct)).toBe("off");
  must(await world.run(alice.messenger.createInvite()));
  await world.advance(120_000);
  expect(await world.see(alice.messenger.direct)).toBe("off");
});

story(
  "keeps the link, and shows who is here, when the node repeats an old good-bye",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    const leaving = wiretap(world);
    await world.run(bob.stop());
    const goodBye = leaving.findLast(({ device, by }) => device === "bob" && by === "signal")!;
    await world.advance(5_000);
    expect((await viewOf(world, alice, id)).presence.kind).toBe("away");
    await bob.start();
    await world.advance(30_000);
    const [link] = world.place.open;
    expect(link).toBeDefined();
    const { topic } = keysOf(world, "alice", id);
    const node = world.bare("the node's owner").nodes.node(homeNode);
    await world.advance(100);
    const heard = wiretap(world);
    for (let n = 0; n < 3; n++) {
      node.signal({ topic: topic.key, seed: deriveTopic(topic.secret).seed }, goodBye.bytes);
      await world.advance(1_000);
      expect((await viewOf(world, alice, id)).presence.kind).toBe("here");
    }
    await world.advance(60_000);
    expect([...world.place.open]).toEqual([link]);
    expect(heard.filter(({ device, by }) => device === "alice" && by === "signal").length).toBeGreaterThan(0);
    expect(await viewOf(world, alice, id)).toMatchObject({ presence: { kind: "here" }, person: { path: "direct" } });
    node.close();
  },
  { storage: "memory" },
);

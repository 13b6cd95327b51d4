import { expect } from "vitest";
import type { ConversationId } from "../../core/index.ts";
import type { GroupRecord } from "../../core/ports/group-records.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { must, rowsOn, textsOf, type World } from "../support/sim-world.ts";
import { arrivalsOf, story, wiretap } from "../support/story.ts";

const groupOf = (world: World, device: SimDevice, id: ConversationId) =>
  rowsOn<GroupRecord>(world.disk(device.name), "groups").find(({ key }) => key === id)!;

async function say(world: World, device: SimDevice, id: ConversationId, count: number): Promise<void> {
  for (let n = 0; n < count; n++) must(await world.run(device.messenger.sendText(id, `${device.name} ${n}`)));
}

story(
  "renews its keys after a hundred messages, and not before",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    const before = groupOf(world, alice, id);
    await say(world, alice, id, 99 - before.sealedSinceUpdate);
    await world.advance(5_000);
    expect(groupOf(world, alice, id).epoch).toBe(before.epoch);
    await say(world, alice, id, 1);
    await world.advance(5_000);
    expect(groupOf(world, alice, id)).toMatchObject({
      epoch: before.epoch + 1,
      sealedSinceUpdate: 0,
      pending: undefined,
    });
    expect(groupOf(world, bob, id).epoch).toBe(before.epoch + 1);
    expect(groupOf(world, bob, id).epochSecrets).toEqual(groupOf(world, alice, id).epochSecrets);
    await say(world, bob, id, 2);
    await world.advance(5_000);
    expect(await textsOf(world, alice.messenger, id)).toEqual(await textsOf(world, bob.messenger, id));
  },
  { storage: "memory" },
);

story(
  "gives the slot to one of two who renew at once; the other follows and renews after it",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    const before = groupOf(world, alice, id).epoch;
    await say(world, alice, id, 99 - groupOf(world, alice, id).sealedSinceUpdate);
    await say(world, bob, id, 99 - groupOf(world, bob, id).sealedSinceUpdate);
    await world.advance(5_000);
    const leaving = wiretap(world);
    await Promise.all([say(world, alice, id, 1), say(world, bob, id, 1)]);
    await world.advance(60_000);
    const commits = leaving.filter(({ slot }) => slot !== undefined);
    expect(new Set(commits.map(({ device }) => device))).toEqual(new Set(["alice", "bob"]));
    for (const device of [alice, bob]) {
      expect(groupOf(world, device, id)).toMatchObject({ epoch: before + 2, pending: undefined });
    }
    expect(groupOf(world, bob, id).epochSecrets).toEqual(groupOf(world, alice, id).epochSecrets);
    await say(world, alice, id, 1);
    await say(world, bob, id, 1);
    await world.advance(5_000);
    expect(await textsOf(world, alice.messenger, id)).toEqual(await textsOf(world, bob.messenger, id));
    expect(new Set(await arrivalsOf(world, alice, id))).toEqual(new Set(["delivered"]));
  },
  { storage: "memory" },
);

story(
  "waits with the renewal while no node is in reach, and messages flow on over the link",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    const before = groupOf(world, alice, id).epoch;
    world.node.setUp(false);
    await say(world, alice, id, 110);
    await world.advance(5_000);
    expect(groupOf(world, alice, id).epoch).toBe(before);
    expect(await textsOf(world, bob.messenger, id)).toHaveLength(110);
    expect(new Set(await arrivalsOf(world, alice, id))).toEqual(new Set(["delivered"]));
    world.node.setUp(true);
    await world.advance(60_000);
    expect(groupOf(world, alice, id).epoch).toBe(before + 1);
    expect(groupOf(world, bob, id).epoch).toBe(before + 1);
  },
  { storage: "memory" },
);

story(
  "renews after a day in which something was said",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    const before = groupOf(world, alice, id).epoch;
    await say(world, alice, id, 1);
    for (const device of [alice, bob]) await world.run(device.stop());
    await world.advance(25 * 3_600_000);
    for (const device of [alice, bob]) await device.start();
    await world.advance(5_000);
    expect(groupOf(world, alice, id).epoch).toBeGreaterThan(before);
    expect(groupOf(world, bob, id).epoch).toBe(groupOf(world, alice, id).epoch);
  },
  { storage: "memory" },
);

story(
  "seals again what waited so long that its keys are gone, and says it once",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    const before = groupOf(world, alice, id).epoch;
    alice.setOnline(false);
    await world.advance(1_000);
    must(await world.run(alice.messenger.sendText(id, "written long ago")));
    for (let renewal = 1; renewal <= 6; renewal++) {
      const group = groupOf(world, bob, id);
      world
        .disk("bob")
        .tables.get("groups")!
        .set(id, { ...group, sealedSinceUpdate: 99 });
      must(await world.run(bob.messenger.sendText(id, `renewal ${renewal}`)));
      await world.advance(10_000);
      expect(groupOf(world, bob, id).epoch).toBe(before + renewal);
    }
    alice.setOnline(true);
    await world.advance(60_000);
    for (const device of [alice, bob]) {
      const texts = await textsOf(world, device.messenger, id);
      expect(texts.filter((text) => text === "written long ago")).toHaveLength(1);
      expect(texts).toHaveLength(7);
    }
    expect(await arrivalsOf(world, alice, id)).toEqual(["delivered"]);
    expect(new Set(await arrivalsOf(world, bob, id))).toEqual(new Set(["delivered"]));
  },
  { storage: "memory" },
);

// A device whose keys of a group are damaged gets a new leaf from any member's device, and nobody has to do anything
// (PROTOCOL.md §13.7).
import { expect } from "vitest";
import type { ConversationId } from "../../core/index.ts";
import type { SimDevice } from "../support/sim-device.ts";
import {
  accountOf,
  conversationAt,
  eventsAt,
  groupAt,
  keysOf,
  put,
  standGroup,
  storyAt,
  timelineAt,
  waitingAt,
  wants,
} from "../support/sim-group.ts";
import type { World } from "../support/sim-world.ts";
import { story, threePeople } from "../support/story.ts";
import { unreadable } from "../support/whole-group.ts";

const memory = { storage: "memory" } as const;

function expectOneGroup(world: World, devices: readonly SimDevice[], id: ConversationId): void {
  const [first] = devices;
  for (const one of devices) {
    expect(conversationAt(world, one, id).healing, one.name).toBeUndefined();
    expect(keysOf(world, one, id)?.epoch, one.name).toBe(keysOf(world, first!, id)?.epoch);
    expect(keysOf(world, one, id)?.epochSecrets[0], one.name).toEqual(keysOf(world, first!, id)?.epochSecrets[0]);
    expect(groupAt(world, one, id), one.name).toEqual(groupAt(world, first!, id));
    expect(storyAt(world, one, id), one.name).toEqual(storyAt(world, first!, id));
  }
}

const noticesAt = (world: World, device: SimDevice, id: ConversationId) =>
  timelineAt(world, device, id).filter(({ body }) => body.kind === "notice");

const damages = {
  gone: (world: World, device: SimDevice, id: ConversationId) =>
    void world.disk(device.name).tables.get("groups")!.delete(id),
  unreadable: (world: World, device: SimDevice, id: ConversationId) =>
    put(world, device, "groups", { ...keysOf(world, device, id)!, state: unreadable }),
  "without their trees": (world: World, device: SimDevice, id: ConversationId) => {
    const trees = world.disk(device.name).tables.get("trees")!;
    const own = [...trees.keys()].filter((key) => key.startsWith(id));
    expect(own.length).toBeGreaterThan(0);
    for (const key of own) trees.delete(key);
  },
};

for (const [what, damage] of Object.entries(damages)) {
  story(
    `a device whose keys are ${what} is in the group again, with one quiet line that only it has`,
    async (world) => {
      const { alice, bob, all } = await threePeople(world);
      const id = await standGroup(world, all);
      await wants(world, alice, id, { kind: "rename", name: "Climbers" });
      await world.advance(5_000);
      await world.run(bob.stop());
      damage(world, bob, id);
      await bob.start();
      await world.advance(60_000);
      expectOneGroup(world, all, id);
      expect(keysOf(world, bob, id)?.joinedEpoch).toBe(3);
      expect(noticesAt(world, bob, id)).toMatchObject([{ body: { notice: "keys-renewed" } }]);
      for (const one of [alice]) expect(noticesAt(world, one, id)).toEqual([]);
      expect(eventsAt(world, bob, id)).toEqual([{ kind: "renamed", name: "Climbers" }]);
      // And goes on as before.
      await wants(world, alice, id, { kind: "rename", name: "Swimmers" });
      await world.advance(30_000);
      expectOneGroup(world, all, id);
      expect(groupAt(world, bob, id).facts.name).toBe("Swimmers");
      for (const one of all) expect(waitingAt(world, one, id)).toEqual([]);
    },
    memory,
  );
}

story(
  "a device that was rolled back notices its own commit and is healed",
  async (world) => {
    const { alice, all } = await threePeople(world);
    const id = await standGroup(world, all);
    await world.run(alice.stop());
    const earlier = structuredClone(world.disk("alice").tables);
    await alice.start();
    await wants(world, alice, id, { kind: "rename", name: "Climbers" });
    await world.advance(5_000);
    await world.run(alice.stop());
    const { tables } = world.disk("alice");
    tables.clear();
    for (const [table, rows] of earlier) tables.set(table, rows);
    await wants(world, alice, id, { kind: "describe", description: "On Sundays" });
    await world.advance(60_000);
    for (const one of all) {
      expect(groupAt(world, one, id).facts).toMatchObject({ name: "Climbers", description: "On Sundays" });
      expect(keysOf(world, one, id)?.epoch).toBe(keysOf(world, alice, id)?.epoch);
      expect(conversationAt(world, one, id).healing).toBeUndefined();
    }
  },
  memory,
);

story(
  "two devices that are damaged at once are healed one after the other by the third",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    const id = await standGroup(world, all);
    for (const one of [bob, carol]) {
      await world.run(one.stop());
      damages.gone(world, one, id);
      await one.start();
    }
    await world.advance(120_000);
    expectOneGroup(world, [alice, bob, carol], id);
  },
  memory,
);

story(
  "nobody answers a request for a leaf that somebody else answered, and none is answered twice",
  async (world) => {
    const { alice, bob, all } = await threePeople(world);
    const id = await standGroup(world, all);
    await world.run(bob.stop());
    damages.gone(world, bob, id);
    await bob.start();
    await world.advance(120_000);
    expect(keysOf(world, alice, id)?.epoch).toBe(2);
    expect(groupAt(world, bob, id).people.map(({ account }) => account)).toContain(accountOf(world, bob));
  },
  memory,
);

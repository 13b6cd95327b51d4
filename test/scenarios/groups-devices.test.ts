// Persons with several devices in a group: a further one gets in by itself once the person's signed list names it, and one that
// is revoked is taken out (PROTOCOL.md §13.7, §13.8).
import { expect } from "vitest";
import type { ConversationId } from "../../core/index.ts";
import type { SimDevice } from "../support/sim-device.ts";
import {
  accountOf,
  conversationAt,
  eventsAt,
  groupAt,
  keysOf,
  profileOf,
  standGroup,
  timelineAt,
  topicAt,
  waitingAt,
  wants,
  wordsAt,
} from "../support/sim-group.ts";
import { handOver, linkedDevice, revokeOn } from "../support/sim-own-devices.ts";
import { must, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const memory = { storage: "memory" } as const;

async function three(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = await world.person("carol");
  return { alice, bob, carol, all: [alice, bob, carol] };
}

/** A further device of somebody's, with the group as linking hands it over; started. */
async function further(world: World, of: SimDevice, name: string, id: ConversationId): Promise<SimDevice> {
  const device = await linkedDevice(world, of, name);
  handOver(world, of, device, id);
  await device.start();
  return device;
}

function expectOneGroup(world: World, devices: readonly SimDevice[], id: ConversationId): void {
  const [first] = devices;
  for (const one of devices) {
    expect(conversationAt(world, one, id).healing, one.name).toBeUndefined();
    expect(keysOf(world, one, id)?.epoch, one.name).toBe(keysOf(world, first!, id)?.epoch);
    expect(keysOf(world, one, id)?.epochSecrets[0], one.name).toEqual(keysOf(world, first!, id)?.epochSecrets[0]);
    expect(groupAt(world, one, id), one.name).toEqual(groupAt(world, first!, id));
    expect(waitingAt(world, one, id), one.name).toEqual([]);
  }
}

const devicesIn = (world: World, at: SimDevice, id: ConversationId, whose: SimDevice) =>
  groupAt(world, at, id).people.find(({ account }) => account === accountOf(world, whose))?.devices.length;

story(
  "a further device of a member gets in by itself, and the others read a quiet line",
  async (world) => {
    const { alice, bob, all } = await three(world);
    const id = await standGroup(world, all);
    const phone = await further(world, bob, "bob-phone", id);
    await world.advance(60_000);
    expectOneGroup(world, [...all, phone], id);
    expect(devicesIn(world, alice, id, bob)).toBe(2);
    for (const one of all)
      expect(eventsAt(world, one, id)).toEqual([{ kind: "new-device", account: accountOf(world, bob) }]);
    expect(timelineAt(world, phone, id)).toEqual([]);
    expect(groupAt(world, alice, id).facts.rotation).toBe(0);
    must(await world.run(phone.messenger.sendText(id, "from the phone")));
    await world.advance(1_000);
    must(await world.run(bob.messenger.sendText(id, "from the desk")));
    await world.advance(1_000);
    must(await world.run(alice.messenger.sendText(id, "to both")));
    await world.advance(60_000);
    for (const one of [...all, phone]) {
      expect(wordsAt(world, one, id), one.name).toEqual(["from the phone", "from the desk", "to both"]);
    }
    const { messages } = await world.see(bob.messenger.timeline(id, 10));
    const words = messages.filter(({ body }) => body.kind === "text");
    expect(words.map(({ mine }) => mine)).toEqual([true, true, false]);
    expect(words[1]?.reached).toMatchObject({ delivered: 2, of: 2 });
    const [said] = (await world.see(alice.messenger.timeline(id, 10))).messages.slice(-1);
    expect(said?.reached).toMatchObject({ delivered: 2, of: 2 });
  },
  memory,
);

story(
  "a device that its person revoked is taken out: it has neither keys nor topic any more",
  async (world) => {
    const { alice, bob, carol, all } = await three(world);
    const id = await standGroup(world, all);
    const phone = await further(world, bob, "bob-phone", id);
    await world.advance(60_000);
    const before = topicAt(world, alice, id)!;
    await revokeOn(world, bob, phone);
    await world.advance(60_000);
    expectOneGroup(world, all, id);
    expect(devicesIn(world, carol, id, bob)).toBe(1);
    expect(groupAt(world, alice, id).facts.rotation).toBe(1);
    expect(topicAt(world, alice, id)?.key).not.toBe(before.key);
    expect(groupAt(world, phone, id).standing).toMatchObject({ kind: "removed", by: accountOf(world, bob) });
    expect(keysOf(world, phone, id)).toBeUndefined();
    expect(topicAt(world, phone, id)).toBeUndefined();
    must(await world.run(alice.messenger.sendText(id, "without the phone")));
    await world.advance(30_000);
    expect(wordsAt(world, bob, id)).toEqual(["without the phone"]);
    expect(wordsAt(world, phone, id)).toEqual([]);
    expect(await world.run(phone.messenger.sendText(id, "still here?"))).toMatchObject({ ok: false });
    expect(profileOf(world, phone).account).toBe(accountOf(world, bob));
    await wants(world, alice, id, { kind: "rename", name: "Climbers" });
    await world.advance(30_000);
    expectOneGroup(world, all, id);
  },
  memory,
);

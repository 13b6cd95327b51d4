// Persons with several devices in a group: a further one gets in by itself once the person's signed list names it, and one that
// is revoked is taken out (PROTOCOL.md §13.7).
import { expect } from "vitest";
import type { SimDevice } from "../support/sim-device.ts";
import {
  accountOf,
  eventsAt,
  groupAt,
  keysOf,
  profileOf,
  put,
  standGroup,
  timelineAt,
  topicAt,
  wants,
  wordsAt,
} from "../support/sim-group.ts";
import {
  devicesIn,
  expectOneGroup,
  furtherDevice,
  handOver,
  linkedDevice,
  revokeOn,
} from "../support/sim-own-devices.ts";
import { must } from "../support/sim-world.ts";
import { story, threePeople, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;

story(
  "a further device of a member gets in by itself, and the others read a quiet line",
  async (world) => {
    const { alice, bob, all } = await threePeople(world);
    const id = await standGroup(world, all);
    const phone = await furtherDevice(world, bob, "bob-phone", id);
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
  "what was read on one device of a person is unread on their others no longer, up to there",
  async (world) => {
    const { alice, bob, all } = await threePeople(world);
    const id = await standGroup(world, all);
    const phone = await furtherDevice(world, bob, "bob-phone", id);
    await world.advance(60_000);
    for (const text of ["one", "two"]) {
      must(await world.run(alice.messenger.sendText(id, text)));
      await world.advance(1_000);
    }
    const unreadAt = async (device: SimDevice) => (await viewOf(world, device, id)).unread;
    expect([await unreadAt(bob), await unreadAt(phone)]).toEqual([2, 2]);
    must(await world.run(phone.messenger.markRead(id)));
    must(await world.run(alice.messenger.sendText(id, "three")));
    await world.advance(30_000);
    expect([await unreadAt(bob), await unreadAt(phone)]).toEqual([1, 1]);
    // Others hear it once, from the device that it was read on.
    must(await world.run(bob.messenger.markRead(id)));
    await world.advance(30_000);
    expect([await unreadAt(bob), await unreadAt(phone)]).toEqual([0, 0]);
    const words = (await world.see(alice.messenger.timeline(id, 10))).messages.filter(
      ({ body }) => body.kind === "text",
    );
    expect(words.map(({ reached }) => reached?.read)).toEqual([1, 1, 1]);
  },
  memory,
);

story(
  "a device that its person revoked is taken out: it has neither keys nor topic any more",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    const id = await standGroup(world, all);
    const phone = await furtherDevice(world, bob, "bob-phone", id);
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

story(
  "each device gets in that another one of the person linked, and learns of the others from the group",
  async (world) => {
    const { alice, bob, all } = await threePeople(world);
    const id = await standGroup(world, all);
    const phone = await furtherDevice(world, bob, "bob-phone", id);
    await world.advance(60_000);
    const tablet = await furtherDevice(world, phone, "bob-tablet", id);
    await world.advance(60_000);
    expectOneGroup(world, [...all, phone, tablet], id);
    expect(profileOf(world, bob).deviceList).toEqual(profileOf(world, tablet).deviceList);
    // With keys that are lost, the first one comes back by a list that is newer than the one of its leaf.
    await world.run(bob.stop());
    world.disk("bob").tables.get("groups")!.delete(id);
    await bob.start();
    await world.advance(60_000);
    expectOneGroup(world, [...all, phone, tablet], id);
    expect(eventsAt(world, alice, id)).toHaveLength(2);
    // Who knows the newest list takes away what it revokes, whichever device said so.
    await revokeOn(world, tablet, bob);
    await world.advance(60_000);
    expectOneGroup(world, [...all.filter((one) => one !== bob), phone, tablet], id);
    expect(devicesIn(world, alice, id, phone)).toBe(2);
    expect(keysOf(world, bob, id)).toBeUndefined();
  },
  memory,
);

story(
  "a device that was away and knows an older list of its person is healed all the same",
  async (world) => {
    const { bob, all } = await threePeople(world);
    const id = await standGroup(world, all);
    const older = profileOf(world, bob).deviceList;
    const phone = await furtherDevice(world, bob, "bob-phone", id);
    await world.advance(60_000);
    await world.run(bob.stop());
    put(world, bob, "profile", { ...profileOf(world, bob), deviceList: older });
    world.disk("bob").tables.get("groups")!.delete(id);
    await bob.start();
    await world.advance(60_000);
    expectOneGroup(world, [...all, phone], id);
    expect(profileOf(world, bob).deviceList).toEqual(profileOf(world, phone).deviceList);
  },
  memory,
);

story(
  "a new device in place of the only one gets in first, then the old one is taken out",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    const id = await standGroup(world, all);
    await world.run(bob.stop());
    const phone = await linkedDevice(world, bob, "bob-phone");
    handOver(world, bob, phone, id);
    await revokeOn(world, phone, bob);
    await phone.start();
    await world.advance(90_000);
    expectOneGroup(world, [alice, carol, phone], id);
    expect(groupAt(world, alice, id).people).toHaveLength(3);
    expect(devicesIn(world, alice, id, phone)).toBe(1);
    await bob.start();
    await world.advance(30_000);
    expect(groupAt(world, bob, id).standing).toMatchObject({ kind: "removed", by: accountOf(world, bob) });
    expect(keysOf(world, bob, id)).toBeUndefined();
  },
  memory,
);

story(
  "who leaves on one device has left on all, and nobody waits for them",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    const id = await standGroup(world, all);
    const phone = await furtherDevice(world, bob, "bob-phone", id);
    await world.advance(60_000);
    must(await world.run(bob.messenger.groups.leaveGroup(id)));
    await world.advance(60_000);
    expectOneGroup(world, [alice, carol], id);
    for (const one of [bob, phone]) {
      expect(groupAt(world, one, id).standing, one.name).toMatchObject({ kind: "left" });
      expect(keysOf(world, one, id), one.name).toBeUndefined();
      expect(topicAt(world, one, id), one.name).toBeUndefined();
    }
    expect(groupAt(world, alice, id).people).toHaveLength(2);
    expect(eventsAt(world, carol, id).at(-1)).toEqual({ kind: "left", account: accountOf(world, bob) });
    must(await world.run(alice.messenger.sendText(id, "the two of us")));
    await world.advance(30_000);
    const [said] = (await world.see(alice.messenger.timeline(id, 1))).messages;
    expect(said?.reached).toMatchObject({ delivered: 1, of: 1 });
  },
  memory,
);

story(
  "a device that was away while another one of its person left, and they were seen off, says that they left",
  async (world) => {
    const { bob, all } = await threePeople(world);
    const id = await standGroup(world, all);
    const phone = await furtherDevice(world, bob, "bob-phone", id);
    await world.advance(60_000);
    phone.setOnline(false);
    must(await world.run(bob.messenger.groups.leaveGroup(id)));
    await world.advance(60_000);
    phone.setOnline(true);
    await world.advance(30_000);
    expect(groupAt(world, phone, id).standing).toMatchObject({ kind: "left" });
    expect(keysOf(world, phone, id)).toBeUndefined();
  },
  memory,
);

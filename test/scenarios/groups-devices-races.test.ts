// Several devices of one person while other things happen in the group at the same time (PROTOCOL.md §13.3, §13.7):
// whatever comes first, all agree on who is in the group, and who is out has neither keys nor topic.
import { expect } from "vitest";
import type { ConversationId } from "../../core/index.ts";
import { openEnvelope } from "../../core/wire/envelope.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import type { SimDevice } from "../support/sim-device.ts";
import {
  accountOf,
  conversationAt,
  groupAt,
  keysOf,
  standGroup,
  storyAt,
  topicAt,
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
import { must, type World } from "../support/sim-world.ts";
import { story, threePeople } from "../support/story.ts";

const memory = { storage: "memory" } as const;
/** From the start of a new device to what happens meanwhile: before its request, before the answer to it, and behind both. */
const momentsMs = [0, 500, 4_100, 20_000];

function expectOutside(world: World, device: SimDevice, id: ConversationId): void {
  expect(groupAt(world, device, id).standing.kind, device.name).not.toBe("member");
  expect(keysOf(world, device, id), device.name).toBeUndefined();
  expect(topicAt(world, device, id), device.name).toBeUndefined();
}

for (const afterMs of momentsMs) {
  story(
    `a person who is removed ${afterMs} ms after a new device of theirs came is gone with all of them`,
    async (world) => {
      const { alice, bob, carol, all } = await threePeople(world);
      const id = await standGroup(world, all);
      const phone = await furtherDevice(world, bob, "bob-phone", id);
      await world.advance(afterMs);
      const removed = alice.messenger.groups.changeGroup(id, { kind: "remove", account: accountOf(world, bob) });
      must(await world.run(removed));
      await world.advance(90_000);
      expectOneGroup(world, [alice, carol], id);
      expect(groupAt(world, alice, id).people).toHaveLength(2);
      expectOutside(world, bob, id);
      must(await world.run(carol.messenger.sendText(id, "the two of us")));
      await world.advance(30_000);
      expect(wordsAt(world, alice, id)).toEqual(["the two of us"]);
      expect(wordsAt(world, phone, id)).toEqual([]);
      // Never let in, it has what was handed over, and nobody answers it; let in, it saw itself removed.
      expect(keysOf(world, phone, id)).toBeUndefined();
      expect(topicAt(world, phone, id)?.key).not.toBe(topicAt(world, alice, id)?.key);
    },
    memory,
  );

  story(
    `a new device comes in though somebody else is removed ${afterMs} ms later`,
    async (world) => {
      const { alice, bob, carol, all } = await threePeople(world);
      const id = await standGroup(world, all);
      const phone = await furtherDevice(world, bob, "bob-phone", id);
      await world.advance(afterMs);
      const removed = alice.messenger.groups.changeGroup(id, { kind: "remove", account: accountOf(world, carol) });
      must(await world.run(removed));
      await world.advance(90_000);
      if (keysOf(world, phone, id) === undefined) {
        // It asked in a topic that was over: another device of its person hands the new one over.
        await world.run(phone.stop());
        handOver(world, bob, phone, id);
        await phone.start();
        await world.advance(90_000);
      }
      expectOneGroup(world, [alice, bob, phone], id);
      expect(devicesIn(world, alice, id, bob)).toBe(2);
      expectOutside(world, carol, id);
      must(await world.run(phone.messenger.sendText(id, "here I am")));
      await world.advance(30_000);
      for (const one of [alice, bob, phone]) expect(wordsAt(world, one, id), one.name).toEqual(["here I am"]);
      expect(wordsAt(world, carol, id)).toEqual([]);
    },
    memory,
  );
}

story(
  "a device that is revoked while it writes is heard up to then, by all alike, and not any more",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    const id = await standGroup(world, all);
    const phone = await furtherDevice(world, bob, "bob-phone", id);
    await world.advance(60_000);
    const old = topicAt(world, phone, id)!;
    await revokeOn(world, bob, phone);
    const sent: string[] = [];
    for (let n = 0; n < 40; n++) {
      const said = await world.run(phone.messenger.sendText(id, `word ${n}`));
      if (said.ok) sent.push(`word ${n}`);
      await world.advance(500);
    }
    await world.advance(60_000);
    expectOneGroup(world, all, id);
    expectOutside(world, phone, id);
    const heard = wordsAt(world, alice, id);
    expect(heard.length).toBeGreaterThan(0);
    expect(heard).toEqual(sent.slice(0, heard.length));
    for (const one of all) expect(storyAt(world, one, id), one.name).toEqual(storyAt(world, alice, id));
    // What lies in the new topic is sealed with what the device never had, and nothing more comes into the old one.
    const fresh = topicAt(world, alice, id)!;
    const lengthBefore = world.node.latest(old.key);
    must(await world.run(carol.messenger.sendText(id, "without it")));
    await world.advance(30_000);
    expect(world.node.latest(old.key)).toBe(lengthBefore);
    expect(world.node.latest(fresh.key)).toBeGreaterThan(0);
    for (const { envelope } of world.node.topics.get(fresh.key)!.entries) {
      expect(openEnvelope(deriveTopic(old.secret).envelopeKey, fresh.key, envelope).ok).toBe(false);
    }
    expect(wordsAt(world, phone, id)).not.toContain("without it");
  },
  memory,
);

story(
  "two devices of one admin that change different things at once both get what they want",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    const id = await standGroup(world, all);
    const laptop = await furtherDevice(world, alice, "alice-laptop", id);
    await world.advance(60_000);
    const changed = await world.run(
      Promise.all([
        alice.messenger.groups.changeGroup(id, { kind: "rename", name: "Climbers" }),
        laptop.messenger.groups.changeGroup(id, { kind: "describe", description: "On Sundays" }),
        alice.messenger.groups.changeGroup(id, { kind: "remove", account: accountOf(world, carol) }),
        laptop.messenger.groups.changeGroup(id, { kind: "role", account: accountOf(world, bob), role: "admin" }),
      ]),
    );
    for (const one of changed) expect(one.ok).toBe(true);
    await world.advance(90_000);
    expectOneGroup(world, [alice, laptop, bob], id);
    expectOutside(world, carol, id);
    const { facts } = groupAt(world, bob, id);
    expect(facts).toMatchObject({ name: "Climbers", description: "On Sundays", rotation: 1 });
    expect(facts.roles).toContainEqual({ account: accountOf(world, bob), role: "admin" });
    // But for the line that told of the laptop itself.
    expect(storyAt(world, laptop, id)).toEqual(storyAt(world, alice, id).slice(1));
  },
  memory,
);

story(
  "two devices of one admin that want the same do it once, and nobody is told of a failure",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    const id = await standGroup(world, all);
    const laptop = await furtherDevice(world, alice, "alice-laptop", id);
    await world.advance(60_000);
    const remove = { kind: "remove", account: accountOf(world, carol) } as const;
    await world.run(Promise.all([alice, laptop].map((one) => one.messenger.groups.changeGroup(id, remove))));
    await world.advance(60_000);
    expectOneGroup(world, [alice, laptop, bob], id);
    expect(groupAt(world, bob, id).facts.rotation).toBe(1);
    expectOutside(world, carol, id);
  },
  memory,
);

story(
  "who leaves on one device while another one writes and changes the group has left on both",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    const id = await standGroup(world, all, [bob]);
    const phone = await furtherDevice(world, bob, "bob-phone", id);
    await world.advance(60_000);
    await world.run(
      Promise.all([
        bob.messenger.groups.leaveGroup(id),
        phone.messenger.sendText(id, "and I write"),
        phone.messenger.groups.changeGroup(id, { kind: "rename", name: "Climbers" }),
      ]),
    );
    await world.advance(90_000);
    expectOneGroup(world, [alice, carol], id);
    expect(groupAt(world, alice, id).people).toHaveLength(2);
    for (const one of [bob, phone]) {
      expectOutside(world, one, id);
      expect(groupAt(world, one, id).standing.kind, one.name).toBe("left");
    }
    expect(storyAt(world, carol, id)).toEqual(storyAt(world, alice, id));
  },
  memory,
);

story(
  "a device whose keys are lost comes back while another one of its person is revoked",
  async (world) => {
    const { alice, bob, all } = await threePeople(world);
    const id = await standGroup(world, all);
    const phone = await furtherDevice(world, bob, "bob-phone", id);
    await world.advance(60_000);
    await world.run(bob.stop());
    world.disk("bob").tables.get("groups")!.delete(id);
    await revokeOn(world, bob, phone);
    await bob.start();
    await world.advance(120_000);
    expectOneGroup(world, all, id);
    expect(devicesIn(world, alice, id, bob)).toBe(1);
    expectOutside(world, phone, id);
  },
  memory,
);

story(
  "two new devices of two persons, linked at once, both get in",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    const id = await standGroup(world, all);
    const fresh: SimDevice[] = [];
    for (const of of [bob, carol]) {
      const device = await linkedDevice(world, of, `${of.name}-phone`);
      handOver(world, of, device, id);
      fresh.push(device);
    }
    for (const one of fresh) await one.start();
    await world.advance(120_000);
    expectOneGroup(world, [...all, ...fresh], id);
    expect(
      groupAt(world, alice, id)
        .people.map(({ devices }) => devices.length)
        .toSorted(),
    ).toEqual([1, 2, 2]);
    expect(conversationAt(world, fresh[0]!, id).healing).toBeUndefined();
  },
  memory,
);

story(
  "a change whose maker was away while devices of others came and went comes into force all the same, and all agree",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    const id = await standGroup(world, all);
    const tablet = await furtherDevice(world, bob, "bob-tablet", id);
    await world.advance(60_000);
    await world.run(tablet.stop());
    // Alice's commit is made and waits for its slot: the node goes as she asks for it.
    let isFirst = true;
    world.taps.add({
      appended(device, _topic, _envelope, slot) {
        if (device !== "alice" || slot === undefined || !isFirst) return;
        isFirst = false;
        world.node.setUp(false);
      },
    });
    must(await world.run(alice.messenger.groups.changeGroup(id, { kind: "remove", account: accountOf(world, carol) })));
    await world.advance(1_000);
    expect(keysOf(world, alice, id)?.pending).toBeDefined();
    await world.run(alice.stop());
    world.node.setUp(true);
    await world.advance(10_000);
    const phone = await furtherDevice(world, bob, "bob-phone", id);
    await world.advance(60_000);
    await revokeOn(world, bob, tablet);
    await world.advance(60_000);
    expectOneGroup(world, [bob, phone, carol], id);
    await alice.start();
    await tablet.start();
    await world.run(tablet.messenger.sendText(id, "from the tablet"));
    await world.advance(120_000);
    expectOneGroup(world, [alice, bob, phone], id);
    expect(devicesIn(world, alice, id, bob)).toBe(2);
    expect(groupAt(world, alice, id).people).toHaveLength(2);
    for (const one of [carol, tablet]) expectOutside(world, one, id);
    must(await world.run(phone.messenger.sendText(id, "we are two")));
    await world.advance(30_000);
    for (const one of [alice, bob, phone]) expect(wordsAt(world, one, id), one.name).toEqual(["we are two"]);
  },
  memory,
);

// Damage that meets a conversation which has been mended before, moved, or forgotten by its node.
import { expect } from "vitest";
import { labels } from "../../core/crypto/labels.ts";
import { sign } from "../../core/crypto/signature.ts";
import { makeKeyPackage } from "../../core/group/key-package.ts";
import { sealContent } from "../../core/group/messages.ts";
import type { ConversationId } from "../../core/index.ts";
import { err } from "../../core/lang/result.ts";
import { healRequestMessage, sealEnvelope } from "../../core/wire/envelope.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { keysOf, wrap } from "../support/sim-forger.ts";
import { farNode, must, textsOf, type World } from "../support/sim-world.ts";
import { arrivalsOf, marksOf, story, viewOf, wiretap } from "../support/story.ts";

const memory = { storage: "memory" } as const;
const throughTheNode = { ...memory, links: false };

async function friends(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(5_000);
  return { alice, bob, id };
}

/** The device loses its keys of the conversation, and asks for new ones. */
async function losesKeys(world: World, device: SimDevice, id: ConversationId): Promise<void> {
  await world.run(device.stop());
  world.disk(device.name).tables.get("groups")!.delete(id);
  await device.start();
  await world.advance(30_000);
}

/** Its disk is as it was when `copy` was taken. */
async function isPutBack(world: World, device: SimDevice, copy: Map<string, Map<string, unknown>>): Promise<void> {
  await world.run(device.stop());
  const tables = world.disk(device.name).tables as Map<string, Map<string, unknown>>;
  tables.clear();
  for (const [name, rows] of structuredClone(copy)) tables.set(name, rows);
  await device.start();
  await world.advance(60_000);
}

/** A request for new keys by Bob's hand. */
async function requestOf(world: World, id: ConversationId, generation: number): Promise<Uint8Array> {
  const { profile, topic } = keysOf(world, "bob", id);
  const { account, device, deviceSeed, deviceList } = profile;
  const { publicPackage: keyPackage } = await makeKeyPackage({ account, device, listSequence: 1 }, deviceSeed);
  const signature = sign(
    labels.healRequest,
    healRequestMessage({ conversation: id, topic: topic.key }, generation, keyPackage),
    deviceSeed,
  );
  const payload = { kind: "heal-request", deviceList, keyPackage, generation, signature, have: [] } as const;
  const { envelopeKey } = deriveTopic(topic.secret);
  return must(sealEnvelope(envelopeKey, topic.key, payload, world.random.bytes(24)));
}

async function talks(world: World, id: ConversationId, people: readonly SimDevice[]): Promise<void> {
  for (const one of people) must(await world.run(one.messenger.sendText(id, `${one.name} goes on`)));
  await world.advance(120_000);
  for (const one of people) {
    expect((await viewOf(world, one, id)).healingSinceMs, one.name).toBeUndefined();
    for (const other of people) expect(await textsOf(world, one.messenger, id)).toContain(`${other.name} goes on`);
  }
  const [a, b] = people.map((one) => keysOf(world, one.name, id).group);
  expect(a?.generation).toBe(b?.generation);
}

story(
  "makes new keys for whoever lost those that they had made themselves",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await losesKeys(world, alice, id);
    expect(keysOf(world, "bob", id).group.generation).toBe(1);
    await losesKeys(world, bob, id);
    await talks(world, id, [alice, bob]);
  },
  throughTheNode,
);

story(
  "makes new keys for whoever was put back to before the ones that they had made",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    const copy = structuredClone(world.disk("bob").tables) as unknown as Map<string, Map<string, unknown>>;
    await losesKeys(world, alice, id);
    must(await world.run(alice.messenger.sendText(id, "under the new keys")));
    await world.advance(10_000);
    await isPutBack(world, bob, copy);
    await talks(world, id, [alice, bob]);
  },
  throughTheNode,
);

story(
  "does not ask for a slot over and over whose winner the node has forgotten",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    must(await world.run(bob.messenger.sendText(id, "before")));
    await world.advance(5_000);
    await world.run(bob.stop());
    const { group } = keysOf(world, "alice", id);
    const rows = world.disk("alice").tables.get("groups")!;
    rows.set(id, { ...group, sealedSinceUpdate: 99 });
    must(await world.run(alice.messenger.sendText(id, "makes a renewal due")));
    await world.advance(5_000);
    expect(keysOf(world, "alice", id).group.epoch).toBe(group.epoch + 1);
    await world.run(alice.stop());
    await world.advance(25 * 3_600_000);
    for (const topic of world.node.topics.values()) topic.entries.length = 0;
    const leaving = wiretap(world);
    const asked = () => leaving.filter(({ slot }) => slot !== undefined).length;
    world.taps.add({ appended: () => asked() > 20 && world.node.setUp(false) });
    await bob.start();
    await world.advance(60_000);
    expect(asked()).toBeLessThan(5);
    await alice.start();
    await world.advance(60_000);
    await talks(world, id, [alice, bob]);
    expect(await textsOf(world, bob.messenger, id)).toContain("makes a renewal due");
  },
  throughTheNode,
);

story(
  "calls nothing held that a node keeps under keys which are gone",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await world.run(bob.stop());
    must(await world.run(alice.messenger.sendText(id, "left at the node")));
    await world.advance(10_000);
    expect(await marksOf(world, alice, id)).toEqual(["held"]);
    world.disk("bob").tables.get("groups")!.delete(id);
    const full = world.node.append;
    await bob.start();
    world.node.append = (topic, envelope, slot, by) =>
      by === "alice" && envelope.length < 4_096 ? err({ kind: "full", what: "node" }) : full(topic, envelope, slot, by);
    await world.advance(20_000);
    expect(keysOf(world, "alice", id).group.generation).toBe(1);
    expect(await marksOf(world, alice, id)).not.toContain("held");
    world.node.append = full;
    await world.advance(300_000);
    await talks(world, id, [alice, bob]);
    expect(await arrivalsOf(world, alice, id)).toEqual(["delivered", "delivered"]);
  },
  throughTheNode,
);

story(
  "tells under new keys the name that was told under those that were lost",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await world.run(bob.stop());
    must(await world.run(alice.messenger.rename("Alice Liddell")));
    await world.advance(10_000);
    await losesKeys(world, bob, id);
    await talks(world, id, [alice, bob]);
    expect((await viewOf(world, bob, id)).title).toBe("Alice Liddell");
  },
  throughTheNode,
);

story(
  "finds whoever was put back to before the conversation moved",
  async (world) => {
    world.addNode(farNode);
    const { alice, bob, id } = await friends(world);
    const copy = structuredClone(world.disk("bob").tables) as unknown as Map<string, Map<string, unknown>>;
    must(await world.run(bob.messenger.sendText(id, "forgotten")));
    must(await world.run(alice.messenger.moveConversation(id, [farNode])));
    await world.advance(60_000);
    await isPutBack(world, bob, copy);
    await talks(world, id, [alice, bob]);
    must(await world.run(bob.messenger.sendText(id, "at the new node")));
    world.node.setUp(false);
    await world.advance(60_000);
    must(await world.run(alice.messenger.sendText(id, "heard at the new node")));
    await world.advance(60_000);
    expect(await textsOf(world, bob.messenger, id)).toContain("heard at the new node");
  },
  throughTheNode,
);

story(
  "survives a contact who asks for keys beyond the last",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await world.run(bob.stop());
    for (const generation of [65_534, 0]) {
      const envelope = await requestOf(world, id, generation);
      must(world.node.append(keysOf(world, "bob", id).topic.key, envelope, undefined));
      await world.advance(30_000);
    }
    expect(keysOf(world, "alice", id).group.generation).toBe(65_535);
    must(await world.run(alice.messenger.sendText(id, "still here")));
    await world.advance(10_000);
    expect(await marksOf(world, alice, id)).toEqual(["held"]);
  },
  throughTheNode,
);

for (const links of [true, false]) {
  story(
    `mends once for what nobody has the keys for, ${links ? "with links" : "through the node"}`,
    async (world) => {
      const { alice, bob, id } = await friends(world);
      const { topic, group } = keysOf(world, "bob", id);
      // Who has an old copy of a disk can write this, and nothing that opens.
      const nobodys = wrap(world, topic, (await sealContent(group.state, Uint8Array.of(1))).message, 60_000);
      must(world.node.append(topic.key, nobodys, undefined));
      await world.advance(5_000);
      expect(keysOf(world, "bob", id).group.generation).toBeLessThan(3);
      await world.advance(60_000);
      await talks(world, id, [alice, bob]);
      expect(keysOf(world, "bob", id).group.generation).toBeLessThan(3);
      // What comes later and is ahead indeed is mended all the same.
      const { generation } = keysOf(world, "alice", id).group;
      await losesKeys(world, alice, id);
      await talks(world, id, [alice, bob]);
      expect(keysOf(world, "alice", id).group.generation).toBeGreaterThan(generation);
    },
    { ...memory, links },
  );
}

story(
  "answers a contact who asks for new keys all the time only now and then",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await world.run(bob.stop());
    for (let n = 0; n < 20; n++) {
      must(world.node.append(keysOf(world, "bob", id).topic.key, await requestOf(world, id, 0), undefined));
      await world.advance(500);
    }
    expect(keysOf(world, "alice", id).group.generation).toBeLessThan(3);
    await bob.start();
    await world.advance(30_000);
    await talks(world, id, [alice, bob]);
  },
  throughTheNode,
);

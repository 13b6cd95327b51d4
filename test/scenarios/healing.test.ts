// Damaged keys: lost, unreadable, missed, rolled back, split. Nobody does anything; what was said arrives all the same.
import { expect } from "vitest";
import { labels } from "../../core/crypto/labels.ts";
import { sign } from "../../core/crypto/signature.ts";
import { makeKeyPackage } from "../../core/group/key-package.ts";
import type { ConversationId } from "../../core/index.ts";
import type { GroupRecord } from "../../core/ports/group-records.ts";
import type { MessageRecord } from "../../core/ports/message-record.ts";
import { healRequestMessage, type Payload, sealEnvelope } from "../../core/wire/envelope.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { keysOf } from "../support/sim-forger.ts";
import { must, rowsOn, textsOf, type World } from "../support/sim-world.ts";
import { marksOf, story, viewOf, wiretap } from "../support/story.ts";
import { unreadable } from "../support/whole-group.ts";

const memory = { storage: "memory" } as const;

async function friends(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(5_000);
  return { alice, bob, id };
}

const said = async (world: World, device: SimDevice, id: ConversationId) =>
  (await textsOf(world, device.messenger, id)).filter((text) => text !== "(unknown)");

const notices = (world: World, device: SimDevice) =>
  rowsOn<MessageRecord>(world.disk(device.name), "messages").filter(({ body }) => body.kind === "notice").length;

/** Both write to each other, and everything is there in the end, in the same order, healed. */
async function goesOn(
  world: World,
  id: ConversationId,
  people: readonly SimDevice[],
  isForgotten = (_text: string) => false,
): Promise<void> {
  for (const one of people) must(await world.run(one.messenger.sendText(id, `${one.name} goes on`)));
  await world.advance(120_000);
  const [first, ...others] = await Promise.all(
    people.map(async (one) => (await said(world, one, id)).filter((text) => !isForgotten(text))),
  );
  for (const other of others) expect(other).toEqual(first);
  for (const one of people) {
    expect(["delivered", "read"], one.name).toEqual(
      expect.arrayContaining([...new Set(await marksOf(world, one, id))]),
    );
    expect((await viewOf(world, one, id)).healingSinceMs).toBeUndefined();
    expect(first).toContain(`${one.name} goes on`);
  }
  const [a, b] = people.map((one) => keysOf(world, one.name, id).group);
  expect(a?.generation).toBe(b?.generation);
}

for (const links of [true, false]) {
  const how = links ? "with links" : "through the node";
  const options = { ...memory, links };

  story(
    `makes new keys when one side's are lost, ${how}`,
    async (world) => {
      const { alice, bob, id } = await friends(world);
      must(await world.run(alice.messenger.sendText(id, "before")));
      await world.advance(10_000);
      await world.run(bob.stop());
      must(await world.run(alice.messenger.sendText(id, "while he is away")));
      world.disk("bob").tables.get("groups")!.delete(id);
      await bob.start();
      await world.advance(30_000);
      await goesOn(world, id, [alice, bob]);
      expect(await said(world, bob, id)).toContain("while he is away");
      expect([notices(world, alice), notices(world, bob)]).toEqual([1, 1]);
      expect(keysOf(world, "bob", id).group.generation).toBe(1);
    },
    options,
  );

  story(
    `makes new keys when both sides' are lost, ${how}`,
    async (world) => {
      const { alice, bob, id } = await friends(world);
      must(await world.run(alice.messenger.sendText(id, "before")));
      await world.advance(10_000);
      for (const one of [alice, bob]) {
        await world.run(one.stop());
        world.disk(one.name).tables.get("groups")!.delete(id);
      }
      for (const one of [alice, bob]) await one.start();
      await world.advance(30_000);
      await goesOn(world, id, [alice, bob]);
    },
    options,
  );

  story(
    `notices that a profile is an earlier copy of itself, before it says anything with used keys, ${how}`,
    async (world) => {
      const { alice, bob, id } = await friends(world);
      must(await world.run(bob.messenger.sendText(id, "kept")));
      await world.advance(10_000);
      const copy = structuredClone(world.disk("bob").tables);
      for (let n = 0; n < 5; n++) must(await world.run(bob.messenger.sendText(id, `forgotten ${n}`)));
      must(await world.run(alice.messenger.sendText(id, "heard and forgotten")));
      await world.advance(10_000);
      await world.run(bob.stop());
      const { tables } = world.disk("bob");
      tables.clear();
      for (const [name, rows] of copy) tables.set(name, rows);
      await bob.start();
      must(await world.run(bob.messenger.sendText(id, "after")));
      await world.advance(60_000);
      // What he wrote himself and forgot nobody can give back to him but the node.
      await goesOn(world, id, [alice, bob], (text) => text.startsWith("forgotten"));
      expect(await said(world, alice, id)).toContain("after");
    },
    options,
  );
}

story(
  "makes new keys when the group's state cannot be read any more",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await world.run(bob.stop());
    const rows = world.disk("bob").tables.get("groups")!;
    rows.set(id, { ...(rows.get(id) as GroupRecord), state: unreadable });
    await bob.start();
    must(await world.run(bob.messenger.sendText(id, "written with damaged keys")));
    await world.advance(30_000);
    await goesOn(world, id, [alice, bob]);
    expect(await said(world, alice, id)).toContain("written with damaged keys");
  },
  memory,
);

story(
  "catches up by new keys after an absence beyond what the node keeps",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await world.run(bob.stop());
    for (let n = 0; n < 6; n++) {
      const { group } = keysOf(world, "alice", id);
      world
        .disk("alice")
        .tables.get("groups")!
        .set(id, { ...group, sealedSinceUpdate: 99 });
      must(await world.run(alice.messenger.sendText(id, `day ${n}`)));
      await world.advance(10_000);
    }
    expect(keysOf(world, "alice", id).group.epoch).toBeGreaterThan(keysOf(world, "bob", id).group.epoch + 4);
    for (const topic of world.node.topics.values()) topic.entries.length = 0;
    await bob.start();
    await world.advance(60_000);
    await goesOn(world, id, [alice, bob]);
    expect((await said(world, bob, id)).filter((text) => text.startsWith("day"))).toHaveLength(6);
  },
  memory,
);

story(
  "catches up after 36 days in which the node forgot the changes of keys",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await bob.stop();
    for (let day = 0; day < 36; day++) {
      must(await world.run(alice.messenger.sendText(id, `day ${day}`)));
      await world.advance(25 * 3_600_000);
    }
    await bob.start();
    await world.advance(60_000);
    must(await world.run(bob.messenger.sendText(id, "hello?")));
    await world.advance(60_000);
    const texts = await said(world, bob, id);
    expect(texts.filter((text) => text.startsWith("day"))).toHaveLength(36);
    expect(await said(world, alice, id)).toEqual(texts);
    expect((await viewOf(world, bob, id)).healingSinceMs).toBeUndefined();
  },
  memory,
);

for (const links of [true, false]) {
  story(
    `heals a conversation that a node split by giving one slot twice, ${links ? "with links" : "through the node"}`,
    async (world) => {
      const { alice, bob, id } = await friends(world);
      const { append } = world.node;
      world.node.append = (topic, envelope) => append(topic, envelope, undefined);
      world.faults = { ...world.faults, delayMs: [200, 400] };
      for (const { name } of [alice, bob]) {
        const rows = world.disk(name).tables.get("groups")!;
        rows.set(id, { ...keysOf(world, name, id).group, sealedSinceUpdate: 99 });
      }
      const both = [alice, bob].map((one) => one.messenger.sendText(id, `${one.name} renews`));
      for (const sent of both) must(await world.run(sent));
      await world.advance(60_000);
      await goesOn(world, id, [alice, bob]);
      expect(keysOf(world, "alice", id).group.generation).toBeGreaterThan(0);
      expect(await said(world, bob, id)).toEqual(expect.arrayContaining(["alice renews", "bob renews"]));
    },
    { ...memory, links },
  );
}

story(
  "answers no request for new keys before the stranger who asks is accepted",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const invite = must(await world.run(alice.messenger.createInvite()));
    const id = must(await world.run(bob.messenger.acceptInvite(invite.link)));
    must(await world.run(bob.messenger.sendText(id, "hello")));
    await world.advance(10_000);
    await world.run(bob.stop());
    world.disk("bob").tables.get("groups")!.delete(id);
    await bob.start();
    const leaving = wiretap(world);
    must(await world.run(bob.messenger.sendText(id, "still there?")));
    await world.advance(60_000);
    expect(leaving.filter(({ device }) => device === "alice")).toEqual([]);
    must(await world.run(alice.messenger.answerRequest(id, "accept")));
    await world.advance(60_000);
    await goesOn(world, id, [alice, bob]);
    expect(await said(world, alice, id)).toContain("still there?");
  },
  memory,
);

/** A request for new keys in Bob's name, right in everything but what `spoil` changes. */
async function forgedRequest(
  world: World,
  id: ConversationId,
  spoil: (request: Extract<Payload, { kind: "heal-request" }>) => Partial<Extract<Payload, { kind: "heal-request" }>>,
): Promise<Uint8Array> {
  const { profile, group, topic } = keysOf(world, "bob", id);
  const { account, device, deviceSeed, deviceList } = profile;
  const { publicPackage: keyPackage } = await makeKeyPackage({ account, device, listSequence: 1 }, deviceSeed);
  const { generation } = group;
  const signature = sign(
    labels.healRequest,
    healRequestMessage({ conversation: id, topic: topic.key }, generation, keyPackage),
    deviceSeed,
  );
  const genuine = { kind: "heal-request", deviceList, keyPackage, generation, signature, have: [] } as const;
  const payload = { ...genuine, ...spoil(genuine) };
  const { envelopeKey } = deriveTopic(topic.secret);
  return must(sealEnvelope(envelopeKey, topic.key, payload, world.random.bytes(24)));
}

story(
  "makes no new keys for a request that the device which it names did not sign for this conversation",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await world.run(bob.stop());
    const { topic, profile } = keysOf(world, "bob", id);
    const mallory = world.random.bytes(32);
    const forgeries = [
      await forgedRequest(world, id, () => ({ signature: new Uint8Array(64) })),
      await forgedRequest(world, id, ({ generation }) => ({ generation: generation + 1 })),
      await forgedRequest(world, id, ({ keyPackage }) => ({
        signature: sign(
          labels.healRequest,
          healRequestMessage({ conversation: id, topic: topic.key }, 0, keyPackage),
          mallory,
        ),
      })),
      await forgedRequest(world, id, ({ keyPackage }) => ({
        signature: sign(
          labels.healRequest,
          healRequestMessage({ conversation: id, topic: "ab".repeat(32) as typeof topic.key }, 0, keyPackage),
          profile.deviceSeed,
        ),
      })),
    ];
    for (const envelope of forgeries) must(world.node.append(topic.key, envelope, undefined));
    await world.advance(60_000);
    expect(keysOf(world, "alice", id).group.generation).toBe(0);
    await bob.start();
    await goesOn(world, id, [alice, bob]);
    expect(keysOf(world, "alice", id).group.generation).toBe(0);
    // The same by his own hand is answered: the forgeries were refused for what was wrong with them.
    const genuine = await forgedRequest(world, id, () => ({}));
    must(world.node.append(topic.key, genuine, undefined));
    await world.advance(1_000);
    expect(keysOf(world, "alice", id).group.generation).toBeGreaterThan(0);
  },
  memory,
);

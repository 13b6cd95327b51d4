// What is said while a device of a group has damaged keys, and who asks for a leaf that is not theirs (PROTOCOL.md §13.7).
import { expect } from "vitest";
import { labels } from "../../core/crypto/labels.ts";
import { sign } from "../../core/crypto/signature.ts";
import { makeKeyPackage } from "../../core/group/key-package.ts";
import type { ConversationId } from "../../core/index.ts";
import { healRequestMessage, openEnvelope, type Payload, sealEnvelope } from "../../core/wire/envelope.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { keysOf, profileOf, standGroup, storyAt, topicAt, waitingAt, wordsAt } from "../support/sim-group.ts";
import { must, type World } from "../support/sim-world.ts";
import { arrivalsOf, story, threePeople } from "../support/story.ts";

const memory = { storage: "memory" } as const;

async function three(world: World) {
  const people = await threePeople(world);
  return { ...people, id: await standGroup(world, people.all) };
}

function loseKeys(world: World, device: SimDevice, id: ConversationId): void {
  world.disk(device.name).tables.get("groups")!.delete(id);
}

function leave(world: World, by: SimDevice, id: ConversationId, payload: Payload): void {
  const { key, secret } = topicAt(world, by, id)!;
  const envelope = must(sealEnvelope(deriveTopic(secret).envelopeKey, key, payload, world.random.bytes(24)));
  must(world.node.append(key, envelope, undefined));
}

/** In the topic's order. */
function requestsIn(world: World, by: SimDevice, id: ConversationId) {
  const { key, secret } = topicAt(world, by, id)!;
  const { entries } = world.node.topics.get(key)!;
  return entries.flatMap(({ envelope }) => {
    const payload = openEnvelope(deriveTopic(secret).envelopeKey, key, envelope);
    return payload.ok && payload.value.kind === "heal-request" ? [payload.value] : [];
  });
}

story(
  "what was said to a device without keys, and by it, arrives once it has new ones, once",
  async (world) => {
    const { alice, bob, carol, all, id } = await three(world);
    must(await world.run(alice.messenger.sendText(id, "before")));
    await world.advance(40_000);
    for (const one of [alice, carol]) await world.run(one.stop());
    await world.run(bob.stop());
    loseKeys(world, bob, id);
    await bob.start();
    await world.advance(2_000);
    must(await world.run(bob.messenger.sendText(id, "while I have no keys")));
    await alice.start();
    must(await world.run(alice.messenger.sendText(id, "meanwhile")));
    await world.advance(1_000);
    await carol.start();
    await world.advance(180_000);
    for (const one of all) {
      expect(wordsAt(world, one, id).toSorted(), one.name).toEqual(["before", "meanwhile", "while I have no keys"]);
      expect(storyAt(world, one, id)).toEqual(storyAt(world, alice, id));
    }
    expect(new Set(await arrivalsOf(world, bob, id))).toEqual(new Set(["delivered"]));
    expect(new Set(await arrivalsOf(world, alice, id))).toEqual(new Set(["delivered"]));
  },
  memory,
);

story(
  "a request that somebody else signed, or for another topic, or of nobody in the group changes nothing",
  async (world) => {
    const { alice, bob, carol, all, id } = await three(world);
    const mallory = await world.person("mallory");
    const { deviceSeed } = profileOf(world, mallory);
    const { key } = topicAt(world, bob, id)!;
    const request = async (who: SimDevice, seed: Uint8Array, topic = key): Promise<Payload> => {
      const own = profileOf(world, who);
      const { publicPackage } = await makeKeyPackage(
        { account: own.account, device: own.device, listSequence: 1 },
        seed,
      );
      const signature = sign(
        labels.healRequest,
        healRequestMessage({ conversation: id, topic }, 0, publicPackage),
        seed,
      );
      return {
        kind: "heal-request",
        deviceList: own.deviceList,
        keyPackage: publicPackage,
        generation: 0,
        signature,
        have: [],
      };
    };
    const bobsSeed = profileOf(world, bob).deviceSeed;
    const forged = await request(bob, deviceSeed);
    const elsewhere = await request(bob, bobsSeed, "ab".repeat(32) as typeof key);
    const stranger = await request(mallory, deviceSeed);
    const genuine = await request(bob, bobsSeed);
    const unsigned = { ...genuine, signature: world.random.bytes(64) } as Payload;
    for (const one of [forged, elsewhere, stranger, unsigned]) leave(world, carol, id, one);
    await world.advance(60_000);
    for (const one of all) {
      expect(keysOf(world, one, id)?.epoch).toBe(1);
      expect(waitingAt(world, one, id)).toEqual([]);
    }
    expect(keysOf(world, alice, id)?.pending).toBeUndefined();
  },
  memory,
);

story(
  "a request that was carried out is of no use to who leaves it again",
  async (world) => {
    const { alice, bob, carol, all, id } = await three(world);
    await world.run(bob.stop());
    loseKeys(world, bob, id);
    await bob.start();
    await world.advance(60_000);
    const [request] = requestsIn(world, alice, id);
    const { epoch } = keysOf(world, alice, id)!;
    expect(epoch).toBe(2);
    for (let again = 0; again < 3; again++) leave(world, carol, id, request!);
    await world.advance(60_000);
    for (const one of all) {
      expect(keysOf(world, one, id)?.epoch).toBe(epoch);
      expect(waitingAt(world, one, id)).toEqual([]);
    }
  },
  memory,
);

story(
  "a device that asks without end is answered at most every ten seconds",
  async (world) => {
    const { alice, bob, carol, id } = await three(world);
    await world.run(carol.stop());
    const { account, device, deviceSeed, deviceList } = profileOf(world, carol);
    const { key } = topicAt(world, carol, id)!;
    for (let asked = 0; asked < 40; asked++) {
      const { publicPackage } = await makeKeyPackage({ account, device, listSequence: 1 }, deviceSeed);
      const signature = sign(
        labels.healRequest,
        healRequestMessage({ conversation: id, topic: key }, 0, publicPackage),
        deviceSeed,
      );
      leave(world, carol, id, {
        kind: "heal-request",
        deviceList,
        keyPackage: publicPackage,
        generation: 0,
        signature,
        have: [],
      });
      await world.advance(1_000);
    }
    await world.advance(60_000);
    const { epoch } = keysOf(world, alice, id)!;
    expect(epoch).toBeGreaterThan(2);
    expect(epoch).toBeLessThanOrEqual(1 + 6);
    expect(keysOf(world, bob, id)?.epoch).toBe(epoch);
    expect(waitingAt(world, alice, id)).toEqual([]);
  },
  memory,
);

// A group's first node that shows its members different orders of commits (FAULTS F21): it is noticed and shown in both parts,
// and the part that does not stay comes over by itself (PROTOCOL.md §13.15).
import { expect } from "vitest";
import { labels } from "../../core/crypto/labels.ts";
import { sign } from "../../core/crypto/signature.ts";
import type { ConversationId } from "../../core/index.ts";
import { sealEnvelope } from "../../core/wire/envelope.ts";
import { epochMarkBytes, epochMarksMessage } from "../../core/wire/epoch-marks.ts";
import { envelopeKeyOf } from "../../core/wire/topic.ts";
import type { SimDevice } from "../support/sim-device.ts";
import {
  accountOf,
  conversationAt,
  endsAt,
  groupAt,
  keysOf,
  profileOf,
  put,
  standGroup,
  timelineAt,
  topicAt,
  want,
  wants,
  wordsAt,
} from "../support/sim-group.ts";
import { showTwoOrders } from "../support/sim-two-orders.ts";
import { farNode, homeNode, must, type World } from "../support/sim-world.ts";
import { story, threePeople } from "../support/story.ts";

const throughTheNode = { storage: "memory", links: false } as const;
const dayMs = 24 * 3_600_000;

const noticesAt = (world: World, device: SimDevice, id: ConversationId) =>
  timelineAt(world, device, id).flatMap(({ body }) => (body.kind === "notice" ? [body.notice] : []));

const sideOf = (world: World, device: SimDevice, id: ConversationId) => conversationAt(world, device, id).split?.side;

/** Carol and Dave are shown another order than the others. */
const lie = (world: World, id: ConversationId, everything = false): (() => void) =>
  showTwoOrders(
    world.node,
    topicAt(world, world.devices.get("alice")!, id)!.key,
    new Set(["carol", "dave"]),
    everything,
  );

/** Alice and Carol change the group at the same time. */
async function splitThem(world: World, { alice, carol }: { alice: SimDevice; carol: SimDevice }, id: ConversationId) {
  await world.run(alice.stop());
  await world.run(carol.stop());
  want(world, alice, id, { kind: "rename", name: "Climbers" });
  want(world, carol, id, { kind: "describe", description: "On Sundays" });
  await alice.start();
  await carol.start();
  await world.advance(20_000);
  expect(groupAt(world, alice, id).facts).toMatchObject({ name: "Climbers", description: "" });
  expect(groupAt(world, carol, id).facts).toMatchObject({ name: "Walkers", description: "On Sundays" });
  expect(keysOf(world, alice, id)!.epoch).toBe(keysOf(world, carol, id)!.epoch);
}

function expectOneGroup(world: World, devices: readonly SimDevice[], id: ConversationId): void {
  const [first] = devices;
  for (const one of devices) {
    expect(keysOf(world, one, id)?.epoch, one.name).toBe(keysOf(world, first!, id)?.epoch);
    expect(keysOf(world, one, id)?.epochSecrets[0], one.name).toEqual(keysOf(world, first!, id)?.epochSecrets[0]);
    expect(groupAt(world, one, id), one.name).toEqual(groupAt(world, first!, id));
    expect(conversationAt(world, one, id).healing, one.name).toBeUndefined();
  }
}

for (const seed of [1, 2, 3, 5]) {
  story(
    `two orders of changes are noticed by the words that do not open, shown to all, and the part that does not stay comes over (${seed})`,
    async (world) => {
      const { alice, bob, carol, all } = await threePeople(world);
      const id = await standGroup(world, all, [carol]);
      lie(world, id);
      await splitThem(world, { alice, carol }, id);
      must(await world.run(bob.messenger.sendText(id, "with alice")));
      must(await world.run(carol.messenger.sendText(id, "alone")));
      await world.advance(300_000);
      for (const one of all) expect(noticesAt(world, one, id)[0], one.name).toBe("split");
      const [aliceIs, bobIs, carolIs] = all.map((one) => sideOf(world, one, id));
      expect(aliceIs).toBe(bobIs);
      expect([aliceIs, carolIs].toSorted()).toEqual(["over", "stays"]);
      for (const one of all)
        expect(noticesAt(world, one, id).slice(1), one.name).toEqual(
          sideOf(world, one, id) === "over" ? ["came-over"] : [],
        );
      expectOneGroup(world, all, id);
      for (const one of all) expect(wordsAt(world, one, id).toSorted(), one.name).toEqual(["alone", "with alice"]);
      // And goes on as before.
      must(await world.run(carol.messenger.sendText(id, "together")));
      await world.advance(60_000);
      for (const one of all) expect(wordsAt(world, one, id).at(-1), one.name).toBe("together");
    },
    { ...throughTheNode, seed },
  );
}

story(
  "parts that know of each other do not go on telling each other that they open nothing",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    const id = await standGroup(world, all, [carol]);
    lie(world, id);
    await splitThem(world, { alice, carol }, id);
    must(await world.run(bob.messenger.sendText(id, "with alice")));
    await world.advance(15_000);
    for (const one of all) expect(noticesAt(world, one, id), one.name).toEqual(["split"]);
    const { key } = topicAt(world, alice, id)!;
    const before = world.node.latest(key);
    await world.advance(15_000);
    expect(world.node.latest(key) - before).toBeLessThan(10);
  },
  throughTheNode,
);

story(
  "two parts that are shown nothing of each other are noticed by contacts within a day, and known to all of both",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    await world.befriend(alice, carol);
    const id = await standGroup(world, all, [carol]);
    const end = lie(world, id, true);
    await splitThem(world, { alice, carol }, id);
    must(await world.run(bob.messenger.sendText(id, "with alice")));
    must(await world.run(carol.messenger.sendText(id, "alone")));
    await world.advance(60_000);
    for (const one of all) expect(noticesAt(world, one, id), one.name).toEqual([]);
    await aDayLater(world, alice, id);
    await world.advance(60_000);
    for (const one of all) expect(noticesAt(world, one, id), one.name).toEqual(["split"]);
    expect(sideOf(world, alice, id)).toBe(sideOf(world, bob, id));
    expect([sideOf(world, alice, id), sideOf(world, carol, id)].toSorted()).toEqual(["asks", "stays"]);
    // Where the node lets them, they come over.
    end();
    for (const one of all) if (sideOf(world, one, id) === "asks") await askAgain(world, one, id);
    await world.advance(300_000);
    expectOneGroup(world, all, id);
    for (const one of all) {
      expect(noticesAt(world, one, id), one.name).toEqual(
        sideOf(world, one, id) === "over" ? ["split", "came-over"] : ["split"],
      );
      expect(wordsAt(world, one, id).toSorted(), one.name).toEqual(["alone", "with alice"]);
    }
  },
  throughTheNode,
);

story(
  "where one part removed somebody, and talks elsewhere since, contacts notice it all the same, and both parts go on",
  async (world) => {
    const { alice, bob, carol } = await threePeople(world);
    const dave = await world.person("dave");
    await world.befriend(alice, carol);
    const all = [alice, bob, carol, dave];
    const id = await standGroup(world, all, [carol]);
    lie(world, id);
    await world.run(alice.stop());
    await world.run(carol.stop());
    want(world, alice, id, { kind: "remove", account: accountOf(world, dave) });
    want(world, carol, id, { kind: "describe", description: "On Sundays" });
    await alice.start();
    await carol.start();
    await world.advance(20_000);
    await aDayLater(world, carol, id);
    for (const one of all) must(await world.run(one.messenger.sendText(id, `${one.name} speaks`)));
    await world.advance(300_000);
    for (const one of all) expect(noticesAt(world, one, id), one.name).toEqual(["split"]);
    expect(topicAt(world, alice, id)?.key).not.toBe(topicAt(world, carol, id)?.key);
    for (const part of [
      [alice, bob],
      [carol, dave],
    ]) {
      expectOneGroup(world, part, id);
      for (const one of part)
        expect(wordsAt(world, one, id).toSorted(), one.name).toEqual(part.map(({ name }) => `${name} speaks`));
    }
  },
  throughTheNode,
);

story(
  "who was added in the part that does not stay is named to those who come over, to be added again",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    const dave = await world.person("dave");
    await world.befriend(carol, dave);
    await world.advance(10_000);
    const id = await standGroup(world, all, [carol]);
    lie(world, id);
    await world.run(alice.stop());
    await world.run(carol.stop());
    want(world, alice, id, { kind: "rename", name: "Climbers" });
    want(world, carol, id, { kind: "add", people: [accountOf(world, dave)] });
    await alice.start();
    await carol.start();
    await world.advance(20_000);
    for (const one of [bob, carol, dave]) must(await world.run(one.messenger.sendText(id, `${one.name} speaks`)));
    await world.advance(300_000);
    expectOneGroup(world, all, id);
    expect(noticesAt(world, carol, id)).toEqual(["split", "came-over"]);
    expect(endsAt(world, carol, id)).toMatchObject([
      { act: { kind: "add", people: [accountOf(world, dave)] }, why: "other-part" },
    ]);
    for (const one of [alice, bob]) expect(endsAt(world, one, id)).toEqual([]);
    expect(noticesAt(world, dave, id)).toEqual(["split"]);
    for (const one of all) expect(wordsAt(world, one, id), one.name).toContain("carol speaks");
  },
  { ...throughTheNode, seed: 1 },
);

story(
  "after a split a change that another node tells of sooner than the first one is still looked for at the first one",
  async (world) => {
    const { alice, bob, carol, all } = await threePeople(world);
    world.addNode(farNode);
    const id = await standGroup(world, all, [bob], [homeNode, farNode]);
    for (const [one, side] of [
      [bob, "stays"],
      [carol, "asks"],
    ] as const) {
      await world.run(one.stop());
      const split = { epoch: 1, mark: "0".repeat(2 * epochMarkBytes), side, atMs: world.clock.now() };
      put(world, one, "conversations", { ...conversationAt(world, one, id), split });
      await one.start();
    }
    await world.advance(5_000);
    // The first node takes everything and tells nobody that something came.
    const told = [...world.node.watchers];
    world.node.watchers.clear();
    await wants(world, alice, id, { kind: "rename", name: "Climbers" });
    must(await world.run(alice.messenger.sendText(id, "higher")));
    await world.advance(20_000);
    for (const one of [bob, carol]) {
      expect(groupAt(world, one, id).facts.name, one.name).toBe("Climbers");
      expect(wordsAt(world, one, id), one.name).toEqual(["higher"]);
      expect(keysOf(world, one, id), one.name).toMatchObject({ epoch: 2, joinedEpoch: 1 });
      expect(conversationAt(world, one, id).healing, one.name).toBeUndefined();
    }
    for (const one of told) world.node.watchers.add(one);
  },
  throughTheNode,
);

/** As if the group had been here for a day already: its marks are due to be said. */
async function aDayLater(world: World, device: SimDevice, id: ConversationId): Promise<void> {
  await world.run(device.stop());
  const row = conversationAt(world, device, id);
  put(world, device, "conversations", { ...row, sinceMs: row.sinceMs - dayMs });
  await device.start();
}

/** As if it had asked a day ago. */
async function askAgain(world: World, device: SimDevice, id: ConversationId): Promise<void> {
  await world.run(device.stop());
  const { split, ...row } = conversationAt(world, device, id);
  const asked = { ...split!.asked!, atMs: split!.asked!.atMs - dayMs };
  put(world, device, "conversations", { ...row, split: { ...split!, asked } });
  await device.start();
}

/** Marks that differ from the true ones in the newest epoch, signed by Mallory's device, in the group's topic. */
function claimSplit(world: World, mallory: SimDevice, id: ConversationId): void {
  const { marks, epoch } = keysOf(world, mallory, id)!;
  const { device, deviceSeed } = profileOf(world, mallory);
  const lie = Uint8Array.from([...marks!.slice(0, -epochMarkBytes), ...new Uint8Array(epochMarkBytes)]);
  const about = { conversation: id, device, first: epoch - lie.length / epochMarkBytes + 1, marks: lie };
  const signature = sign(labels.epochMarks, epochMarksMessage(about), deviceSeed);
  const { key, secret } = topicAt(world, mallory, id)!;
  const payload = { kind: "epoch-marks", ...about, signature } as const;
  const sealed = sealEnvelope(envelopeKeyOf(secret), key, payload, world.random.bytes(24));
  must(world.node.append(key, must(sealed), undefined));
}

story(
  "a member who makes up a split is heard once a day, and the group goes on meanwhile and after",
  async (world) => {
    const { alice, bob } = await threePeople(world);
    const mallory = await world.person("mallory");
    const id = await standGroup(world, [alice, bob, mallory]);
    await world.run(alice.stop());
    want(world, alice, id, { kind: "rename", name: "Climbers" });
    await alice.start();
    await world.advance(20_000);
    await world.run(mallory.stop());
    for (let n = 0; n < 3; n++) {
      claimSplit(world, mallory, id);
      must(await world.run(alice.messenger.sendText(id, `one ${n}`)));
      must(await world.run(bob.messenger.sendText(id, `two ${n}`)));
      await world.run(alice.stop());
      want(world, alice, id, { kind: "rename", name: `Climbers ${n}` });
      await alice.start();
      await world.advance(120_000);
      for (const one of [alice, bob]) {
        expect(groupAt(world, one, id).facts.name).toBe(`Climbers ${n}`);
        expect(wordsAt(world, one, id)).toHaveLength(2 * (n + 1));
        expect(noticesAt(world, one, id)).toEqual(["split"]);
        expect(conversationAt(world, one, id).healing).toBeUndefined();
        expect(endsAt(world, one, id)).toEqual([]);
      }
    }
    expectOneGroup(world, [alice, bob], id);
  },
  throughTheNode,
);

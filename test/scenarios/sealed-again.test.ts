// Words that waited until the group had moved on: sealed for its epoch of now, and said once.
import { expect } from "vitest";
import type { ConversationId } from "../../core/index.ts";
import type { GroupRecord } from "../../core/ports/group-records.ts";
import type { OutboxRecord } from "../../core/ports/outbox-records.ts";
import { decodeLinkFrame } from "../../core/wire/link-protocol.ts";
import { keysOf } from "../support/sim-forger.ts";
import { standGroup, timelineAt, wordsAt } from "../support/sim-group.ts";
import { must, rowsOn, textsOf, type World } from "../support/sim-world.ts";
import { arrivalsOf, marksOf, story, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;
const day = 24 * 3_600_000;

const epochOf = (world: World, device: string, id: ConversationId) => keysOf(world, device, id).group.epoch;
const waitingAt = (world: World, device: string) =>
  rowsOn<OutboxRecord>(world.disk(device), "outbox").filter(({ message }) => message !== undefined);

/** Alice says something and renews her keys, as often as asked, without a day between. */
async function moveOn(world: World, id: ConversationId, epochs: number): Promise<void> {
  const { messenger } = world.devices.get("alice")!;
  for (let n = 0; n < epochs; n++) {
    const { group } = keysOf(world, "alice", id);
    const due: GroupRecord = { ...group, sealedSinceUpdate: 99 };
    world.disk("alice").tables.get("groups")!.set(id, due);
    must(await world.run(messenger.sendText(id, `meanwhile ${n}`)));
    await world.advance(10_000);
    expect(epochOf(world, "alice", id)).toBe(group.epoch + 1);
  }
}

story(
  "brings what was written without a network, after days in which the other side wrote and renewed daily",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    const before = epochOf(world, "bob", id);
    bob.setOnline(false);
    await world.advance(1_000);
    must(await world.run(bob.messenger.sendText(id, "from the train")));
    await world.run(bob.stop());
    for (let n = 0; n < 8; n++) {
      must(await world.run(alice.messenger.sendText(id, `day ${n}`)));
      await world.advance(day);
    }
    expect(epochOf(world, "alice", id)).toBeGreaterThanOrEqual(before + 5);
    bob.setOnline(true);
    await bob.start();
    await world.advance(60_000);
    expect(await arrivalsOf(world, bob, id)).toEqual(["delivered"]);
    expect(new Set(await arrivalsOf(world, alice, id))).toEqual(new Set(["delivered"]));
    for (const { messenger } of [alice, bob]) {
      const texts = await textsOf(world, messenger, id);
      expect(texts.filter((text) => text === "from the train")).toHaveLength(1);
      expect(texts).toHaveLength(9);
    }
  },
  memory,
);

story(
  "seals again what the other side has already, and it is recognised by its message",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    // The node is away, the link carries the message, and every acknowledgement on it is lost.
    world.node.setUp(false);
    const deaf = {
      framed(_: string, __: string, bytes: Uint8Array) {
        const frame = must(decodeLinkFrame(bytes));
        world.faults = { ...world.faults, loss: frame.kind === "got" ? 1 : 0 };
      },
    };
    world.taps.add(deaf);
    must(await world.run(bob.messenger.sendText(id, "do you hear me?")));
    await world.advance(1_000);
    expect(await textsOf(world, alice.messenger, id)).toEqual(["do you hear me?"]);
    expect(await marksOf(world, bob, id)).toEqual(["saved"]);
    const [old] = waitingAt(world, "bob");
    bob.setOnline(false);
    world.taps.delete(deaf);
    world.faults = { ...world.faults, loss: 0 };
    world.node.setUp(true);
    await world.advance(60_000);
    await moveOn(world, id, 5);
    bob.setOnline(true);
    await world.advance(60_000);
    expect(await arrivalsOf(world, bob, id)).toEqual(["delivered"]);
    expect(waitingAt(world, "bob")).toEqual([]);
    const { topic } = keysOf(world, "bob", id);
    const atNode = world.node.topics.get(topic.key)!.entries.map(({ hash }) => hash);
    expect(atNode, "the old envelope was sealed anew").not.toContain(old!.key);
    for (const { messenger } of [alice, bob]) {
      const texts = await textsOf(world, messenger, id);
      expect(texts.filter((text) => text === "do you hear me?")).toHaveLength(1);
    }
    // Alice has written since: nothing is new to her.
    expect((await viewOf(world, alice, id)).unread).toBe(0);
  },
  memory,
);

story(
  "seals again before a link carries it, too",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    bob.setOnline(false);
    await world.advance(1_000);
    const words = Array.from({ length: 30 }, (_, n) => `from the train ${n}`);
    for (const text of words) must(await world.run(bob.messenger.sendText(id, text)));
    await world.advance(60_000);
    await moveOn(world, id, 5);
    // Far from the node. Alice begins anew while most of it still waits, so there is a link before it is sent.
    world.faults = { ...world.faults, delayMs: [200, 200] };
    await world.run(alice.stop());
    bob.setOnline(true);
    while (epochOf(world, "bob", id) < epochOf(world, "alice", id)) await world.advance(100);
    await alice.start();
    while (world.place.open.size === 0) await world.advance(100);
    expect(waitingAt(world, "bob").filter(({ custodies }) => custodies.length === 0).length).toBeGreaterThan(5);
    await world.advance(120_000);
    expect(new Set(await arrivalsOf(world, bob, id))).toEqual(new Set(["delivered"]));
    const texts = await textsOf(world, alice.messenger, id);
    expect(texts.filter((text) => text.startsWith("from the train"))).toEqual(words);
  },
  memory,
);

story(
  "who sends once more, right after a start, what somebody has already is not taken for an earlier copy of themselves",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const carol = await world.person("carol");
    await world.befriend(alice, bob);
    await world.advance(10_000);
    const id = await standGroup(world, [alice, bob, carol]);
    await world.advance(20_000);
    await world.run(carol.stop());
    world.node.setUp(false);
    const message = must(await world.run(alice.messenger.sendText(id, "one")));
    await world.advance(20_000);
    expect(wordsAt(world, bob, id)).toEqual(["one"]);
    await world.run(alice.stop());
    world.node.setUp(true);
    await alice.start();
    must(await world.run(alice.messenger.sendAgain(message)));
    await world.advance(20_000);
    await carol.start();
    await world.advance(180_000);
    expect(wordsAt(world, carol, id)).toEqual(["one"]);
    const said = timelineAt(world, alice, id);
    expect(said.map(({ body, number }) => [body.kind, number])).toEqual([["text", 1]]);
  },
  memory,
);

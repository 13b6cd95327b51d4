// Mallory is a contact of Alice's and puts into their topic what she likes.
import { expect } from "vitest";
import type { EnvelopeHash } from "../../core/lang/brand.ts";
import { toHex } from "../../core/lang/bytes.ts";
import type { MessageRecord } from "../../core/ports/message-record.ts";
import type { OutboxRecord } from "../../core/ports/outbox-records.ts";
import { dialByHand, keysOf, proofBy, rewrap, sealAs } from "../support/sim-forger.ts";
import { photographOf, say, threesome } from "../support/sim-mallory.ts";
import { must, rowsOn, textsOf } from "../support/sim-world.ts";
import { marksOf, story, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;

story(
  "moves past poison in a topic, and tells the members that it could not be opened",
  async (world) => {
    const { alice, withMallory } = await threesome(world);
    const { topic } = keysOf(world, "mallory", withMallory);
    const before = photographOf(world, "alice");
    const first = must(world.node.append(topic.key, world.random.bytes(1_024), undefined));
    must(world.node.append(topic.key, world.random.bytes(333), undefined));
    await world.advance(1_000);
    expect(photographOf(world, "alice")).toEqual(before);
    const opened = await sealAs(world, "mallory", withMallory, say(world, "after the poison"));
    must(world.node.append(topic.key, opened, undefined));
    must(world.node.append(topic.key, rewrap(world, topic, opened), undefined));
    await world.advance(1_000);
    expect(await textsOf(world, alice.messenger, withMallory)).toEqual(["after the poison"]);
    expect(keysOf(world, "alice", withMallory).topic.places[0]?.cursor).toBeGreaterThanOrEqual(first.sequence + 3);
    expect(keysOf(world, "alice", withMallory).topic.due).toEqual([]);
  },
  memory,
);

story(
  "believes only the recipient that something arrived",
  async (world) => {
    const { alice, bob, withBob, withMallory } = await threesome(world);
    await world.run(bob.stop());
    must(await world.run(alice.messenger.sendText(withBob, "for Bob")));
    await world.advance(10_000);
    const [waiting] = rowsOn<OutboxRecord>(world.disk("alice"), "outbox").filter(({ message }) => message);
    const keys = keysOf(world, "mallory", withMallory);
    const link = await dialByHand(world, keys, "alice");
    await link.say(proofBy(keys, link.raw));
    const messages = () => rowsOn<MessageRecord>(world.disk("alice"), "messages");
    const before = structuredClone(messages());
    await link.say({ kind: "got", hash: waiting!.key, refused: true });
    await link.say({ kind: "got", hash: waiting!.key, refused: false });
    await link.say({ kind: "got", hash: toHex(world.random.bytes(32)) as EnvelopeHash, refused: false });
    const claim = await sealAs(world, "mallory", withMallory, {
      ...say(world, ""),
      body: { kind: "delivered", hashes: [waiting!.key], refused: [] },
    });
    must(world.node.append(keys.topic.key, claim, undefined));
    await world.advance(5_000);
    expect(messages()).toEqual(before);
    expect(await marksOf(world, alice, withBob)).toEqual(["held"]);
    await bob.start();
    await world.advance(20_000);
    expect(await marksOf(world, alice, withBob)).toEqual(["delivered"]);
  },
  memory,
);

story(
  "invariant 5: a message id is its author's own, whatever another writes into theirs",
  async (world) => {
    const { alice, withMallory } = await threesome(world);
    const mine = must(await world.run(alice.messenger.sendText(withMallory, "my words")));
    const [, contentId = ""] = mine.split("/");
    const { topic } = keysOf(world, "mallory", withMallory);
    const copy = await sealAs(world, "mallory", withMallory, { ...say(world, "not my words"), id: contentId });
    must(world.node.append(topic.key, copy, undefined));
    // Her own id a second time says nothing new.
    const twice = await sealAs(world, "mallory", withMallory, { ...say(world, "changed words"), id: contentId });
    must(world.node.append(topic.key, twice, undefined));
    await world.advance(1_000);
    expect(new Set(await textsOf(world, alice.messenger, withMallory))).toEqual(new Set(["my words", "not my words"]));
    const rows = rowsOn<MessageRecord>(world.disk("alice"), "messages");
    expect(rows.filter(({ key }) => key.endsWith(contentId))).toHaveLength(2);
  },
  memory,
);

story(
  "can go on writing after somebody claimed the last place on the clock",
  async (world) => {
    const { alice, withMallory } = await threesome(world);
    const { topic } = keysOf(world, "mallory", withMallory);
    const day = 24 * 3_600_000;
    for (const [clockMs, clockCount] of [
      [world.clock.now() + day - 60_000, 2 ** 32 - 1],
      [Number.MAX_SAFE_INTEGER, 2 ** 32 - 1],
    ] as const) {
      const far = await sealAs(world, "mallory", withMallory, { ...say(world, `at ${clockMs}`), clockMs, clockCount });
      must(world.node.append(topic.key, far, undefined));
    }
    await world.advance(1_000);
    for (const text of ["still", "here"]) must(await world.run(alice.messenger.sendText(withMallory, text)));
    const texts = await textsOf(world, alice.messenger, withMallory);
    expect(texts.filter((text) => text === "still" || text === "here")).toEqual(["still", "here"]);
  },
  memory,
);

story(
  "shows a kind of content that is not known as such, and drops what is no content",
  async (world) => {
    const { alice, withMallory } = await threesome(world);
    const { topic } = keysOf(world, "mallory", withMallory);
    // id (field 1), clock_ms (2), clock_count (3) and a kind of field 2000 that no version has.
    const unknown = Uint8Array.from([0x0a, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x10, 1, 0x18, 1, 0x82, 0x7d, 1, 0]);
    for (const content of [unknown, world.random.bytes(50)]) {
      must(world.node.append(topic.key, await sealAs(world, "mallory", withMallory, content), undefined));
    }
    await world.advance(1_000);
    expect(await textsOf(world, alice.messenger, withMallory)).toEqual(["(unknown)"]);
    expect((await viewOf(world, alice, withMallory)).unread).toBe(1);
  },
  memory,
);

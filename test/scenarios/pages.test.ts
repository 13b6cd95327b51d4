// A page of what waited is written at once: what goes together, what does not, and what a failing or dying disk makes of it.
import { expect } from "vitest";
import type { ConversationId } from "../../core/index.ts";
import type { MessageRecord } from "../../core/ports/message-record.ts";
import type { Batch } from "../../core/ports/storage.ts";
import type { TopicRecord } from "../../core/ports/topic-record.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { standGroup, timelineAt, topicAt } from "../support/sim-group.ts";
import { homeNode, must, rowsOn, textsOf, type World } from "../support/sim-world.ts";
import { marksOf, story, viewOf, wiretap } from "../support/story.ts";

/** A link would bring what waits by another way. */
const throughTheNode = { storage: "memory", links: false } as const;

async function friends(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  // So that what waits is nothing but words.
  await world.advance(30_000);
  return { alice, bob, id };
}

async function say(world: World, { messenger }: SimDevice, id: ConversationId, count: number) {
  const texts = Array.from({ length: count }, (_, n) => `number ${n}`);
  for (const text of texts) must(await world.run(messenger.sendText(id, text)));
  await world.advance(20_000);
  return texts;
}

const wordsIn = ({ changes }: Batch) =>
  changes.flatMap((one) => (one.kind === "put" && one.table === "messages" ? [one.row] : []));

/** Batches that `name` is about to write, of those that hold words; before any of it is on the disk. */
function pagesOf(world: World, name: string, about: (page: readonly MessageRecord[]) => void = () => {}) {
  const pages: (readonly MessageRecord[])[] = [];
  world.disk(name).onCommit = (moment, batch) => {
    const page = wordsIn(batch);
    if (page.length === 0 || moment === "after") return;
    pages.push(page);
    about(page);
  };
  return pages;
}

function cursorOf(world: World, name: string, topic: TopicRecord["key"]): number {
  const row = rowsOn<TopicRecord>(world.disk(name), "topics").find(({ key }) => key === topic);
  return row?.places.find(({ node }) => node === homeNode)?.cursor ?? 0;
}

const topicOf = (world: World, who: SimDevice, id: ConversationId) => topicAt(world, who, id)!.key;

story(
  "a hundred messages that waited are written in a few batches, in order, and each is told to be here",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await world.run(bob.stop());
    const texts = await say(world, alice, id, 100);
    const pages = pagesOf(world, "bob");
    await bob.start();
    await world.advance(20_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(texts);
    expect(pages.flat().map(({ body }) => body.kind === "text" && body.text)).toEqual(texts);
    // A change of keys is written by itself.
    expect(pages.length).toBeLessThanOrEqual(3);
    expect((await viewOf(world, bob, id)).unread).toBe(100);
    expect(new Set(await marksOf(world, alice, id))).toEqual(new Set(["delivered"]));
  },
  throughTheNode,
);

story(
  "of a page that cannot be written nothing is acknowledged, and it is read again where it was",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await world.run(bob.stop());
    const texts = await say(world, alice, id, 20);
    const topic = topicOf(world, bob, id);
    const before = cursorOf(world, "bob", topic);
    const disk = world.disk("bob");
    const pages = pagesOf(world, "bob", () => {
      disk.failNext = "full";
    });
    const leaving = wiretap(world);
    await bob.start();
    await world.advance(20_000);
    expect(pages[0]?.length).toBeGreaterThan(1);
    expect(cursorOf(world, "bob", topic)).toBe(before);
    expect(await textsOf(world, bob.messenger, id)).toEqual([]);
    expect(leaving.filter(({ device, by }) => device === "bob" && by === "append")).toEqual([]);
    expect(new Set(await marksOf(world, alice, id))).toEqual(new Set(["held"]));
    disk.onCommit = undefined;
    await world.advance(20_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(texts);
    expect(new Set(await marksOf(world, alice, id))).toEqual(new Set(["delivered"]));
  },
  throughTheNode,
);

story(
  "of a page that does not fit, what still fits is kept",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await world.run(bob.stop());
    const texts = await say(world, alice, id, 20);
    const disk = world.disk("bob");
    pagesOf(world, "bob", (page) => {
      if (page.length > 2 || rowsOn(disk, "messages").length + page.length > 7) disk.failNext = "full";
    });
    await bob.start();
    await world.advance(20_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(texts.slice(0, 7));
    expect((await viewOf(world, bob, id)).unread).toBe(7);
    disk.onCommit = undefined;
    await world.advance(20_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(texts);
    expect(new Set(await marksOf(world, alice, id))).toEqual(new Set(["delivered"]));
  },
  throughTheNode,
);

for (const moment of ["before", "after"] as const) {
  story(
    `who dies right ${moment} a page is written has each of its messages once afterwards, and says so`,
    async (world) => {
      const { alice, bob, id } = await friends(world);
      await world.run(bob.stop());
      const texts = await say(world, alice, id, 30);
      const disk = world.disk("bob");
      disk.onCommit = (now, batch) => {
        if (now === moment && wordsIn(batch).length > 1) bob.crash();
      };
      await bob.start();
      await world.advance(10_000);
      expect(bob.running).toBe(false);
      expect(new Set(await marksOf(world, alice, id))).toEqual(new Set(["held"]));
      expect(rowsOn(disk, "messages").length > 0).toBe(moment === "after");
      disk.onCommit = undefined;
      await bob.start();
      await world.advance(20_000);
      expect(await textsOf(world, bob.messenger, id)).toEqual(texts);
      expect((await viewOf(world, bob, id)).unread).toBe(30);
      expect(new Set(await marksOf(world, alice, id))).toEqual(new Set(["delivered"]));
    },
    throughTheNode,
  );
}

story(
  "an envelope that lies in a page twice is taken once, and acknowledged once",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await world.run(bob.stop());
    const topic = world.node.topics.get(topicOf(world, bob, id))!;
    const before = topic.latest;
    await say(world, alice, id, 4);
    // A node that lies: it gives out a second place for what has one.
    for (const entry of topic.entries.filter(({ sequence }) => sequence > before)) {
      topic.latest++;
      topic.entries.push({ ...entry, sequence: topic.latest });
    }
    let owed = 0;
    const disk = world.disk("bob");
    const pages = pagesOf(world, "bob");
    const counted = disk.onCommit!;
    disk.onCommit = (moment, batch) => {
      counted(moment, batch);
      for (const one of batch.changes) {
        if (one.kind === "put" && one.table === "topics") owed = Math.max(owed, one.row.due.length);
      }
    };
    await bob.start();
    await world.advance(20_000);
    expect(pages.map((page) => page.length)).toEqual([4]);
    expect(owed).toBe(4);
    expect(await textsOf(world, bob.messenger, id)).toHaveLength(4);
    expect((await viewOf(world, bob, id)).unread).toBe(4);
    expect(cursorOf(world, "bob", topicOf(world, bob, id))).toBe(topic.latest);
    expect(await marksOf(world, alice, id)).toEqual(new Array(4).fill("delivered"));
  },
  throughTheNode,
);

story(
  "words and their removal in one page leave the mark of it, and nothing unread",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await standGroup(world, [alice, bob]);
    await world.advance(30_000);
    await world.run(bob.stop());
    must(await world.run(alice.messenger.sendText(id, "stays")));
    must(await world.run(alice.messenger.sendText(id, "goes")));
    await world.advance(20_000);
    const gone = timelineAt(world, alice, id).find(({ body }) => body.kind === "text" && body.text === "goes")!;
    must(await world.run(alice.messenger.groups.removeMessage(gone.key)));
    must(await world.run(alice.messenger.sendText(id, "stays as well")));
    await world.advance(20_000);
    const pages = pagesOf(world, "bob");
    await bob.start();
    await world.advance(60_000);
    expect(pages.map((page) => page.length)).toEqual([3]);
    const kinds = timelineAt(world, bob, id).map(({ body }) => (body.kind === "text" ? body.text : body.kind));
    expect(kinds.slice(-3)).toEqual(["stays", "removed", "stays as well"]);
    expect((await viewOf(world, bob, id)).unread).toBe(2);
  },
  throughTheNode,
);

story(
  "that it arrived and that it was read, in one page, are both known afterwards",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await say(world, bob, id, 3);
    await world.run(bob.stop());
    must(await world.run(alice.messenger.markRead(id)));
    await world.advance(20_000);
    must(await world.run(alice.messenger.sendText(id, "I have read it all")));
    await world.advance(20_000);
    const pages = pagesOf(world, "bob");
    await bob.start();
    await world.advance(20_000);
    expect(pages).toHaveLength(1);
    expect((await marksOf(world, bob, id)).slice(0, 3)).toEqual(["read", "read", "read"]);
    expect(rowsOn(world.disk("bob"), "outbox")).toEqual([]);
    expect(await marksOf(world, alice, id)).toEqual(["delivered"]);
  },
  throughTheNode,
);

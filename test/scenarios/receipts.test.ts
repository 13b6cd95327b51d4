import { expect } from "vitest";
import type { ConversationId, MessageId } from "../../core/index.ts";
import type { ConversationRecord } from "../../core/ports/conversation-record.ts";
import type { OutboxRecord } from "../../core/ports/outbox-records.ts";
import { decodeContent } from "../../core/wire/content.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { must, rowsOn, type World } from "../support/sim-world.ts";
import { marksOf, story, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;
const unlinked = { ...memory, links: false };

async function say(world: World, from: SimDevice, id: ConversationId, count: number): Promise<readonly MessageId[]> {
  const said: MessageId[] = [];
  for (let n = 0; n < count; n++) said.push(must(await world.run(from.messenger.sendText(id, `number ${n}`))));
  return said;
}

async function read(world: World, by: SimDevice, id: ConversationId): Promise<void> {
  must(await world.run(by.messenger.markRead(id)));
}

/** The receipts that `device` seals from now on, as the messages each of them names. */
function receiptsOf(world: World, device: string): (readonly MessageId[])[] {
  const sealed: (readonly MessageId[])[] = [];
  world.disk(device).onCommit = (moment, batch) => {
    if (moment === "before") return;
    for (const change of batch.changes) {
      if (change.kind !== "put" || change.table !== "outbox") continue;
      const content = change.row.content && decodeContent(change.row.content);
      if (content?.ok && content.value.body.kind === "read") sealed.push(content.value.body.messages);
    }
  };
  return sealed;
}

const dueOf = (world: World, device: string, id: ConversationId) =>
  rowsOn<ConversationRecord>(world.disk(device), "conversations").find(({ key }) => key === id)!.readsDue;

story("tells the author once a message was read, and when", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  const [message] = await say(world, alice, id, 1);
  await world.advance(5_000);
  expect(await marksOf(world, alice, id)).toEqual(["delivered"]);
  const readAtMs = world.clock.now();
  await read(world, bob, id);
  await world.advance(15_000);
  const { messages } = await world.see(alice.messenger.timeline(id, 10));
  expect(messages[0]?.mark?.kind).toBe("read");
  const info = await world.see(alice.messenger.messageInfo(message!));
  expect(info?.recipients).toHaveLength(1);
  const [recipient] = info!.recipients;
  expect(recipient!.readAtMs! - readAtMs).toBeGreaterThan(2_000);
  expect(recipient!.readAtMs! - readAtMs).toBeLessThan(13_000);
  expect(recipient!.deliveredAtMs).toBeLessThan(readAtMs);
});

story(
  "tells of many messages in one envelope, which ends once the node holds it",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    const said = await say(world, alice, id, 40);
    await world.advance(5_000);
    const sealed = receiptsOf(world, "bob");
    await read(world, bob, id);
    await alice.stop();
    await world.advance(20_000);
    expect(sealed).toEqual([said]);
    expect(rowsOn<OutboxRecord>(world.disk("bob"), "outbox")).toEqual([]);
    expect(dueOf(world, "bob", id)).toEqual([]);
    await alice.start();
    await world.advance(5_000);
    expect(new Set(await marksOf(world, alice, id))).toEqual(new Set(["read"]));
  },
  unlinked,
);

story(
  "brings six hundred waiting messages in their order, and tells of all in two receipts",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await bob.stop();
    await world.advance(1_000);
    const said = await say(world, alice, id, 600);
    await world.advance(30_000);
    await bob.start();
    await world.advance(30_000);
    expect((await viewOf(world, bob, id)).unread).toBe(600);
    expect((await world.see(bob.messenger.timeline(id, 2_000))).messages.map((message) => message.id)).toEqual(said);
    expect(new Set(await marksOf(world, alice, id))).toEqual(new Set(["delivered"]));
    const sealed = receiptsOf(world, "bob");
    await read(world, bob, id);
    await world.advance(30_000);
    expect(sealed.map((one) => one.length)).toEqual([500, 100]);
    expect(new Set(sealed.flat())).toEqual(new Set(said));
    expect(new Set(await marksOf(world, alice, id))).toEqual(new Set(["read"]));
  },
  memory,
);

story(
  "tells of each message once, however often the conversation is looked at",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    const sealed = receiptsOf(world, "bob");
    const first = await say(world, alice, id, 2);
    await world.advance(1_000);
    await read(world, bob, id);
    await world.advance(500);
    const second = await say(world, alice, id, 1);
    await world.advance(500);
    await read(world, bob, id);
    await read(world, bob, id);
    await world.advance(15_000);
    expect(sealed.flat().sort()).toEqual([...first, ...second].sort());
    await read(world, bob, id);
    await world.advance(15_000);
    expect(sealed.flat()).toHaveLength(3);
  },
  memory,
);

story(
  "waits for a time that differs from one reading to the next",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    const delays: number[] = [];
    for (let n = 0; n < 12; n++) {
      const [message] = await say(world, alice, id, 1);
      await world.advance(1_000);
      const readAtMs = world.clock.now();
      await read(world, bob, id);
      await world.advance(20_000);
      const info = await world.see(alice.messenger.messageInfo(message!));
      delays.push(info!.recipients[0]!.readAtMs! - readAtMs);
    }
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(2_000);
    expect(Math.max(...delays)).toBeLessThan(12_500);
    expect(new Set(delays).size).toBeGreaterThan(8);
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(3_000);
  },
  memory,
);

story(
  "counts an answer as having read what it answers",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await say(world, alice, id, 1);
    await world.advance(1_000);
    must(await world.run(bob.messenger.sendText(id, "yes")));
    await world.advance(15_000);
    expect(await marksOf(world, alice, id)).toEqual(["read"]);
  },
  memory,
);

story(
  "says what was read before a restart after it",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    const said = await say(world, alice, id, 3);
    await world.advance(1_000);
    await read(world, bob, id);
    bob.crash();
    expect(dueOf(world, "bob", id)).toEqual(said);
    await world.advance(60_000);
    expect(new Set(await marksOf(world, alice, id))).toEqual(new Set(["delivered"]));
    await bob.start();
    await world.advance(20_000);
    expect(dueOf(world, "bob", id)).toEqual([]);
    expect(new Set(await marksOf(world, alice, id))).toEqual(new Set(["read"]));
  },
  memory,
);

story(
  "tells nobody while receipts are off, and not later either",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    const sealed = receiptsOf(world, "bob");
    await say(world, alice, id, 1);
    await world.advance(1_000);
    await read(world, bob, id);
    // While it waits to be told.
    must(await world.run(bob.messenger.setReceipts(false)));
    expect(dueOf(world, "bob", id)).toEqual([]);
    await say(world, alice, id, 1);
    await world.advance(1_000);
    await read(world, bob, id);
    await world.advance(30_000);
    must(await world.run(bob.messenger.setReceipts(true)));
    await world.advance(30_000);
    expect(sealed).toEqual([]);
    expect(await marksOf(world, alice, id)).toEqual(["delivered", "delivered"]);
    await say(world, alice, id, 1);
    await world.advance(1_000);
    await read(world, bob, id);
    await world.advance(15_000);
    expect(await marksOf(world, alice, id)).toEqual(["delivered", "delivered", "read"]);
  },
  memory,
);

story(
  "does not send a receipt that waits for the node once receipts are off",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await say(world, alice, id, 1);
    await world.advance(5_000);
    world.node.setUp(false);
    await read(world, bob, id);
    await world.advance(20_000);
    expect(rowsOn<OutboxRecord>(world.disk("bob"), "outbox")).toHaveLength(1);
    must(await world.run(bob.messenger.setReceipts(false)));
    expect(rowsOn<OutboxRecord>(world.disk("bob"), "outbox")).toEqual([]);
    world.node.setUp(true);
    await world.advance(60_000);
    expect(await marksOf(world, alice, id)).toEqual(["delivered"]);
  },
  unlinked,
);

story(
  "shows nobody's receipts to whoever gives none",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    must(await world.run(alice.messenger.setReceipts(false)));
    expect(await world.see(alice.messenger.profile)).toMatchObject({ receipts: false });
    const [message] = await say(world, alice, id, 1);
    await world.advance(1_000);
    await read(world, bob, id);
    await world.advance(20_000);
    expect(await marksOf(world, alice, id)).toEqual(["delivered"]);
    expect((await world.see(alice.messenger.messageInfo(message!)))?.recipients[0]?.readAtMs).toBeUndefined();
    must(await world.run(alice.messenger.setReceipts(true)));
    expect(await marksOf(world, alice, id)).toEqual(["read"]);
  },
  memory,
);

story(
  "tells a stranger nothing until they are accepted",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const { link } = must(await world.run(alice.messenger.createInvite()));
    const id = must(await world.run(bob.messenger.acceptInvite(link)));
    await say(world, bob, id, 2);
    await world.advance(5_000);
    const sealed = receiptsOf(world, "alice");
    expect((await viewOf(world, alice, id)).unread).toBe(2);
    await read(world, alice, id);
    await world.advance(60_000);
    expect(sealed).toEqual([]);
    expect(await marksOf(world, bob, id)).toEqual(["held", "held"]);
    must(await world.run(alice.messenger.answerRequest(id, "accept")));
    await world.advance(20_000);
    expect(await marksOf(world, bob, id)).toEqual(["read", "read"]);
  },
  memory,
);

story(
  "believes a receipt whose acknowledgement never came: what was read has arrived",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await bob.stop();
    const [message] = await say(world, alice, id, 1);
    await world.advance(5_000);
    await alice.stop();
    await bob.start();
    await world.advance(5_000);
    // The node loses bob's acknowledgement, which is the last that came.
    const { topic } = rowsOn<ConversationRecord>(world.disk("bob"), "conversations").find(({ key }) => key === id)!;
    world.node.topics.get(topic)!.entries.pop();
    await read(world, bob, id);
    await world.advance(20_000);
    expect(rowsOn<OutboxRecord>(world.disk("alice"), "outbox").map((row) => row.message)).toEqual([message]);
    await alice.start();
    await world.advance(5_000);
    expect(await marksOf(world, alice, id)).toEqual(["read"]);
    expect(rowsOn<OutboxRecord>(world.disk("alice"), "outbox")).toEqual([]);
  },
  unlinked,
);

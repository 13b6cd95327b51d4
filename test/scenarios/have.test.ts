import { expect } from "vitest";
import { messageIdOf, orderOf } from "../../core/conversation/order.ts";
import type { ConversationId } from "../../core/index.ts";
import type { ConversationRecord } from "../../core/ports/conversation-record.ts";
import type { MessageRecord } from "../../core/ports/message-record.ts";
import type { OutboxRecord } from "../../core/ports/outbox-records.ts";
import type { ProfileRecord } from "../../core/ports/people-records.ts";
import { type Content, decodeContent } from "../../core/wire/content.ts";
import { decodeLinkFrame } from "../../core/wire/link-protocol.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { keysOf, sealAs } from "../support/sim-forger.ts";
import { must, rowsOn, textsOf, type World } from "../support/sim-world.ts";
import { marksOf, story, viewOf, wiretap } from "../support/story.ts";

const memory = { storage: "memory" } as const;
const unlinked = { ...memory, links: false };

async function say(world: World, from: SimDevice, id: ConversationId, texts: readonly string[]): Promise<void> {
  for (const text of texts) must(await world.run(from.messenger.sendText(id, text)));
}

const numbered = (count: number) => Array.from({ length: count }, (_, n) => `number ${n + 1}`);

/** The device's disk as it is now, to be put back later; its engine must not run then. */
function copyOfDisk(world: World, device: string): () => void {
  const { tables } = world.disk(device);
  const copy = structuredClone(tables);
  return () => {
    tables.clear();
    for (const [table, rows] of copy) tables.set(table, rows);
  };
}

const rowOf = (world: World, device: string, id: ConversationId) =>
  rowsOn<ConversationRecord>(world.disk(device), "conversations").find(({ key }) => key === id)!;

/** The node gives nobody the newest entries of the conversation's topic, after alice has seen that it keeps them. */
async function keepBack(world: World, alice: SimDevice, id: ConversationId, count: number): Promise<void> {
  await alice.stop();
  await alice.start();
  await world.advance(2_000);
  const { topic } = rowOf(world, "alice", id);
  world.node.topics.get(topic)!.entries.splice(-count);
}

/** Questions for what is missing that the device seals from now on. */
function questionsOf(world: World, device: string): number[] {
  const asked: number[] = [];
  world.disk(device).onCommit = (moment, batch) => {
    if (moment === "before") return;
    for (const change of batch.changes) {
      if (change.kind !== "put" || change.table !== "outbox") continue;
      const content = change.row.content && decodeContent(change.row.content);
      if (content?.ok && content.value.body.kind === "have") asked.push(world.clock.now());
    }
  };
  return asked;
}

story(
  "gives a device that was restored from an older copy all that it has forgotten, once a link opens",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    await say(world, alice, id, ["remembered"]);
    await world.advance(1_000);
    await bob.stop();
    const restore = copyOfDisk(world, "bob");
    await bob.start();
    await world.advance(20_000);
    // Over the link: the node knows nothing of these.
    await say(world, alice, id, numbered(30));
    await world.advance(2_000);
    expect(await textsOf(world, bob.messenger, id)).toHaveLength(31);
    await bob.stop();
    restore();
    await bob.start();
    expect(await textsOf(world, bob.messenger, id)).toHaveLength(1);
    await world.advance(60_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["remembered", ...numbered(30)]);
    expect((await viewOf(world, bob, id)).missing).toBe(0);
    expect(new Set(await marksOf(world, alice, id))).toEqual(new Set(["delivered"]));
    expect(rowsOn<OutboxRecord>(world.disk("alice"), "outbox")).toEqual([]);
  },
  memory,
);

story(
  "sends what is lacking newest first, and behind what waits",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    await bob.stop();
    const restore = copyOfDisk(world, "bob");
    await bob.start();
    await world.advance(20_000);
    await say(world, alice, id, numbered(100));
    await world.advance(5_000);
    await bob.stop();
    restore();
    await world.advance(60_000);
    // All of this can come over the link only, and more than it takes at a time.
    const waiting = Array.from({ length: 80 }, (_, n) => `while bob was away ${n}`);
    await say(world, alice, id, waiting);
    await world.advance(5_000);
    await keepBack(world, alice, id, waiting.length);
    const arrived: string[] = [];
    world.disk("bob").onCommit = (moment, batch) => {
      for (const change of batch.changes) {
        if (moment === "before" || change.kind !== "put" || change.table !== "messages") continue;
        if (change.row.body.kind === "text") arrived.push(change.row.body.text);
      }
    };
    await bob.start();
    await world.advance(60_000);
    expect(arrived).toEqual([...waiting, ...numbered(100).reverse()]);
    expect(await textsOf(world, bob.messenger, id)).toEqual([...numbered(100), ...waiting]);
  },
  memory,
);

story(
  "sends nothing again over an ordinary link",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    await say(world, alice, id, numbered(10));
    await bob.stop();
    await say(world, alice, id, ["for later"]);
    await world.advance(10_000);
    const leaving = wiretap(world);
    await bob.start();
    await world.advance(60_000);
    for (const pair of world.place.open) pair.cut("at once");
    await world.advance(60_000);
    expect((await viewOf(world, alice, id)).person?.path).toBe("direct");
    const frames = leaving.flatMap(({ by, device, bytes }) =>
      by === "link" ? [{ device, kind: must(decodeLinkFrame(bytes)).kind }] : [],
    );
    expect(frames.filter(({ kind }) => kind === "have").length).toBeGreaterThanOrEqual(4);
    // What was at the node already, each at most once over the link: bob says that he has it once he knows his keys.
    const given = frames.filter(({ device, kind }) => device === "alice" && kind === "deliver");
    expect(given.length).toBeLessThanOrEqual(11);
    expect(leaving.filter(({ by, device }) => by === "append" && device === "alice")).toEqual([]);
  },
  memory,
);

story(
  "notices a message that the node keeps back, shows that it is missing, and gets it by asking",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await bob.stop();
    await say(world, alice, id, ["first", "kept back"]);
    await world.advance(5_000);
    await keepBack(world, alice, id, 1);
    await say(world, alice, id, ["last"]);
    await world.advance(5_000);
    const asked = questionsOf(world, "bob");
    await bob.start();
    await world.advance(5_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["first", "last"]);
    // Not at once: it may have been overtaken only.
    expect((await viewOf(world, bob, id)).missing).toBe(0);
    await world.advance(50_000);
    expect((await viewOf(world, bob, id)).missing).toBe(0);
    expect(asked).toEqual([]);
    await alice.stop();
    await world.advance(10_000);
    expect((await viewOf(world, bob, id)).missing).toBe(1);
    expect(asked).toHaveLength(1);
    await alice.start();
    await world.advance(15_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["first", "kept back", "last"]);
    expect((await viewOf(world, bob, id)).missing).toBe(0);
    expect(await marksOf(world, alice, id)).toEqual(["delivered", "delivered", "delivered"]);
  },
  unlinked,
);

story(
  "asks ever more seldom for what nobody sends",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await bob.stop();
    await say(world, alice, id, ["kept back"]);
    await world.advance(5_000);
    await keepBack(world, alice, id, 1);
    await say(world, alice, id, ["last"]);
    await world.advance(5_000);
    await alice.stop();
    const startedAtMs = world.clock.now();
    const asked = questionsOf(world, "bob");
    await bob.start();
    await world.advance(80 * 60_000);
    const minutes = asked.map((atMs) => Math.round((atMs - startedAtMs) / 60_000));
    expect(minutes).toEqual([1, 11, 31, 71]);
    expect((await viewOf(world, bob, id)).missing).toBe(1);
    await alice.start();
    await world.advance(60_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["kept back", "last"]);
    await world.advance(3 * 3_600_000);
    expect(asked).toHaveLength(4);
  },
  unlinked,
);

story(
  "shows no gap while what is missing is only late",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    const shown = new Set<number | undefined>();
    bob.messenger.conversation(id).subscribe((view) => shown.add(view?.missing));
    const asked = questionsOf(world, "bob");
    world.faults = { ...world.faults, delayMs: [0, 2_000], reordering: 0.3, reorderMs: 5_000 };
    for (let n = 0; n < 20; n++) {
      await say(world, alice, id, [`number ${n}`]);
      if (n % 5 === 0) for (const pair of world.place.open) pair.cut("never");
      await world.advance(3_000);
    }
    await world.advance(120_000);
    expect(await textsOf(world, bob.messenger, id)).toHaveLength(20);
    expect([...shown]).toEqual([0]);
    expect(asked).toEqual([]);
  },
  memory,
);

story(
  "notices on a link that this profile is an earlier copy of itself before it gives anybody an envelope",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(20_000);
    await alice.stop();
    const restore = copyOfDisk(world, "alice");
    await alice.start();
    await world.advance(20_000);
    await say(world, alice, id, numbered(5));
    await world.advance(5_000);
    await alice.stop();
    restore();
    const damage: string[] = [];
    const delivered: string[] = [];
    world.disk("alice").onCommit = (moment, batch) => {
      for (const change of batch.changes) {
        if (moment === "before" || change.kind !== "put" || change.table !== "conversations") continue;
        if (change.row.healing !== undefined) damage.push(change.row.healing.why);
      }
    };
    world.taps.add({
      framed(device, _, bytes) {
        const frame = must(decodeLinkFrame(bytes));
        if (device === "alice" && frame.kind === "deliver")
          delivered.push(damage.at(-1) ?? "before anything was noticed");
      },
    });
    await alice.start();
    await say(world, alice, id, ["written by the copy"]);
    await world.advance(120_000);
    expect(damage[0]).toBe("rolled-back");
    expect(delivered).not.toContain("before anything was noticed");
    expect(rowOf(world, "alice", id).sentNumber).toBeGreaterThanOrEqual(5);
    expect(await textsOf(world, bob.messenger, id)).toContain("written by the copy");
    expect(await textsOf(world, bob.messenger, id)).toEqual(expect.arrayContaining(numbered(5)));
  },
  memory,
);

story(
  "delivers to whoever never says what they have, after a second",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(20_000);
    const frames: { readonly kind: string; readonly atMs: number }[] = [];
    world.taps.add({
      framed(device, _, bytes) {
        const { kind } = must(decodeLinkFrame(bytes));
        if (device === "alice") frames.push({ kind, atMs: world.clock.now() });
        world.faults = { ...world.faults, loss: device === "bob" && kind === "have" ? 1 : 0 };
      },
    });
    for (const pair of world.place.open) pair.cut("at once");
    world.node.setUp(false);
    await say(world, alice, id, ["hello"]);
    await world.advance(120_000);
    const toldAtMs = frames.find(({ kind }) => kind === "have")!.atMs;
    const deliveredAtMs = frames.find(({ kind }) => kind === "deliver")!.atMs;
    expect(deliveredAtMs - toldAtMs).toBeGreaterThanOrEqual(900);
    expect(deliveredAtMs - toldAtMs).toBeLessThan(1_500);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["hello"]);
  },
  memory,
);

story(
  "believes no absurd claim, and nobody is served twice because of one",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    await say(world, alice, id, numbered(3));
    await world.advance(5_000);
    await bob.stop();
    const { device } = rowsOn<ProfileRecord>(world.disk("alice"), "profile")[0]!;
    const conversations = world.disk("bob").tables.get("conversations") as Map<string, ConversationRecord>;
    const row = conversations.get(id)!;
    conversations.set(id, { ...row, received: { [device]: [[1, Number.MAX_SAFE_INTEGER]] } });
    await bob.start();
    await world.advance(60_000);
    expect(rowOf(world, "alice", id)).toMatchObject({ sentNumber: 3, healing: undefined });
    await say(world, alice, id, ["fourth"]);
    await world.advance(5_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual([...numbered(3), "fourth"]);
  },
  memory,
);

/** Alice's disk with `count` messages that bob got once; nothing of that is at the node. */
function rememberAsDelivered(world: World, id: ConversationId, count: number): void {
  const { tables } = world.disk("alice");
  const messages = tables.get("messages") as Map<string, MessageRecord>;
  const [sample] = [...messages.values()];
  for (let n = sample!.number + 1; n <= count; n++) {
    const time = { clockMs: sample!.sentAtMs + n, clockCount: 0 };
    const contentId = n.toString(16).padStart(16, "0");
    const key = messageIdOf(sample!.authorDevice, contentId);
    const order = orderOf(time, sample!.authorDevice, contentId);
    const body = { kind: "text", text: `number ${n}` } as const;
    messages.set(key, { ...sample!, key, order, sentAtMs: time.clockMs, number: n, body });
  }
  (tables.get("conversations") as Map<string, ConversationRecord>).set(id, {
    ...rowOf(world, "alice", id),
    sentNumber: count,
  });
}

story(
  "brings back more than one opening of a link does: the newest thousand over it, the rest by asking",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    await say(world, alice, id, numbered(1));
    await world.advance(5_000);
    await bob.stop();
    await alice.stop();
    rememberAsDelivered(world, id, 1_100);
    let most = 0;
    world.disk("alice").onCommit = () => {
      most = Math.max(most, rowsOn<OutboxRecord>(world.disk("alice"), "outbox").length);
    };
    await alice.start();
    await bob.start();
    await world.advance(50_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["number 1", ...numbered(1_100).slice(100)]);
    expect(most).toBeLessThan(80);
    await world.advance(60_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(numbered(1_100));
    expect((await viewOf(world, bob, id)).missing).toBe(0);
    expect(rowsOn<OutboxRecord>(world.disk("alice"), "outbox")).toEqual([]);
  },
  memory,
);

story(
  "sends again once a minute for whoever asks without end, and the newest question is answered",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    await say(world, alice, id, numbered(20));
    await world.advance(10_000);
    await bob.stop();
    const { topic } = keysOf(world, "bob", id);
    const { device } = rowsOn<ProfileRecord>(world.disk("alice"), "profile")[0]!;
    const sealed: number[] = [];
    world.disk("alice").onCommit = (moment, { changes }) => {
      if (moment === "before") return;
      for (const change of changes) {
        if (change.kind !== "put" || change.table !== "outbox" || change.row.message === undefined) continue;
        if (change.row.custodies.length === 0) sealed.push(world.clock.now());
      }
    };
    const ask = async (clockCount: number, highest: number) => {
      const have = [{ device, ranges: [[highest, highest]] }] as const;
      const body = { kind: "have", have } as const;
      const id64 = clockCount.toString(16).padStart(16, "0");
      const content = { id: id64, clockMs: world.clock.now(), clockCount, number: 0, body };
      must(world.node.append(topic.key, await sealAs(world, "bob", id, content), undefined));
      await world.advance(1_000);
    };
    for (let n = 0; n < 10; n++) await ask(n, 15);
    expect(sealed).toHaveLength(14);
    await ask(10, 20);
    expect(sealed).toHaveLength(14);
    await world.advance(60_000);
    expect(sealed).toHaveLength(14 + 19);
  },
  unlinked,
);

story(
  "sends again once a minute also for whoever asks while what was sent before is not acknowledged",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    await say(world, alice, id, numbered(130));
    await world.advance(10_000);
    await bob.stop();
    const { topic } = keysOf(world, "bob", id);
    const { device } = rowsOn<ProfileRecord>(world.disk("alice"), "profile")[0]!;
    const again = new Map<OutboxRecord["key"], number>();
    world.disk("alice").onCommit = (moment, { changes }) => {
      if (moment === "before") return;
      for (const change of changes) {
        if (change.kind !== "put" || change.table !== "outbox" || change.row.message === undefined) continue;
        again.set(change.row.key, world.clock.now());
      }
    };
    let count = 0;
    const asBob = async (body: Content["body"]) => {
      const content = { id: (++count).toString(16).padStart(16, "0"), clockMs: world.clock.now(), clockCount: count };
      must(world.node.append(topic.key, await sealAs(world, "bob", id, { ...content, number: 0, body }), undefined));
      await world.advance(1_000);
    };
    const ask = () => asBob({ kind: "have", have: [{ device, ranges: [[130, 130]] }] });
    const acknowledge = () => asBob({ kind: "delivered", hashes: [...again.keys()].slice(-64), refused: [] });
    // 64 are sent again, and he acknowledges none of them until he has asked once more, an hour later.
    await ask();
    expect(again.size).toBe(64);
    await world.advance(3_600_000);
    await ask();
    await acknowledge();
    expect(again.size).toBe(128);
    for (let n = 0; n < 5; n++) {
      await ask();
      await acknowledge();
    }
    // All that his second question named, and nothing for those within a minute of it.
    expect(again.size).toBe(64 + 129);
  },
  unlinked,
);

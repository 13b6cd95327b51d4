// What nodes promise to keep: kept, broken, refused, over. Nothing that was said is lost by it, and nothing is shown that
// is not so (FAULTS F21).
import { expect } from "vitest";
import type { ConversationId } from "../../core/index.ts";
import type { MessageId } from "../../core/lang/brand.ts";
import type { OutboxRecord } from "../../core/ports/outbox-records.ts";
import { addNode, fateOf, personAt, secondNode, thirdNode, twoNodes } from "../support/several-nodes.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { homeNode, must, rowsOn, textsOf, type World } from "../support/sim-world.ts";
import { marksOf, story, wiretap } from "../support/story.ts";

const unlinked = { links: false } as const;
const inMemory = { links: false, storage: "memory" } as const;

async function friends(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(5_000);
  return { alice, bob, id };
}

const waitingAt = (world: World, name: string) => rowsOn<OutboxRecord>(world.disk(name), "outbox");

async function say(world: World, { messenger }: SimDevice, id: ConversationId, text: string): Promise<MessageId> {
  return must(await world.run(messenger.sendText(id, text)));
}

async function infoOf(world: World, { messenger }: SimDevice, message: MessageId) {
  const info = await world.see(messenger.messageInfo(message));
  if (info === undefined) throw new Error("no such message");
  return info;
}

async function loseData(world: World, which = world.node): Promise<void> {
  which.setUp(false);
  await world.advance(1_000);
  which.topics.clear();
  which.setUp(true);
}

story(
  "notices that a node lost what it had promised to keep, leaves it there again, and says when it was broken",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await bob.stop();
    const message = await say(world, alice, id, "keep this");
    await world.advance(10_000);
    expect(await marksOf(world, alice, id)).toEqual(["held"]);
    await loseData(world);
    const leaving = wiretap(world);
    await world.advance(30_000);
    expect(await marksOf(world, alice, id)).toEqual(["held"]);
    expect(leaving.filter(({ by }) => by === "append")).toHaveLength(1);
    const { held, trouble } = await infoOf(world, alice, message);
    expect(held.map(({ node, state }) => [node, state])).toEqual([[homeNode, "kept"]]);
    expect(trouble).toBeUndefined();
    await bob.start();
    await world.advance(10_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["keep this"]);
    expect(await fateOf(world, alice, id)).toEqual(["delivered"]);
  },
  unlinked,
);

story(
  "shows what a node that lost it will not take again, until another one has it",
  async (world) => {
    const { first, second, alice, bob, id } = await twoNodes(world);
    second.setUp(false);
    await bob.stop();
    const message = await say(world, alice, id, "keep this");
    await world.advance(10_000);
    expect(await marksOf(world, alice, id)).toEqual(["held"]);
    await loseData(world, first);
    first.refuses = { kind: "full", what: "disk" };
    await world.advance(30_000);
    expect(await marksOf(world, alice, id)).toEqual(["trouble"]);
    const info = await infoOf(world, alice, message);
    expect(info.held.map(({ node, state }) => [node, state])).toEqual([[homeNode, "broken"]]);
    expect(info.trouble).toMatchObject({ node: homeNode, what: "full" });
    expect(info.underWay).toBe(true);
    second.setUp(true);
    await world.advance(30_000);
    expect(await marksOf(world, alice, id)).toEqual(["held"]);
    expect((await infoOf(world, alice, message)).trouble).toBeUndefined();
    await bob.start();
    await world.advance(10_000);
    expect(await fateOf(world, alice, id)).toEqual(["delivered"]);
  },
  unlinked,
);

story(
  "notices an envelope that a node took and keeps back, and brings it by another node",
  async (world) => {
    const { first, second, alice, bob, id } = await twoNodes(world);
    second.setUp(false);
    first.withholds = true;
    const message = await say(world, alice, id, "kept back");
    await world.advance(90_000);
    const { held, trouble } = await infoOf(world, alice, message);
    expect(held.map(({ node, state }) => [node, state])).toEqual([[homeNode, "broken"]]);
    expect(trouble).toMatchObject({ node: homeNode, what: "broke-promise" });
    expect(await marksOf(world, alice, id)).toEqual(["trouble"]);
    second.setUp(true);
    await world.advance(20_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["kept back"]);
    expect(await fateOf(world, alice, id)).toEqual(["delivered"]);
  },
  inMemory,
);

story(
  "tells that the one node there is broke its promise, and does not ask it without end",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    world.node.withholds = true;
    const leaving = wiretap(world);
    const message = await say(world, alice, id, "kept back");
    await world.advance(3_600_000);
    expect(await marksOf(world, alice, id)).toEqual(["trouble"]);
    expect((await infoOf(world, alice, message)).trouble).toMatchObject({ node: homeNode, what: "broke-promise" });
    const tries = leaving.filter(({ by }) => by === "append");
    expect(tries.length).toBeGreaterThan(3);
    expect(tries.length).toBeLessThan(10);
    world.node.withholds = false;
    world.node.withheld.clear();
    await loseData(world);
    await world.advance(2 * 3_600_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["kept back"]);
    expect(await fateOf(world, alice, id)).toEqual(["delivered"]);
  },
  inMemory,
);

for (const [kind, refuses] of [
  ["full", { kind: "full", what: "topic" }],
  ["refused", { kind: "refused", why: "closed" }],
  ["broke-promise", { kind: "broken-promise" }],
] as const) {
  story(
    `shows that the node answers "${kind}", tries ever more seldom, and says so when it took it`,
    async (world) => {
      const { alice, bob, id } = await friends(world);
      world.node.refuses = refuses;
      const leaving = wiretap(world);
      const message = await say(world, alice, id, "take it");
      await world.advance(5_000);
      expect(await marksOf(world, alice, id)).toEqual(["trouble"]);
      expect((await infoOf(world, alice, message)).trouble).toMatchObject({ node: homeNode, what: kind });
      await world.advance(1_800_000);
      const tries = leaving.filter(({ by, device }) => by === "append" && device === "alice");
      expect(tries.length).toBeGreaterThan(3);
      expect(tries.length).toBeLessThan(8);
      world.node.refuses = undefined;
      await world.advance(3_600_000);
      expect(await textsOf(world, bob.messenger, id)).toEqual(["take it"]);
      expect(await fateOf(world, alice, id)).toEqual(["delivered"]);
      expect((await infoOf(world, alice, message)).trouble).toBeUndefined();
    },
    inMemory,
  );
}

story(
  "uses the other node at once while one refuses, and the recipient's own when all do",
  async (world) => {
    const { first, second, alice, bob, id } = await twoNodes(world);
    first.refuses = { kind: "full", what: "node" };
    await say(world, alice, id, "one is full");
    await world.advance(2_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["one is full"]);
    addNode(world, thirdNode);
    must(await world.run(bob.messenger.setNodes([thirdNode])));
    await world.advance(2_000);
    second.refuses = { kind: "full", what: "node" };
    await say(world, alice, id, "both are full");
    await world.advance(10_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["one is full", "both are full"]);
    expect(await fateOf(world, alice, id)).not.toContain("trouble");
  },
  unlinked,
);

story(
  "sends again what no node took, at once when somebody asks for it",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    world.node.refuses = { kind: "full", what: "topic" };
    const message = await say(world, alice, id, "take it");
    await world.advance(600_000);
    world.node.refuses = undefined;
    expect(await marksOf(world, alice, id)).toEqual(["trouble"]);
    must(await world.run(alice.messenger.sendAgain(message)));
    await world.advance(2_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["take it"]);
    expect(await fateOf(world, alice, id)).toEqual(["delivered"]);
    expect(await world.run(alice.messenger.sendAgain(message))).toEqual({ ok: false, error: "nothing-to-send" });
    expect(await world.run(bob.messenger.sendAgain(message))).toEqual({ ok: false, error: "not-allowed" });
    expect(await world.run(bob.messenger.sendAgain("nothing/there" as MessageId))).toEqual({
      ok: false,
      error: "no-such-conversation",
    });
  },
  unlinked,
);

story(
  "says that nothing is to be sent again while a node keeps it",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await bob.stop();
    const message = await say(world, alice, id, "patience");
    await world.advance(5_000);
    expect(await world.run(alice.messenger.sendAgain(message))).toEqual({ ok: false, error: "nothing-to-send" });
    expect(waitingAt(world, "alice")).toHaveLength(1);
  },
  inMemory,
);

story(
  "sends again what has expired, and the other side has it once",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await bob.stop();
    const message = await say(world, alice, id, "are you there?");
    await world.advance(5_000);
    await alice.stop();
    await world.advance(31 * 24 * 3_600_000);
    world.node.setUp(false);
    await alice.start();
    await world.advance(5_000);
    expect(await marksOf(world, alice, id)).toEqual(["expired"]);
    must(await world.run(alice.messenger.sendAgain(message)));
    expect(await marksOf(world, alice, id)).toEqual(["saved"]);
    world.node.setUp(true);
    await world.advance(30_000);
    expect(await marksOf(world, alice, id)).toEqual(["held"]);
    await bob.start();
    await world.advance(30_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["are you there?"]);
    expect(await fateOf(world, alice, id)).toEqual(["delivered"]);
  },
  unlinked,
);

story(
  "has a promise that is over given anew by itself, for as long as nobody came",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await bob.stop();
    const message = await say(world, alice, id, "are you there?");
    await world.advance(31 * 24 * 3_600_000);
    const { held } = await infoOf(world, alice, message);
    expect(held.map(({ state }) => state)).toEqual(["kept"]);
    await bob.start();
    await world.advance(10_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["are you there?"]);
    expect(await fateOf(world, alice, id)).toEqual(["delivered"]);
  },
  inMemory,
);

story(
  "does not ask for promises without end when its clock is a year ahead",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await bob.stop();
    await say(world, alice, id, "from the future");
    await world.advance(5_000);
    const leaving = wiretap(world);
    alice.clock.offsetMs = 365 * 24 * 3_600_000;
    await alice.stop();
    await alice.start();
    await world.advance(3 * 24 * 3_600_000 + 60_000);
    expect(leaving.filter(({ by }) => by === "append").length).toBeLessThan(8);
    expect(await marksOf(world, alice, id)).toEqual(["held"]);
    await bob.start();
    await world.advance(10_000);
    expect(await fateOf(world, alice, id)).toEqual(["delivered"]);
  },
  inMemory,
);

story(
  "keeps a person's own move of nodes and what they wrote when the engine dies in the middle",
  async (world) => {
    addNode(world, secondNode);
    const { alice, bob, id } = await friends(world);
    for (let steps = 1; steps < 60; steps += 3) {
      alice.crashAfterSteps(steps);
      const to = steps % 2 === 0 ? homeNode : secondNode;
      alice.messenger.moveConversation(id, [to]).catch(() => {});
      await world.advance(1_000);
      if (!alice.running) await alice.start();
      alice.crashAfterSteps(Number.POSITIVE_INFINITY);
      await world.advance(60_000);
      await say(world, alice, id, `after ${steps}`);
      await world.advance(10_000);
      expect(await textsOf(world, bob.messenger, id)).toContain(`after ${steps}`);
    }
    expect(new Set(await fateOf(world, alice, id))).toEqual(new Set(["delivered"]));
  },
  inMemory,
);

story(
  "makes no invite at a node that is not there while another of the person's is",
  async (world) => {
    addNode(world, secondNode);
    const alice = await personAt(world, "alice", secondNode, homeNode);
    const bob = await world.person("bob");
    world.nodes.get(secondNode)?.setUp(false);
    await world.advance(1_000);
    const invite = must(await world.run(alice.messenger.createInvite()));
    const id = must(await world.run(bob.messenger.acceptInvite(invite.link)));
    await world.advance(5_000);
    must(await world.run(alice.messenger.answerRequest(id, "accept")));
    await say(world, bob, id, "found you");
    await world.advance(5_000);
    expect(await textsOf(world, alice.messenger, id)).toEqual(["found you"]);
    expect(await fateOf(world, bob, id)).toEqual(["delivered"]);
  },
  unlinked,
);

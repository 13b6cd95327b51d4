// A conversation on several nodes: what one of them loses the others bring, and a dead one traps nobody.
import { expect } from "vitest";
import type { GroupRecord } from "../../core/ports/group-records.ts";
import type { OutboxRecord } from "../../core/ports/outbox-records.ts";
import {
  addNode,
  callersOf,
  fateOf,
  personAt,
  secondNode,
  thirdNode,
  topicOn,
  twoNodes,
} from "../support/several-nodes.ts";
import { homeNode, must, rowsOn, textsOf, type World } from "../support/sim-world.ts";
import { story, viewOf, wiretap } from "../support/story.ts";

const unlinked = { links: false } as const;
const inMemory = { links: false, storage: "memory" } as const;

story(
  "keeps a conversation at every node that the inviter names, and says each thing once",
  async (world) => {
    const { alice, bob, id } = await twoNodes(world);
    expect((await viewOf(world, alice, id)).nodes).toEqual([homeNode, secondNode]);
    expect((await viewOf(world, bob, id)).nodes).toEqual([homeNode, secondNode]);
    const leaving = wiretap(world);
    must(await world.run(bob.messenger.sendText(id, "to both")));
    await world.advance(10_000);
    const topic = topicOn(world, "bob", id).key;
    expect(world.node.topics.get(topic)?.latest).toBe(world.nodes.get(secondNode)?.topics.get(topic)?.latest);
    expect(await textsOf(world, alice.messenger, id)).toEqual(["to both"]);
    expect(await fateOf(world, bob, id)).toEqual(["delivered"]);
    // The message and one acknowledgement, each at two nodes; a copy is not acknowledged again.
    expect(leaving.filter(({ by, device }) => by === "append" && device === "bob")).toHaveLength(2);
    expect(leaving.filter(({ by, device }) => by === "append" && device === "alice")).toHaveLength(2);
  },
  inMemory,
);

for (const dead of [homeNode, secondNode]) {
  story(
    `goes on without a word while ${dead === homeNode ? "the first" : "the second"} of two nodes is dead`,
    async (world) => {
      const { alice, bob, id } = await twoNodes(world);
      world.nodes.get(dead)?.setUp(false);
      await world.advance(1_000);
      for (const { messenger, name } of [alice, bob]) must(await world.run(messenger.sendText(id, `from ${name}`)));
      await world.advance(2_000);
      expect(await textsOf(world, alice.messenger, id)).toEqual(["from alice", "from bob"]);
      expect(await textsOf(world, bob.messenger, id)).toEqual(["from alice", "from bob"]);
      expect([...(await fateOf(world, alice, id)), ...(await fateOf(world, bob, id))]).toEqual([
        "delivered",
        "delivered",
      ]);
    },
    unlinked,
  );
}

story(
  "leaves what nobody has fetched at the node that was away, too, when that comes back",
  async (world) => {
    const { first, second, alice, bob, id } = await twoNodes(world);
    await bob.stop();
    first.setUp(false);
    must(await world.run(alice.messenger.sendText(id, "for later")));
    await world.advance(60_000);
    expect(await fateOf(world, alice, id)).toEqual(["held"]);
    first.setUp(true);
    await world.advance(30_000);
    const [row] = rowsOn<OutboxRecord>(world.disk("alice"), "outbox");
    expect(row?.custodies.map(({ node }) => node).sort()).toEqual([homeNode, secondNode]);
    second.setUp(false);
    await bob.start();
    await world.advance(10_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["for later"]);
    expect(await fateOf(world, alice, id)).toEqual(["delivered"]);
  },
  inMemory,
);

story(
  "meets at the recipient's own node when none of the conversation's is in reach for half a minute",
  async (world) => {
    const own = addNode(world, thirdNode);
    const { first, second, alice, bob, id } = await twoNodes(world);
    must(await world.run(bob.messenger.setNodes([thirdNode])));
    await world.advance(1_000);
    expect(callersOf(own), "nobody else needs it yet").toBe(1);
    first.setUp(false);
    second.setUp(false);
    must(await world.run(alice.messenger.sendText(id, "where are you?")));
    await world.advance(25_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual([]);
    expect(await fateOf(world, alice, id)).toEqual(["saved"]);
    await world.advance(15_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["where are you?"]);
    first.setUp(true);
    await world.advance(60_000);
    expect(await fateOf(world, alice, id)).toEqual(["delivered"]);
    expect(callersOf(own), "closed when it is not needed any more").toBe(1);
  },
  unlinked,
);

story(
  "moves a conversation whose node is dead over the other side's own node, and what waited goes along",
  async (world) => {
    const second = addNode(world, secondNode);
    addNode(world, thirdNode);
    const alice = await world.person("alice");
    const bob = await personAt(world, "bob", thirdNode);
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    world.node.setUp(false);
    must(await world.run(alice.messenger.sendText(id, "before the move")));
    await world.advance(1_000);
    must(await world.run(alice.messenger.moveConversation(id, [secondNode])));
    must(await world.run(alice.messenger.sendText(id, "after the move")));
    await world.advance(60_000);
    expect((await viewOf(world, bob, id)).nodes).toEqual([secondNode]);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["before the move", "after the move"]);
    must(await world.run(bob.messenger.sendText(id, "here I am")));
    await world.advance(5_000);
    expect(await textsOf(world, alice.messenger, id)).toEqual(["before the move", "after the move", "here I am"]);
    expect(await fateOf(world, alice, id)).toEqual(["delivered", "delivered"]);
    expect(await fateOf(world, bob, id)).toEqual(["delivered"]);
    expect(callersOf(second)).toBe(2);
  },
  unlinked,
);

story("moves a conversation whose node is dead over a link", async (world) => {
  addNode(world, secondNode);
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(10_000);
  expect((await viewOf(world, alice, id)).person?.path).toBe("direct");
  world.node.setUp(false);
  await world.advance(1_000);
  must(await world.run(alice.messenger.moveConversation(id, [secondNode])));
  await world.advance(5_000);
  expect((await viewOf(world, bob, id)).nodes).toEqual([secondNode]);
  for (const pair of world.place.open) pair.cut("at once");
  world.apart.add("alice bob");
  must(await world.run(bob.messenger.sendText(id, "still there?")));
  await world.advance(5_000);
  expect(await textsOf(world, alice.messenger, id)).toEqual(["still there?"]);
});

story(
  "reads the old node for thirty days after a move, for who was away, and then lets it go",
  async (world) => {
    const { first, second, alice, bob, id } = await twoNodes(world);
    await bob.stop();
    must(await world.run(alice.messenger.moveConversation(id, [secondNode])));
    await world.advance(5_000);
    await alice.stop();
    second.setUp(false);
    await bob.start();
    await world.advance(1_000);
    // He has not heard of it from the new node, but from the old one.
    expect((await viewOf(world, bob, id)).nodes).toEqual([secondNode]);
    must(await world.run(bob.messenger.sendText(id, "hello")));
    await world.advance(5_000);
    second.setUp(true);
    await alice.start();
    await world.advance(60_000);
    expect(await textsOf(world, alice.messenger, id)).toEqual(["hello"]);
    must(await world.run(alice.messenger.setNodes([secondNode])));
    must(await world.run(bob.messenger.setNodes([secondNode])));
    await world.advance(5_000);
    expect(callersOf(first)).toBe(2);
    for (const device of [alice, bob]) await device.stop();
    await world.advance(31 * 24 * 3_600_000);
    for (const device of [alice, bob]) await device.start();
    await world.advance(5_000);
    expect(callersOf(first)).toBe(0);
    must(await world.run(bob.messenger.sendText(id, "moved for good")));
    await world.advance(10_000);
    expect(await textsOf(world, alice.messenger, id)).toEqual(["hello", "moved for good"]);
  },
  inMemory,
);

story(
  "agrees on the newest of two moves, whoever hears of which first",
  async (world) => {
    addNode(world, thirdNode);
    const { alice, bob, id } = await twoNodes(world);
    alice.setOnline(false);
    await world.advance(1_000);
    must(await world.run(alice.messenger.moveConversation(id, [secondNode])));
    await world.advance(1_000);
    must(await world.run(bob.messenger.moveConversation(id, [thirdNode])));
    await world.advance(5_000);
    alice.setOnline(true);
    await world.advance(60_000);
    for (const device of [alice, bob]) expect((await viewOf(world, device, id)).nodes).toEqual([thirdNode]);
    must(await world.run(alice.messenger.sendText(id, "at the third")));
    await world.advance(5_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["at the third"]);
  },
  unlinked,
);

story(
  "tells contacts where it can be found when a person moves, and refuses what is no choice of nodes",
  async (world) => {
    addNode(world, thirdNode);
    const { alice, bob, id } = await twoNodes(world);
    for (const wrong of [[], [homeNode, homeNode], [homeNode, secondNode, thirdNode, "http://fourth.example"]]) {
      expect(await world.run(alice.messenger.setNodes(wrong as never))).toEqual({ ok: false, error: "nodes" });
      expect(await world.run(alice.messenger.moveConversation(id, wrong as never))).toEqual({
        ok: false,
        error: "nodes",
      });
    }
    must(await world.run(alice.messenger.setNodes([thirdNode, homeNode])));
    await world.advance(5_000);
    expect(await world.see(alice.messenger.profile)).toMatchObject({ nodes: [thirdNode, homeNode] });
    const views = await world.see(alice.messenger.nodes);
    expect(views.map(({ node, own, state, conversations }) => [node, own, state, conversations])).toEqual([
      [thirdNode, true, "connected", 0],
      [homeNode, true, "connected", 1],
      [secondNode, false, "connected", 1],
    ]);
    const contacts = rowsOn<{ readonly nodes: readonly string[] }>(world.disk("bob"), "contacts");
    expect(contacts.map(({ nodes }) => nodes)).toEqual([[thirdNode, homeNode]]);
    expect(bob.running).toBe(true);
  },
  inMemory,
);

story(
  "is connected as long as one of the person's own nodes is, and a dead node of others changes nothing",
  async (world) => {
    const { first, second, alice, bob, id } = await twoNodes(world);
    first.setUp(false);
    await world.advance(40_000);
    expect(await world.see(alice.messenger.network)).toEqual({ kind: "connected", node: secondNode });
    expect(await world.see(bob.messenger.network)).toMatchObject({ kind: "offline", node: homeNode });
    first.setUp(true);
    second.setUp(false);
    await world.advance(40_000);
    expect(await world.see(bob.messenger.network)).toEqual({ kind: "connected", node: homeNode });
    expect((await world.see(bob.messenger.nodes)).map(({ node, state }) => [node, state])).toEqual([
      [homeNode, "connected"],
      [secondNode, "unreachable"],
    ]);
    const invite = must(await world.run(alice.messenger.createInvite()));
    expect(invite.state, "left at the node that is there").toBe("ready");
    expect((await viewOf(world, alice, id)).nodes).toHaveLength(2);
  },
  unlinked,
);

/** The next own message makes a renewal due. */
function almostRenewing(world: World, device: string): void {
  const groups = world.disk(device).tables.get("groups") as Map<string, GroupRecord>;
  for (const [key, group] of groups) groups.set(key, { ...group, sealedSinceUpdate: 99 });
}

const epochAt = (world: World, device: string, id: string) =>
  rowsOn<GroupRecord>(world.disk(device), "groups").find(({ key }) => key === id)?.epoch;

story(
  "has a renewal's slot given by the first node, and a copy of it at the others for who cannot reach that",
  async (world) => {
    const { first, alice, bob, id } = await twoNodes(world);
    await bob.stop();
    const before = epochAt(world, "alice", id) ?? 0;
    almostRenewing(world, "alice");
    must(await world.run(alice.messenger.sendText(id, "the hundredth")));
    await world.advance(5_000);
    must(await world.run(alice.messenger.sendText(id, "under new keys")));
    await world.advance(5_000);
    expect(epochAt(world, "alice", id)).toBe(before + 1);
    first.setUp(false);
    await bob.start();
    await world.advance(10_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["the hundredth", "under new keys"]);
    expect(epochAt(world, "bob", id)).toBe(before + 1);
  },
  inMemory,
);

story(
  "gives the slot to one of two who renew at once, although there are two nodes",
  async (world) => {
    const { alice, bob, id } = await twoNodes(world);
    const before = epochAt(world, "alice", id) ?? 0;
    for (const name of ["alice", "bob"]) almostRenewing(world, name);
    await world.run(Promise.all([alice, bob].map(({ messenger, name }) => messenger.sendText(id, `from ${name}`))));
    await world.advance(30_000);
    expect(epochAt(world, "alice", id)).toBe(epochAt(world, "bob", id));
    expect(epochAt(world, "alice", id)).toBeGreaterThan(before);
    for (const device of [alice, bob]) {
      expect(await textsOf(world, device.messenger, id)).toHaveLength(2);
      expect((await viewOf(world, device, id)).healingSinceMs).toBeUndefined();
    }
  },
  inMemory,
);

story(
  "reads again at one node what was ahead of its keys there, once these came from another",
  async (world) => {
    const { first, second, alice, bob, id } = await twoNodes(world);
    await bob.stop();
    almostRenewing(world, "alice");
    // The copy of the key change never gets to the second node; the words under the new keys do.
    second.setUp(false);
    must(await world.run(alice.messenger.sendText(id, "the hundredth")));
    await world.advance(5_000);
    const disk = world.disk("alice");
    const copy = rowsOn<OutboxRecord>(disk, "outbox").find(({ ends }) => ends === "every-node")!;
    disk.tables.get("outbox")?.delete(copy.key);
    second.setUp(true);
    await world.advance(30_000);
    must(await world.run(alice.messenger.sendText(id, "under new keys")));
    await world.advance(5_000);
    await alice.stop();
    first.setUp(false);
    await bob.start();
    await world.advance(10_000);
    expect(await textsOf(world, bob.messenger, id), "not to be opened yet").toEqual(["the hundredth"]);
    expect(topicOn(world, "bob", id).places.map(({ ahead }) => ahead !== undefined)).toContain(true);
    expect((await viewOf(world, bob, id)).healingSinceMs, "the first node may come back").toBeUndefined();
    first.setUp(true);
    await world.advance(20_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["the hundredth", "under new keys"]);
    expect(topicOn(world, "bob", id).places.map(({ ahead }) => ahead)).toEqual([undefined, undefined]);
    expect((await viewOf(world, bob, id)).healingSinceMs).toBeUndefined();
  },
  inMemory,
);

story(
  "calls no server that a stranger names, until they are accepted",
  async (world) => {
    const theirs = addNode(world, thirdNode);
    const alice = await world.person("alice");
    const mallory = await personAt(world, "mallory", thirdNode, homeNode);
    const invite = must(await world.run(alice.messenger.createInvite()));
    const id = must(await world.run(mallory.messenger.acceptInvite(invite.link)));
    await world.advance(5_000);
    must(await world.run(mallory.messenger.moveConversation(id, [thirdNode])));
    must(await world.run(mallory.messenger.sendText(id, "come over")));
    await world.advance(60_000);
    world.node.setUp(false);
    await world.advance(60_000);
    world.node.setUp(true);
    await world.advance(60_000);
    expect(callersOf(theirs), "mallory's own engine alone").toBe(1);
    must(await world.run(alice.messenger.answerRequest(id, "accept")));
    await world.advance(10_000);
    expect(callersOf(theirs)).toBe(2);
    expect(await textsOf(world, alice.messenger, id)).toEqual(["come over"]);
    expect(await fateOf(world, mallory, id)).toEqual(["delivered"]);
  },
  unlinked,
);

story(
  "makes the link of an invite lead to a node that answers while the page's own is dead",
  async (world) => {
    addNode(world, secondNode);
    const alice = await personAt(world, "alice", homeNode, secondNode);
    world.node.setUp(false);
    await world.advance(5_000);
    const { link } = must(await world.run(alice.messenger.createInvite()));
    expect(link.startsWith(`${secondNode}/#/i/`)).toBe(true);
    const bob = await personAt(world, "bob", secondNode);
    expect(must(await world.run(bob.messenger.previewInvite(link))).name).toBe("Alice");
  },
  unlinked,
);

story(
  "makes the link of an invite lead to its page while no node answers",
  async (world) => {
    const alice = await world.person("alice");
    world.node.setUp(false);
    await world.advance(5_000);
    const { link } = must(await world.run(alice.messenger.createInvite()));
    expect(link.startsWith("https://kith.example/#/i/")).toBe(true);
  },
  unlinked,
);

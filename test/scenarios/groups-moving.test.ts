// A group goes to other nodes by a commit of its owner or an admin, and everybody follows (PROTOCOL.md §13.3, §13.4).
import { expect } from "vitest";
import { ownKeyPackage } from "../../core/engine/own-leaf.ts";
import type { ConversationId, GroupAct, NodeUrl } from "../../core/index.ts";
import { createGroupOf, groupOn, profileOn } from "../support/groups-by-hand.ts";
import { callersOf, secondNode } from "../support/several-nodes.ts";
import type { SimDevice } from "../support/sim-device.ts";
import {
  accountOf,
  conversationAt,
  endsAt,
  eventsAt,
  groupAt,
  keysOf,
  put,
  standGroup,
  storyAt,
  topicAt,
  waitingAt,
  want,
  wants,
  wordsAt,
} from "../support/sim-group.ts";
import { farNode, homeNode, must, type World } from "../support/sim-world.ts";
import { story, threePeople, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;
const dayMs = 24 * 3_600_000;
const toFar: GroupAct = { kind: "move", nodes: [farNode] };

/** Alice is the owner, Bob an admin, Carol a member; all live at the first node, and so does the group. */
async function three(world: World) {
  const people = await threePeople(world);
  const far = world.addNode(farNode);
  return { ...people, far, id: await standGroup(world, people.all, [people.bob], [homeNode]) };
}

const change = (world: World, device: SimDevice, id: ConversationId, act: GroupAct) =>
  world.run(device.messenger.groups.changeGroup(id, act));
const say = async (world: World, device: SimDevice, id: ConversationId, text: string) =>
  must(await world.run(device.messenger.sendText(id, text)));

const placesAt = (world: World, device: SimDevice, id: ConversationId) =>
  topicAt(world, device, id)!.places.flatMap(({ node, leftAtMs }) => (leftAtMs === undefined ? [node] : []));

function expectTogetherAt(world: World, devices: readonly SimDevice[], id: ConversationId, nodes: readonly NodeUrl[]) {
  const [first] = devices;
  for (const one of devices) {
    expect(groupAt(world, one, id), one.name).toEqual(groupAt(world, first!, id));
    expect(keysOf(world, one, id)?.epochSecrets[0], one.name).toEqual(keysOf(world, first!, id)?.epochSecrets[0]);
    expect(storyAt(world, one, id), one.name).toEqual(storyAt(world, first!, id));
    expect(groupAt(world, one, id).facts.nodes, one.name).toEqual(nodes);
    expect(conversationAt(world, one, id), one.name).toMatchObject({ nodes, healing: undefined });
    expect(placesAt(world, one, id).toSorted(), one.name).toEqual(nodes.toSorted());
  }
}

story(
  "a group that is moved goes on at the new node, the timeline tells it, and the old one hears no more",
  async (world) => {
    const { alice, bob, carol, all, far, id } = await three(world);
    must(await change(world, bob, id, toFar));
    await world.advance(10_000);
    expectTogetherAt(world, all, id, [farNode]);
    for (const one of all) expect(eventsAt(world, one, id)).toEqual([{ kind: "moved", nodes: [farNode] }]);
    expect((await viewOf(world, carol, id)).nodes).toEqual([farNode]);
    expect((await viewOf(world, bob, id)).group?.changes).toEqual([]);
    const { key } = topicAt(world, alice, id)!;
    await world.advance(60_000);
    // What moved it lies at the new node as well, before everything else.
    const [move] = far.topics.get(key)!.entries;
    expect(world.node.topics.get(key)!.entries.map(({ hash }) => hash)).toContain(move!.hash);
    const before = world.node.latest(key);
    await say(world, carol, id, "new home");
    must(await change(world, alice, id, { kind: "rename", name: "Climbers" }));
    await world.advance(60_000);
    expectTogetherAt(world, all, id, [farNode]);
    expect(groupAt(world, carol, id).facts.name).toBe("Climbers");
    expect(wordsAt(world, alice, id)).toEqual(["new home"]);
    expect(world.node.latest(key)).toBe(before);
    expect(far.latest(key)).toBeGreaterThan(3);
  },
  memory,
);

story(
  "once a group has moved it needs the old node no more: people are removed, and topics turn, while that is dead",
  async (world) => {
    const { alice, bob, carol, id } = await three(world);
    must(await change(world, alice, id, toFar));
    await world.advance(10_000);
    world.node.setUp(false);
    await world.advance(60_000);
    must(await change(world, alice, id, { kind: "remove", account: accountOf(world, carol) }));
    await say(world, bob, id, "without her");
    await world.advance(60_000);
    expectTogetherAt(world, [alice, bob], id, [farNode]);
    expect(groupAt(world, bob, id).facts.rotation).toBe(1);
    expect(groupAt(world, carol, id).standing).toMatchObject({ kind: "removed" });
    expect(wordsAt(world, alice, id)).toEqual(["without her"]);
    expect(wordsAt(world, carol, id)).toEqual([]);
  },
  memory,
);

story(
  "a move waits, visibly, while the node that decides is away, and while the new one does not answer",
  async (world) => {
    const { alice, all, far, id } = await three(world);
    far.setUp(false);
    must(await change(world, alice, id, toFar));
    await world.advance(60_000);
    expect((await viewOf(world, alice, id)).group?.changes).toMatchObject([{ act: toFar, waits: "new-node" }]);
    // The others do not wait behind it.
    must(await change(world, alice, id, { kind: "rename", name: "Climbers" }));
    await world.advance(10_000);
    for (const one of all) expect(groupAt(world, one, id).facts).toMatchObject({ name: "Climbers", nodes: [homeNode] });
    world.node.setUp(false);
    far.setUp(true);
    await world.advance(60_000);
    expect((await viewOf(world, alice, id)).group?.changes).toMatchObject([{ act: toFar, waits: "node" }]);
    for (const one of all) expect(groupAt(world, one, id).facts.nodes).toEqual([homeNode]);
    world.node.setUp(true);
    await world.advance(60_000);
    expectTogetherAt(world, all, id, [farNode]);
    expect(waitingAt(world, alice, id)).toEqual([]);
  },
  memory,
);

story(
  "a move that waits for a new node is taken back, and that node is let go",
  async (world) => {
    const { alice, all, far, id } = await three(world);
    far.setUp(false);
    must(await change(world, alice, id, toFar));
    await world.advance(5_000);
    expect(callersOf(far)).toBe(1);
    const [waiting] = (await viewOf(world, alice, id)).group!.changes;
    must(await world.run(alice.messenger.groups.cancelChange(id, waiting!.id)));
    await world.advance(5_000);
    expect(callersOf(far)).toBe(0);
    far.setUp(true);
    await world.advance(60_000);
    expectTogetherAt(world, all, id, [homeNode]);
  },
  memory,
);

story(
  "nobody but owner and admins moves a group, and nowhere but to one to three nodes",
  async (world) => {
    const { alice, carol, id } = await three(world);
    expect(await change(world, carol, id, toFar)).toEqual({ ok: false, error: "not-allowed" });
    const wrong = [
      [],
      [farNode, farNode],
      [farNode, homeNode, secondNode, "http://d.example"],
      ["http://far.example/x"],
    ];
    for (const nodes of wrong) {
      expect(await change(world, alice, id, { kind: "move", nodes: nodes as never })).toEqual({
        ok: false,
        error: "nodes",
      });
    }
    expect(await change(world, alice, id, { kind: "move", nodes: [homeNode] })).toEqual({
      ok: false,
      error: "no-change",
    });
  },
  memory,
);

for (const first of ["the move", "the removal"]) {
  story(
    `a move races with a removal and ${first} is first: both come into force, for everybody alike`,
    async (world) => {
      const { alice, bob, carol, id } = await three(world);
      for (const one of [alice, bob]) await world.run(one.stop());
      want(world, alice, id, toFar);
      want(world, bob, id, { kind: "remove", account: accountOf(world, carol) });
      const [sooner, later] = first === "the move" ? [alice, bob] : [bob, alice];
      // The one behind has made its commit for the same epoch when it hears of the other.
      await sooner!.start();
      await later!.start();
      await world.advance(60_000);
      expectTogetherAt(world, [alice, bob], id, [farNode]);
      const kinds = eventsAt(world, alice, id).map(({ kind }) => kind);
      expect(kinds).toEqual(first === "the move" ? ["moved", "removed"] : ["removed", "moved"]);
      expect(groupAt(world, alice, id).facts.rotation).toBe(1);
      expect(groupAt(world, carol, id).standing).toMatchObject({ kind: "removed", by: accountOf(world, bob) });
      for (const one of [alice, bob]) {
        expect(endsAt(world, one, id)).toEqual([]);
        expect(waitingAt(world, one, id)).toEqual([]);
      }
      await say(world, bob, id, "still here");
      await world.advance(10_000);
      expect(wordsAt(world, alice, id)).toEqual(["still here"]);
    },
    memory,
  );
}

story(
  "of two moves at once one is after the other, and the group ends where the second one says",
  async (world) => {
    const { alice, bob, all, id } = await three(world);
    world.addNode(secondNode);
    for (const one of [alice, bob]) await world.run(one.stop());
    want(world, alice, id, toFar);
    want(world, bob, id, { kind: "move", nodes: [secondNode, farNode] });
    await Promise.all([alice.start(), bob.start()]);
    await world.advance(60_000);
    const { nodes } = groupAt(world, alice, id).facts;
    expectTogetherAt(world, all, id, nodes);
    expect(eventsAt(world, alice, id)).toHaveLength(2);
    expect(eventsAt(world, alice, id).at(-1)).toEqual({ kind: "moved", nodes });
  },
  memory,
);

story(
  "who was away during the move, and while more changed behind it, finds the group at the new node",
  async (world) => {
    const { alice, bob, carol, all, id } = await three(world);
    await say(world, carol, id, "see you");
    await world.advance(5_000);
    await world.run(carol.stop());
    must(await change(world, alice, id, toFar));
    await world.advance(10_000);
    must(await change(world, alice, id, { kind: "rename", name: "Climbers" }));
    await say(world, bob, id, "over here");
    await world.advance(10_000);
    await carol.start();
    await world.advance(10_000);
    expectTogetherAt(world, all, id, [farNode]);
    expect(wordsAt(world, carol, id)).toEqual(["see you", "over here"]);
    world.node.setUp(false);
    await say(world, carol, id, "found you");
    await world.advance(10_000);
    expect(wordsAt(world, alice, id)).toEqual(["see you", "over here", "found you"]);
  },
  memory,
);

story(
  "what was said before the move and is not acknowledged lies at the new node, too, and what was said at the old one is read",
  async (world) => {
    const { alice, bob, carol, all, id } = await three(world);
    await world.run(bob.stop());
    await say(world, alice, id, "to whom is away");
    await world.advance(5_000);
    carol.setOnline(false);
    await say(world, carol, id, "not sent yet");
    must(await change(world, alice, id, toFar));
    await world.advance(60_000);
    const { key } = topicAt(world, alice, id)!;
    const hashes = (node: NodeUrl) =>
      new Set(
        world.nodes
          .get(node)!
          .topics.get(key)!
          .entries.map(({ hash }) => hash),
      );
    expect([...hashes(homeNode)].filter((hash) => hashes(farNode).has(hash)).length).toBeGreaterThanOrEqual(2);
    carol.setOnline(true);
    await bob.start();
    await world.advance(120_000);
    expectTogetherAt(world, all, id, [farNode]);
    for (const one of all) expect(wordsAt(world, one, id)).toEqual(["to whom is away", "not sent yet"]);
  },
  memory,
);

story(
  "the old node is read for thirty days after a move, and then let go",
  async (world) => {
    const { all, far, id, alice } = await three(world);
    for (const one of all) must(await world.run(one.messenger.setNodes([farNode])));
    must(await change(world, alice, id, toFar));
    await world.advance(10_000);
    expect(callersOf(world.node)).toBe(3);
    for (const one of all) await world.run(one.stop());
    await world.advance(31 * dayMs);
    for (const one of all) await one.start();
    await world.advance(10_000);
    expect(callersOf(world.node)).toBe(0);
    expect(callersOf(far)).toBe(3);
    await say(world, alice, id, "for good");
    await world.advance(10_000);
    for (const one of all) expect(wordsAt(world, one, id)).toEqual(["for good"]);
  },
  memory,
);

story(
  "a device that lost its keys while the group moved asks where it knows it, and is given a leaf there",
  async (world) => {
    const { alice, carol, all, id } = await three(world);
    await world.run(carol.stop());
    must(await change(world, alice, id, toFar));
    await world.advance(10_000);
    world.disk("carol").tables.get("groups")!.delete(id);
    await carol.start();
    await world.advance(60_000);
    expect(keysOf(world, carol, id)?.joinedEpoch).toBe(3);
    expect(groupAt(world, carol, id).facts.nodes).toEqual([farNode]);
    expect(conversationAt(world, carol, id)).toMatchObject({ nodes: [farNode], healing: undefined });
    expect(placesAt(world, carol, id)).toEqual([farNode]);
    world.node.setUp(false);
    await world.advance(5_000);
    await wants(world, alice, id, { kind: "rename", name: "Climbers" });
    await say(world, carol, id, "back");
    await world.advance(30_000);
    for (const one of all) expect(groupAt(world, one, id).facts.name).toBe("Climbers");
    expect(wordsAt(world, alice, id)).toEqual(["back"]);
  },
  memory,
);

story(
  "a change that another node tells of sooner than the first one is looked for there, and is no damage",
  async (world) => {
    const { alice, bob, carol, all } = await three(world);
    const id = await standGroup(world, all, [bob], [homeNode, farNode]);
    // The first node takes everything and tells nobody that something came.
    const told = [...world.node.watchers];
    world.node.watchers.clear();
    must(await change(world, alice, id, { kind: "rename", name: "Climbers" }));
    await say(world, alice, id, "higher");
    await world.advance(20_000);
    for (const one of [bob, carol]) {
      expect(groupAt(world, one, id).facts.name).toBe("Climbers");
      expect(wordsAt(world, one, id)).toEqual(["higher"]);
      expect(keysOf(world, one, id)).toMatchObject({ epoch: 2, joinedEpoch: 1 });
      expect(conversationAt(world, one, id).healing).toBeUndefined();
      expect(waitingAt(world, one, id)).toEqual([]);
    }
    for (const one of told) world.node.watchers.add(one);
  },
  memory,
);

for (const why of ["behind", "forked"] as const) {
  story(
    `keys that were taken for ${why} are ${why === "behind" ? "well once they take what is next" : "asked for again in the topic of now"}`,
    async (world) => {
      const { alice, bob, carol, id } = await three(world);
      await world.run(carol.stop());
      const atMs = world.clock.now();
      const asked = { atMs, ...(await ownKeyPackage(profileOn(world, "carol"))) };
      put(world, carol, "conversations", {
        ...conversationAt(world, carol, id),
        healing: { why, sinceMs: atMs, asked },
      });
      must(await change(world, alice, id, { kind: "remove", account: accountOf(world, bob) }));
      await world.advance(10_000);
      await carol.start();
      await world.advance(60_000);
      expectTogetherAt(world, [alice, carol], id, [homeNode]);
      expect(keysOf(world, carol, id)?.joinedEpoch).toBe(why === "behind" ? 1 : 3);
    },
    memory,
  );
}

/** Alice's group with bob in it, made as people make it, and a link from before it moves to the far node. */
async function linked(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = await world.person("carol");
  for (const other of [bob, carol]) await world.befriend(alice, other);
  world.addNode(farNode);
  await world.advance(10_000);
  const id = await createGroupOf(world, alice, ["bob"]);
  await world.advance(5_000);
  const link = must(await world.run(alice.messenger.groups.createGroupInvite(id, { lastsMs: dayMs, budget: 5 })));
  await world.advance(5_000);
  must(await change(world, alice, id, toFar));
  await world.advance(10_000);
  return { alice, bob, carol, id, link };
}

story(
  "who is added after a move comes to the new node, and needs no other",
  async (world) => {
    const { alice, carol, id } = await linked(world);
    must(await change(world, alice, id, { kind: "add", people: [profileOn(world, "carol").account] }));
    await world.advance(20_000);
    expect(groupOn(world, "carol").group).toEqual(groupOn(world, "alice").group);
    expect(conversationAt(world, carol, id).nodes).toEqual([farNode]);
    expect(topicAt(world, carol, id)?.places.map(({ node }) => node)).toEqual([farNode]);
    world.node.setUp(false);
    await say(world, carol, id, "hello");
    await world.advance(10_000);
    expect(wordsAt(world, alice, id)).toEqual(["hello"]);
  },
  memory,
);

story(
  "a link from before a move still leads into the group, and one from after it needs the old node no more",
  async (world) => {
    const { alice, id, link } = await linked(world);
    const dave = await world.person("dave");
    const erin = await world.person("erin");
    const letIn = async (device: SimDevice, url: string) => {
      expect(await world.run(device.messenger.acceptInvite(url))).toEqual({ ok: false, error: "asked" });
      await world.advance(10_000);
      const { account } = profileOn(world, device.name);
      must(await world.run(alice.messenger.groups.answerJoinRequest(id, account, true)));
      await world.advance(20_000);
      expect(groupOn(world, device.name).group, device.name).toEqual(groupOn(world, "alice").group);
      expect(conversationAt(world, device, id).nodes).toEqual([farNode]);
    };
    await letIn(dave, link.link);
    const later = must(await world.run(alice.messenger.groups.createGroupInvite(id, { lastsMs: dayMs, budget: 5 })));
    await world.advance(5_000);
    world.node.setUp(false);
    await letIn(erin, later.link);
  },
  memory,
);

story(
  "who becomes an admin after a move answers links from before it, too",
  async (world) => {
    const { alice, bob, id, link } = await linked(world);
    must(await change(world, alice, id, { kind: "role", account: profileOn(world, "bob").account, role: "admin" }));
    await world.advance(10_000);
    await world.run(alice.stop());
    const dave = await world.person("dave");
    expect(await world.run(dave.messenger.acceptInvite(link.link))).toEqual({ ok: false, error: "asked" });
    await world.advance(10_000);
    must(await world.run(bob.messenger.groups.answerJoinRequest(id, profileOn(world, "dave").account, true)));
    await world.advance(20_000);
    expect(groupOn(world, "dave").group).toEqual(groupOn(world, "bob").group);
  },
  memory,
);

// A device whose disk was put back to before it came to a group knows nothing of it, and the others go on listing it: who is linked
// with it, or whose Welcome it cannot open, says so, and it gets another leaf (PROTOCOL.md §13.7).
import { expect } from "vitest";
import type { ConversationId } from "../../core/index.ts";
import type { TopicId } from "../../core/lang/brand.ts";
import { toHex } from "../../core/lang/bytes.ts";
import type { ConversationRecord } from "../../core/ports/conversation-record.ts";
import type { KeyPackageRecord } from "../../core/ports/people-records.ts";
import type { Change } from "../../core/ports/storage.ts";
import { type Content, decodeContent } from "../../core/wire/content.ts";
import type { AboutGroups } from "../../core/wire/content-group.ts";
import { leave } from "../support/groups-by-hand.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { keysOf as forged, sealAs } from "../support/sim-forger.ts";
import {
  accountOf,
  conversationAt,
  eventsAt,
  keysOf,
  profileOf,
  timelineAt,
  topicAt,
  wordsAt,
} from "../support/sim-group.ts";
import { say } from "../support/sim-mallory.ts";
import { expectOneGroup } from "../support/sim-own-devices.ts";
import { must, rowsOn, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

/** What goes into the outbox. */
function contentOf(change: Change): readonly Content[] {
  if (change.kind !== "put" || change.table !== "outbox" || change.row.content === undefined) return [];
  return [must(decodeContent(change.row.content))];
}

const rowAt = (world: World, { name }: SimDevice, id: ConversationId) =>
  world.disk(name).tables.get("conversations")?.get(id);

/** Alice's group, into which Carol comes after `earlier`, and what is said there then. */
async function forgotten(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = await world.person("carol");
  for (const one of [bob, carol]) await world.befriend(alice, one);
  await world.advance(5_000);
  const { groups } = alice.messenger;
  const people = [accountOf(world, bob)];
  const id = must(await world.run(groups.createGroup({ name: "Walkers", emoji: "", people })));
  await world.advance(10_000);
  must(await world.run(bob.messenger.sendText(id, "before")));
  await world.advance(10_000);
  return { alice, bob, carol, id, all: [alice, bob, carol] };
}

function putBack(world: World, { name }: SimDevice, earlier: ReturnType<World["disk"]>["tables"]) {
  const { tables } = world.disk(name);
  tables.clear();
  for (const [table, rows] of earlier) tables.set(table, rows);
}

story(
  "who forgot a group is in it again once a contact is linked, with all that was said to them, and others see no line of it",
  async (world) => {
    const { alice, bob, carol, id, all } = await forgotten(world);
    const earlier = structuredClone(world.disk("carol").tables);
    const { groups } = alice.messenger;
    must(await world.run(groups.changeGroup(id, { kind: "add", people: [accountOf(world, carol)] })));
    await world.advance(30_000);
    must(await world.run(bob.messenger.sendText(id, "one")));
    await world.advance(1_000);
    must(await world.run(carol.messenger.sendText(id, "mine")));
    await world.advance(10_000);
    const events = eventsAt(world, bob, id);
    carol.crash();
    putBack(world, carol, earlier);
    await carol.start();
    await world.advance(120_000);
    expectOneGroup(world, all, id);
    must(await world.run(bob.messenger.sendText(id, "two")));
    await world.advance(10_000);
    must(await world.run(carol.messenger.sendText(id, "mine again")));
    await world.advance(180_000);
    expect(wordsAt(world, carol, id)).toEqual(["one", "two", "mine again"]);
    for (const one of [alice, bob])
      expect(wordsAt(world, one, id)).toEqual(["before", "one", "mine", "two", "mine again"]);
    expect(eventsAt(world, bob, id)).toEqual(events);
    const { device } = profileOf(world, carol);
    const numbers = timelineAt(world, alice, id).flatMap((one) => (one.authorDevice === device ? [one.number] : []));
    expect(numbers).toEqual([1, 2]);
    expect(conversationAt(world, carol, id).received[profileOf(world, bob).device]).toEqual([[1, 3]]);
  },
  { storage: "memory" },
);

story(
  "who cannot open a Welcome, for the key is gone with their disk, is in the group all the same",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const carol = await world.person("carol");
    await world.befriend(alice, bob);
    await world.befriend(alice, carol);
    await world.advance(5_000);
    await world.run(carol.stop());
    const { groups } = alice.messenger;
    const people = [accountOf(world, bob), accountOf(world, carol)];
    const id = must(await world.run(groups.createGroup({ name: "Walkers", emoji: "", people })));
    await world.advance(10_000);
    must(await world.run(bob.messenger.sendText(id, "one")));
    await world.advance(10_000);
    // As if the packages had been left after the copy was made.
    world.disk("carol").tables.get("keyPackages")?.clear();
    await carol.start();
    await world.advance(120_000);
    expectOneGroup(world, [alice, bob, carol], id);
    must(await world.run(bob.messenger.sendText(id, "two")));
    await world.advance(180_000);
    expect(wordsAt(world, carol, id)).toEqual(["one", "two"]);
  },
  { storage: "memory", links: false },
);

story(
  "nobody gets another leaf who is in the group, or has left it, when links open anew",
  async (world) => {
    const { alice, bob, carol, id } = await forgotten(world);
    const { groups } = alice.messenger;
    must(await world.run(groups.changeGroup(id, { kind: "add", people: [accountOf(world, carol)] })));
    await world.advance(30_000);
    must(await world.run(carol.messenger.groups.leaveGroup(id)));
    await world.advance(30_000);
    must(await world.run(carol.messenger.groups.deleteGroup(id)));
    const { epoch } = keysOf(world, alice, id)!;
    for (const one of [bob, carol]) {
      await world.run(one.stop());
      await one.start();
    }
    await world.advance(180_000);
    expect(rowAt(world, carol, id)).toBeUndefined();
    for (const one of [alice, bob]) expect(keysOf(world, one, id)?.epoch).toBe(epoch);
  },
  { storage: "memory" },
);

story(
  "signs nothing for a group that it knows, and answers who makes up another one once an hour",
  async (world) => {
    const { alice, bob, carol, id } = await forgotten(world);
    const { groups } = alice.messenger;
    must(await world.run(groups.changeGroup(id, { kind: "add", people: [accountOf(world, carol)] })));
    await world.advance(30_000);
    const between = rowsOn<ConversationRecord>(world.disk("alice"), "conversations").find(
      ({ contact }) => contact === accountOf(world, carol),
    )!.key;
    const { topic } = conversationAt(world, alice, id);
    await world.run(alice.stop());
    const asked = () => rowsOn<KeyPackageRecord>(world.disk("carol"), "keyPackages").filter(({ lost }) => lost);
    const claim = async (conversation: string, of: string) => {
      const there = { conversation: conversation as ConversationId, topic: of as TopicId };
      const content = { ...say(world, ""), number: 0, body: { kind: "there", groups: [there] } } as const;
      const envelope = await sealAs(world, "alice", between, content);
      must(world.node.append(forged(world, "alice", between).topic.key, envelope, undefined));
      await world.advance(5_000);
    };
    await claim("ab".repeat(16), topic);
    await claim(id, "cd".repeat(32));
    expect(asked()).toEqual([]);
    for (let n = 0; n < 3; n++) await claim("ab".repeat(16), "cd".repeat(32));
    expect(asked()).toHaveLength(1);
    expect(rowAt(world, carol, "ab".repeat(16) as ConversationId)).toBeUndefined();
    expect(keysOf(world, carol, id)?.epoch).toBe(keysOf(world, bob, id)?.epoch);
  },
  { storage: "memory", links: false },
);

story(
  "who forgot a group is told of it by who knew from an earlier link that they were in it",
  async (world) => {
    const { alice, bob, carol, id, all } = await forgotten(world);
    const earlier = structuredClone(world.disk("carol").tables);
    const { groups } = alice.messenger;
    must(await world.run(groups.changeGroup(id, { kind: "add", people: [accountOf(world, carol)] })));
    await world.advance(30_000);
    await world.run(carol.stop());
    await carol.start();
    await world.advance(20_000);
    carol.crash();
    putBack(world, carol, earlier);
    world.disk("carol").tables.get("keyPackages")?.clear();
    await carol.start();
    await world.advance(180_000);
    expectOneGroup(world, all, id);
    must(await world.run(bob.messenger.sendText(id, "one")));
    await world.advance(10_000);
    expect(wordsAt(world, carol, id)).toEqual(["one"]);
  },
  { storage: "memory" },
);

story(
  "whose wish for a leaf was lost, because whoever heard it died before they noted it, is told again and gets it",
  async (world) => {
    const { alice, carol, id, all } = await forgotten(world);
    const earlier = structuredClone(world.disk("carol").tables);
    const { groups } = alice.messenger;
    must(await world.run(groups.changeGroup(id, { kind: "add", people: [accountOf(world, carol)] })));
    await world.advance(30_000);
    carol.crash();
    putBack(world, carol, earlier);
    world.disk("carol").tables.get("keyPackages")?.clear();
    let isWanted = false;
    world.disk("carol").onCommit = (_, { changes }) => {
      isWanted ||= changes.flatMap(contentOf).some(({ body }) => body.kind === "leaf-wanted");
    };
    let died = false;
    world.disk("alice").onCommit = (moment, { changes }) => {
      if (died || !isWanted || moment === "before" || !changes.some(({ table }) => table === "seen")) return;
      died = true;
      alice.crash();
    };
    await carol.start();
    await world.advance(120_000);
    expect(died).toBe(true);
    await alice.start();
    await world.advance(60_000);
    expect(rowAt(world, carol, id)).toBeUndefined();
    await world.advance(2 * 3_600_000);
    expectOneGroup(world, all, id);
  },
  { storage: "memory" },
);

story(
  "asked for a leaf in a group that is none, signs nothing that takes away the leaf in another one",
  async (world) => {
    const { alice, bob, carol, id } = await forgotten(world);
    const earlier = structuredClone(world.disk("carol").tables);
    const { groups } = alice.messenger;
    must(await world.run(groups.changeGroup(id, { kind: "add", people: [accountOf(world, carol)] })));
    await world.advance(30_000);
    const [between] = rowsOn<ConversationRecord>(world.disk("alice"), "conversations").filter(
      ({ contact }) => contact === accountOf(world, carol),
    );
    await world.run(alice.stop());
    carol.crash();
    putBack(world, carol, earlier);
    world.disk("carol").tables.get("keyPackages")?.clear();
    await carol.start();
    await world.advance(10_000);
    const { epoch } = keysOf(world, bob, id)!;
    const topic = topicAt(world, bob, id)!;
    const madeUp = { conversation: "ab".repeat(16) as ConversationId, topic: topic.key };
    const content = { ...say(world, ""), number: 0, body: { kind: "there", groups: [madeUp] } } as const;
    const wanted = new Promise<AboutGroups>((resolve) => {
      world.disk("carol").onCommit = (_, { changes }) => {
        for (const { body } of changes.flatMap(contentOf)) if (body.kind === "leaf-wanted") resolve(body);
      };
    });
    must(
      world.node.append(
        forged(world, "alice", between!.key).topic.key,
        await sealAs(world, "alice", between!.key, content),
        undefined,
      ),
    );
    const said = await world.run(wanted);
    if (said.kind !== "leaf-wanted") throw new Error("nothing was wanted");
    const { deviceList } = profileOf(world, carol);
    const { keyPackage, signature } = said;
    leave(world, topic, { kind: "heal-request", deviceList, keyPackage, generation: 0, signature, have: [] });
    await world.advance(60_000);
    expect(keysOf(world, bob, id)?.epoch).toBe(epoch);
  },
  { storage: "memory", links: false },
);

story(
  "a contact who says that it is in groups that never were, again and again, has this device keep no more than for 32",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    await world.befriend(alice, bob);
    await world.advance(10_000);
    await world.run(bob.stop());
    const [direct] = rowsOn<ConversationRecord>(world.disk("bob"), "conversations").filter(
      ({ kind }) => kind === "direct",
    );
    for (let n = 0; n < 3; n++) {
      const made = () => toHex(world.random.bytes(16));
      const groups = Array.from({ length: 32 }, () => ({
        conversation: made() as ConversationId,
        topic: (made() + made()) as TopicId,
      }));
      const body = { kind: "there", groups } as const;
      const content = { id: made().slice(0, 16), clockMs: world.clock.now(), clockCount: 0, number: 0, body };
      const topic = forged(world, "bob", direct!.key).topic.key;
      must(world.node.append(topic, await sealAs(world, "bob", direct!.key, content), undefined));
      await world.advance(n === 1 ? 7_200_000 : 10_000);
    }
    const lost = rowsOn<KeyPackageRecord>(world.disk("alice"), "keyPackages").filter((row) => row.lost !== undefined);
    expect(lost).toHaveLength(32);
  },
  { storage: "memory" },
);

// A profile that is an earlier copy of itself, where all that was said since went over links: no node knows of it, so
// whoever is here is asked first (PROTOCOL.md §11).
import { expect } from "vitest";
import { epochOfMessage } from "../../core/group/messages.ts";
import type { ConversationId } from "../../core/index.ts";
import type { ConversationRecord } from "../../core/ports/conversation-record.ts";
import type { GroupRecord } from "../../core/ports/group-records.ts";
import type { TopicRecord } from "../../core/ports/topic-record.ts";
import { openEnvelope } from "../../core/wire/envelope.ts";
import { decodeLinkFrame } from "../../core/wire/link-protocol.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { keysOf } from "../support/sim-forger.ts";
import { conversationAt, standGroup, wordsAt } from "../support/sim-group.ts";
import { must, textsOf, type World } from "../support/sim-world.ts";
import { type Leaving, story, viewOf, wiretap } from "../support/story.ts";

const memory = { storage: "memory" } as const;

/** Words that no node was given, which the disk has forgotten since: its engine is stopped, and the others saw the words. */
async function forgetWords(world: World, device: SimDevice, id: ConversationId): Promise<void> {
  const { tables } = world.disk(device.name);
  const earlier = structuredClone(tables);
  const leaving = wiretap(world);
  for (const text of ["forgotten", "forgotten as well"]) must(await world.run(device.messenger.sendText(id, text)));
  await world.advance(1_000);
  const { topic } = keysOf(world, device.name, id);
  expect(leaving.filter((one) => one.by === "append" && one.topic === topic.key)).toEqual([]);
  await world.run(device.stop());
  tables.clear();
  for (const [table, rows] of earlier) tables.set(table, rows);
}

/** What left the device under the keys of the group's epoch and before. */
function underOldKeys(
  leaving: readonly Leaving[],
  { name }: SimDevice,
  { group, topic }: { readonly group: GroupRecord; readonly topic: TopicRecord },
): readonly string[] {
  const found = leaving.filter(({ device, by, bytes }) => {
    if (device !== name || by === "signal") return false;
    const frame = by === "link" ? must(decodeLinkFrame(bytes)) : undefined;
    if (frame !== undefined && frame.kind !== "deliver") return false;
    const opened = openEnvelope(deriveTopic(topic.secret).envelopeKey, topic.key, frame?.envelope ?? bytes);
    if (!opened.ok || opened.value.kind !== "mls" || opened.value.generation !== group.generation) return false;
    return (epochOfMessage(opened.value.message) ?? 0) <= group.epoch;
  });
  return found.map(({ by, atMs }) => `by ${by} at ${atMs}`);
}

const isRollback = (row: object) => (row as Partial<ConversationRecord>).healing?.why === "rolled-back";

async function two(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(20_000);
  expect((await viewOf(world, alice, id)).person?.path).toBe("direct");
  return { alice, bob, id };
}

/** When the first envelope was left for the conversation, after the device's start. */
const firstLeftMs = (leaving: readonly Leaving[], { topic }: { readonly topic: TopicRecord }, startedAtMs: number) =>
  leaving.filter((one) => one.by === "append" && one.topic === topic.key).map(({ atMs }) => atMs - startedAtMs)[0];

story(
  "says nothing under keys that were used over links alone, however much it writes before who is here could tell",
  async (world) => {
    const { alice, bob, id } = await two(world);
    await forgetWords(world, alice, id);
    const leaving = wiretap(world);
    const before = keysOf(world, "alice", id);
    await alice.start();
    const written = ["one", "two", "three", "four"];
    for (const text of written) must(await world.run(alice.messenger.sendText(id, text)));
    await world.advance(60_000);
    expect(underOldKeys(leaving, alice, before)).toEqual([]);
    expect(keysOf(world, "alice", id).group.generation).toBe(before.group.generation + 1);
    expect((await viewOf(world, alice, id)).healingSinceMs).toBeUndefined();
    const texts = (await textsOf(world, bob.messenger, id)).filter((text) => text !== "(unknown)");
    expect(texts).toEqual(["forgotten", "forgotten as well", ...written]);
    // With numbers of their own, and none between them that nobody has.
    expect(Object.values(conversationAt(world, bob, id).received)).toEqual([[[1, 6]]]);
  },
  memory,
);

story(
  "says nothing under used keys while its disk is too full to write down that they are, and heals once there is room",
  async (world) => {
    const { alice, bob, id } = await two(world);
    await forgetWords(world, alice, id);
    const leaving = wiretap(world);
    const before = keysOf(world, "alice", id);
    const disk = world.disk("alice");
    let refused = 0;
    disk.onCommit = (moment, { changes }) => {
      const isNote = changes.some(({ kind, ...one }) => kind === "put" && "row" in one && isRollback(one.row));
      if (moment !== "before" || !isNote || refused === 2) return;
      refused++;
      disk.failNext = "full";
    };
    await alice.start();
    must(await world.run(alice.messenger.sendText(id, "at once")));
    await world.advance(12_000);
    must(await world.run(alice.messenger.sendText(id, "a little later")));
    await world.advance(60_000);
    expect(refused).toBe(2);
    expect(underOldKeys(leaving, alice, before)).toEqual([]);
    expect(await textsOf(world, bob.messenger, id)).toEqual(expect.arrayContaining(["at once", "a little later"]));
  },
  memory,
);

story(
  "asks who is here although the link to them was made relay-only",
  async (world) => {
    const { alice, bob, id } = await two(world);
    must(await world.run(alice.messenger.setRelayOnly(true)));
    await world.advance(20_000);
    expect((await viewOf(world, alice, id)).person?.path).toBe("relayed");
    await forgetWords(world, alice, id);
    const leaving = wiretap(world);
    const before = keysOf(world, "alice", id);
    await alice.start();
    must(await world.run(alice.messenger.sendText(id, "at once")));
    await world.advance(60_000);
    expect(underOldKeys(leaving, alice, before)).toEqual([]);
    expect(await textsOf(world, bob.messenger, id)).toContain("at once");
  },
  memory,
);

story(
  "says nothing in a group under keys that were used over links alone: a member who is here is asked first",
  async (world) => {
    const { alice, bob } = await two(world);
    const id = await standGroup(world, [alice, bob]);
    await world.advance(20_000);
    await forgetWords(world, alice, id);
    const leaving = wiretap(world);
    const before = keysOf(world, "alice", id);
    await alice.start();
    must(await world.run(alice.messenger.sendText(id, "at once")));
    await world.advance(60_000);
    expect(underOldKeys(leaving, alice, before)).toEqual([]);
    expect(wordsAt(world, bob, id)).toContain("at once");
  },
  memory,
);

story(
  "leaves what is written right after a start at the node when nobody is here, a moment later",
  async (world) => {
    const { alice, bob, id } = await two(world);
    for (const one of [alice, bob]) await world.run(one.stop());
    const leaving = wiretap(world);
    const startedAtMs = world.clock.now();
    await alice.start();
    must(await world.run(alice.messenger.sendText(id, "is somebody here?")));
    await world.advance(30_000);
    const tookMs = firstLeftMs(leaving, keysOf(world, "alice", id), startedAtMs);
    expect(tookMs).toBeGreaterThanOrEqual(2_000);
    expect(tookMs).toBeLessThan(2_500);
    await bob.start();
    await world.advance(30_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["is somebody here?"]);
  },
  memory,
);

story(
  "waits for who is here no longer than 2.5 s where no link comes of it",
  async (world) => {
    const { alice, bob, id } = await two(world);
    await world.run(alice.stop());
    world.apart.add("alice bob");
    const leaving = wiretap(world);
    const startedAtMs = world.clock.now();
    await alice.start();
    must(await world.run(alice.messenger.sendText(id, "can you hear me?")));
    await world.advance(30_000);
    const tookMs = firstLeftMs(leaving, keysOf(world, "alice", id), startedAtMs);
    expect(tookMs).toBeGreaterThanOrEqual(2_500);
    expect(tookMs).toBeLessThan(6_500);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["can you hear me?"]);
  },
  memory,
);

story(
  "does not wait where nothing can have gone over links, with somebody who was met just now",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const leaving = wiretap(world);
    const invite = must(await world.run(alice.messenger.createInvite()));
    const id = must(await world.run(bob.messenger.acceptInvite(invite.link)));
    await world.advance(200);
    must(await world.run(alice.messenger.answerRequest(id, "accept")));
    world.apart.add("alice bob");
    const startedAtMs = world.clock.now();
    must(await world.run(alice.messenger.sendText(id, "welcome")));
    await world.advance(200);
    const { topic } = keysOf(world, "alice", id);
    const texts = leaving.filter((one) => one.device === "alice" && one.topic === topic.key && one.by === "append");
    expect(texts.length).toBeGreaterThan(0);
    expect(world.clock.now() - startedAtMs).toBeLessThan(1_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["welcome"]);
  },
  memory,
);

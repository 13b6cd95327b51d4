// What a keeper, who gives to it and who is given by it say to each other (PROTOCOL.md §7.7), frame by frame: one of the two has
// stopped, and a hand with their keys is linked in their place, honest or not.
import { expect } from "vitest";
import { keptForMs } from "../../core/conversation/keeping.ts";
import type { DeviceId } from "../../core/lang/brand.ts";
import type { OutboxRecord } from "../../core/ports/outbox-records.ts";
import type { LinkFrame } from "../../core/wire/link-protocol.ts";
import { carolsNode, cutOff, keptBy, newestInfo, profileOf, waitingAt, write } from "../support/keeping.ts";
import { dialByHand, keysOf, proofBy } from "../support/sim-forger.ts";
import { must, textsOf, type World } from "../support/sim-world.ts";
import { marksOf, story, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;

/** Alice's own engine has stopped; a hand with her keys is linked with Carol. */
async function handOfAlice(world: World, agrees: readonly ("alice" | "bob")[]) {
  const people = await cutOff(world, agrees);
  await world.run(people.alice.stop());
  const keys = keysOf(world, "alice", people.ca);
  const link = await dialByHand(world, keys, "carol", carolsNode);
  await link.say(proofBy(keys, link.raw));
  link.heard.length = 0;
  const topic = keysOf(world, "alice", people.ab).topic.key;
  const bobs = profileOf(world, "bob").device;
  const keep = async (devices: readonly DeviceId[] = [bobs], bytes = 1_024) => {
    link.heard.length = 0;
    await link.say({ kind: "keep", topic, devices, envelope: world.random.bytes(bytes) });
    return link.heard.map(({ kind }) => kind);
  };
  return { ...people, keys, link, keep, topic, bobs };
}

story(
  "answers a giver only for contacts of Carol's own, and says nothing else",
  async (world) => {
    const { keep, keys, link } = await handOfAlice(world, ["alice"]);
    const stranger = "9".repeat(32) as DeviceId;
    expect(await keep([stranger]), "somebody Carol does not know").toEqual([]);
    expect(await keep([keys.profile.device]), "the giver itself").toEqual([]);
    expect(await keep([profileOf(world, "carol").device]), "the keeper itself").toEqual([]);
    expect(keptBy(world, "carol")).toEqual([]);
    expect(await keep()).toEqual(["kept"]);
    expect(link.closed).toBe(false);
  },
  memory,
);

story(
  "keeps nothing for a giver without consent, whatever it sends",
  async (world) => {
    const { keep } = await handOfAlice(world, ["bob"]);
    expect(await keep()).toEqual([]);
    expect(keptBy(world, "carol")).toEqual([]);
  },
  memory,
);

story(
  "keeps 200 envelopes and 2 MiB for one contact, and no more",
  async (world) => {
    const { keep } = await handOfAlice(world, ["alice"]);
    for (let n = 0; n < 31; n++) expect(await keep(undefined, 65_536)).toEqual(["kept"]);
    expect(await keep(undefined, 65_536)).toEqual(["kept"]);
    expect(await keep(), "beyond 2 MiB").toEqual([]);
    expect(keptBy(world, "carol")).toHaveLength(32);
  },
  memory,
);

story(
  "gives the same promise for the same envelope, and none for it in another topic",
  async (world) => {
    const { link, topic, bobs, ca } = await handOfAlice(world, ["alice"]);
    const envelope = world.random.bytes(1_024);
    const say = async (of = topic) => {
      link.heard.length = 0;
      await link.say({ kind: "keep", topic: of, devices: [bobs], envelope });
      await world.advance(1_000);
      return link.heard[0];
    };
    const first = await say();
    expect(first).toMatchObject({ kind: "kept" });
    expect(await say()).toEqual(first);
    expect(await say(keysOf(world, "alice", ca).topic.key)).toBeUndefined();
    expect(keptBy(world, "carol")).toHaveLength(1);
  },
  memory,
);

story(
  "promises anew what was over and not deleted yet when it was given again",
  async (world) => {
    const { link, topic, bobs, carol } = await handOfAlice(world, ["alice"]);
    const envelope = world.random.bytes(1_024);
    const say = async () => {
      link.heard.length = 0;
      await link.say({ kind: "keep", topic, devices: [bobs], envelope });
      return link.heard[0];
    };
    const first = await say();
    const startedAtMs = world.clock.now();
    // Hers is what the time goes by; it is set, so that nothing is swept before she is asked.
    carol.clock.offsetMs += keptForMs + 1;
    const again = await say();
    expect(first).toMatchObject({ kind: "kept" });
    expect(again).toMatchObject({ kind: "kept" });
    const untilMs = again?.kind === "kept" ? again.untilMs : 0;
    expect(untilMs).toBeGreaterThanOrEqual(startedAtMs + 2 * keptForMs);
    expect(keptBy(world, "carol").map((row) => row.untilMs)).toEqual([untilMs]);
  },
  memory,
);

story(
  "hands Bob rubbish that a giver left, which changes nothing of his and is deleted",
  async (world) => {
    const { keep, bob, ab, carol, cb } = await handOfAlice(world, ["alice"]);
    for (let n = 0; n < 40; n++) await keep();
    expect(keptBy(world, "carol")).toHaveLength(40);
    bob.setOnline(true);
    await world.advance(60_000);
    expect(keptBy(world, "carol")).toEqual([]);
    expect(await textsOf(world, bob.messenger, ab)).toEqual([]);
    expect((await viewOf(world, bob, ab)).healingSinceMs).toBeUndefined();
    await write(world, carol, cb, "still here");
    await world.advance(5_000);
    expect(await textsOf(world, bob.messenger, cb)).toEqual(["still here"]);
  },
  memory,
);

story(
  "believes no promise that was not asked for, is over, or is not signed by the keeper's device",
  async (world) => {
    const { alice, carol, ab, ca } = await cutOff(world);
    await world.run(carol.stop());
    const keys = keysOf(world, "carol", ca);
    await world.advance(60_000);
    await write(world, alice, ab, "one");
    const link = await dialByHand(world, keys, "alice", carolsNode);
    await link.say(proofBy(keys, link.raw));
    await world.advance(2_000);
    const asked = link.heard.filter(({ kind }) => kind === "keep");
    expect(asked.length).toBeGreaterThan(0);
    const [row] = waitingAt(world, "alice").filter(({ message }) => message !== undefined);
    const untilMs = world.clock.now() + 1_000_000;
    const lies: readonly LinkFrame[] = [
      { kind: "kept", hash: row!.key, untilMs, signature: world.random.bytes(64) },
      { kind: "kept", hash: row!.key, untilMs: 1, signature: world.random.bytes(64) },
      { kind: "kept", hash: "ab".repeat(32) as OutboxRecord["key"], untilMs, signature: world.random.bytes(64) },
    ];
    for (const lie of lies) await link.say(lie);
    expect(await marksOf(world, alice, ab)).toEqual(["saved"]);
    expect((await newestInfo(world, alice, ab)).keepings).toEqual([]);
    expect(link.closed).toBe(false);
  },
  memory,
);

story(
  "promises nothing when Carol's disk is full, and keeps once there is room",
  async (world) => {
    const { keep, carol } = await handOfAlice(world, ["alice"]);
    world.disk("carol").failNext = "full";
    expect(await keep()).toEqual([]);
    expect(keptBy(world, "carol")).toEqual([]);
    expect(await keep()).toEqual(["kept"]);
    expect(keptBy(world, "carol")).toHaveLength(1);
    expect(carol.running).toBe(true);
  },
  memory,
);

story(
  "stands by what was promised when consent has ended, and promises nothing new",
  async (world) => {
    const { link, topic, bobs, carol, keep } = await handOfAlice(world, ["alice"]);
    const envelope = world.random.bytes(1_024);
    const say = async () => {
      link.heard.length = 0;
      await link.say({ kind: "keep", topic, devices: [bobs], envelope });
      return link.heard.find(({ kind }) => kind === "kept");
    };
    const first = await say();
    expect(first).toBeDefined();
    must(await world.run(carol.messenger.setKeepsFor(profileOf(world, "alice").account, false)));
    expect(await say()).toEqual(first);
    expect((await keep()).filter((kind) => kind === "kept")).toEqual([]);
    expect(keptBy(world, "carol")).toHaveLength(1);
  },
  memory,
);

story(
  "hands over again, a minute later, what Bob could not answer yet",
  async (world) => {
    const { alice, bob, ab, cb } = await cutOff(world);
    await write(world, alice, ab, "one");
    await world.advance(40_000);
    await world.run(bob.stop());
    const keys = keysOf(world, "bob", cb);
    const link = await dialByHand(world, keys, "carol", carolsNode);
    await link.say(proofBy(keys, link.raw));
    const given = () => link.heard.filter(({ kind }) => kind === "deliver");
    const wait = async (rounds: number) => {
      for (let n = 0; n < rounds; n++) {
        await world.advance(10_000);
        await link.say({ kind: "ping", id: n });
      }
    };
    await wait(5);
    expect(given()).toHaveLength(1);
    await wait(5);
    expect(given()).toHaveLength(2);
    expect(given()[1]).toEqual(given()[0]);
    await link.say({ kind: "got", hash: keptBy(world, "carol")[0]!.hash, refused: false });
    await wait(20);
    expect(given()).toHaveLength(2);
    expect(keptBy(world, "carol")).toEqual([]);
  },
  memory,
);

story(
  "shows no more that Carol keeps what she does not confirm over her next link, until she does",
  async (world) => {
    const { alice, carol, ab, ca } = await cutOff(world);
    await write(world, alice, ab, "one");
    await world.advance(40_000);
    expect(await marksOf(world, alice, ab)).toEqual(["kept"]);
    const [promised] = waitingAt(world, "alice").flatMap(({ keepings }) => keepings);
    await world.run(carol.stop());
    await world.advance(60_000);
    expect(await marksOf(world, alice, ab), "who is away has not lost it").toEqual(["kept"]);
    const keys = keysOf(world, "carol", ca);
    const link = await dialByHand(world, keys, "alice", carolsNode);
    await link.say(proofBy(keys, link.raw));
    await world.advance(5_000);
    const again = link.heard.find((frame) => frame.kind === "keep");
    expect(again).toBeDefined();
    await world.advance(10_000);
    expect(await marksOf(world, alice, ab)).toEqual(["saved"]);
    expect((await newestInfo(world, alice, ab)).keepings).toEqual([]);
    const { untilMs, signature } = promised!;
    const [row] = waitingAt(world, "alice").filter(({ message }) => message !== undefined);
    await link.say({ kind: "kept", hash: row!.key, untilMs, signature });
    expect(await marksOf(world, alice, ab)).toEqual(["kept"]);
  },
  memory,
);

// No server that Alice and Bob share is in reach. Carol, whom both know by a server of hers, keeps what they say to each
// other, if she agreed to.
import { expect } from "vitest";
import { keptForMs } from "../../core/conversation/keeping.ts";
import type { ConversationId, MessageInfoView, NodeUrl } from "../../core/index.ts";
import type { DeviceId } from "../../core/lang/brand.ts";
import type { ContactRecord, KeptRecord, OutboxRecord, ProfileRecord } from "../../core/ports/records.ts";
import { decodeLinkFrame, type LinkFrame } from "../../core/wire/link-protocol.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { dialByHand, keysOf, proofBy } from "../support/sim-forger.ts";
import { createSimNode } from "../support/sim-node.ts";
import { must, rowsOn, textsOf, type World } from "../support/sim-world.ts";
import { marksOf, story, viewOf } from "../support/story.ts";

const carolsNode = "http://carols.example" as NodeUrl;
const memory = { storage: "memory" } as const;

const profileOf = (world: World, name: string) => rowsOn<ProfileRecord>(world.disk(name), "profile")[0]!;
const keptBy = (world: World, name: string) => rowsOn<KeptRecord>(world.disk(name), "kept");
const waitingAt = (world: World, name: string) => rowsOn<OutboxRecord>(world.disk(name), "outbox");

/** Bob is away, the server of Alice and Bob is dead, and Alice and Carol are linked. */
async function cutOff(world: World, agrees: readonly ("alice" | "bob")[] = ["alice", "bob"]) {
  world.nodes.set(carolsNode, createSimNode(world.clock, carolsNode, world.random.bytes(32)));
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = world.device("carol");
  await carol.start();
  must(await world.run(carol.messenger.start({ name: "Carol", node: carolsNode })));
  world.apart.add("alice bob");
  const ab = await world.befriend(alice, bob);
  const ca = await world.befriend(carol, alice);
  const cb = await world.befriend(carol, bob);
  for (const name of agrees) {
    must(await world.run(carol.messenger.setKeepsFor(profileOf(world, name).account, true)));
  }
  await world.advance(10_000);
  expect((await viewOf(world, alice, ca)).person?.path).toBe("direct");
  bob.setOnline(false);
  world.node.setUp(false);
  await world.advance(5_000);
  return { alice, bob, carol, ab, ca, cb };
}

async function write(world: World, who: SimDevice, id: ConversationId, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) must(await world.run(who.messenger.sendText(id, text)));
}

async function newestInfo(world: World, who: SimDevice, id: ConversationId): Promise<MessageInfoView> {
  const { messages } = await world.see(who.messenger.timeline(id, 1));
  return (await world.see(who.messenger.messageInfo(messages[0]!.id)))!;
}

/** Every frame of this kind that leaves a device from now on. */
function framesOf<K extends LinkFrame["kind"]>(world: World, kind: K): { from: string; to: string }[] {
  const heard: { from: string; to: string }[] = [];
  world.taps.add({
    framed(from, to, bytes) {
      if (must(decodeLinkFrame(bytes)).kind === kind) heard.push({ from, to });
    },
  });
  return heard;
}

story(
  "brings what was said to Bob by way of Carol, in order and once, and Alice hears that he has it",
  async (world) => {
    const { alice, bob, ab, carol } = await cutOff(world);
    await write(world, alice, ab, "one", "two", "three");
    await world.advance(20_000);
    expect(keptBy(world, "carol"), "a server may come back within half a minute").toEqual([]);
    expect(await marksOf(world, alice, ab)).toEqual(["saved", "saved", "saved"]);
    await world.advance(20_000);
    expect(keptBy(world, "carol")).toHaveLength(3);
    expect(await marksOf(world, alice, ab)).toEqual(["kept", "kept", "kept"]);
    const { keepings, held } = await newestInfo(world, alice, ab);
    expect(held).toEqual([]);
    expect(keepings).toMatchObject([{ account: profileOf(world, "carol").account, name: "Carol", state: "kept" }]);
    expect(keepings[0]!.untilMs).toBe(keptBy(world, "carol").at(-1)!.untilMs);

    bob.setOnline(true);
    await world.advance(40_000);
    expect(await textsOf(world, bob.messenger, ab)).toEqual(["one", "two", "three"]);
    expect((await viewOf(world, bob, ab)).unread).toBe(3);
    await world.advance(60_000);
    expect(await marksOf(world, alice, ab)).toEqual(["delivered", "delivered", "delivered"]);
    expect(keptBy(world, "carol"), "nothing is left behind").toEqual([]);
    expect(await world.see(carol.messenger.conversations)).toHaveLength(3);
  },
  memory,
);

story(
  "keeps nothing for whom Carol did not agree to keep",
  async (world) => {
    const { alice, ab, ca } = await cutOff(world, ["bob"]);
    const asked = framesOf(world, "keep");
    expect((await viewOf(world, alice, ca)).person?.keeper).toBe(false);
    await write(world, alice, ab, "one");
    await world.advance(120_000);
    expect(asked).toEqual([]);
    expect(keptBy(world, "carol")).toEqual([]);
    expect(await marksOf(world, alice, ab)).toEqual(["saved"]);
  },
  memory,
);

story(
  "keeps no more once Carol has changed her mind, and what she promised to its time",
  async (world) => {
    const { alice, carol, ab, ca } = await cutOff(world);
    await write(world, alice, ab, "one");
    await world.advance(40_000);
    must(await world.run(carol.messenger.setKeepsFor(profileOf(world, "alice").account, false)));
    await world.advance(5_000);
    expect((await viewOf(world, alice, ca)).person?.keeper).toBe(false);
    await write(world, alice, ab, "two");
    await world.advance(60_000);
    expect(keptBy(world, "carol")).toHaveLength(1);
    expect(await marksOf(world, alice, ab)).toEqual(["kept", "saved"]);
  },
  memory,
);

story(
  "gives Carol nothing while a server is in reach",
  async (world) => {
    const { alice, ab } = await cutOff(world);
    const asked = framesOf(world, "keep");
    world.node.setUp(true);
    await write(world, alice, ab, "one");
    await world.advance(60_000);
    expect(asked).toEqual([]);
    expect(await marksOf(world, alice, ab)).toEqual(["held"]);
  },
  memory,
);

story(
  "takes in once what comes from the server and from Carol",
  async (world) => {
    const { alice, bob, ab } = await cutOff(world);
    await write(world, alice, ab, "one", "two");
    await world.advance(40_000);
    expect(keptBy(world, "carol")).toHaveLength(2);
    world.node.setUp(true);
    await world.advance(60_000);
    bob.setOnline(true);
    await world.advance(90_000);
    expect(await textsOf(world, bob.messenger, ab)).toEqual(["one", "two"]);
    expect((await viewOf(world, bob, ab)).unread).toBe(2);
    expect(await marksOf(world, alice, ab)).toEqual(["delivered", "delivered"]);
    expect(keptBy(world, "carol")).toEqual([]);
  },
  memory,
);

story(
  "hands over what Carol kept before her own engine crashed",
  async (world) => {
    const { alice, bob, carol, ab } = await cutOff(world);
    await write(world, alice, ab, "one", "two");
    await world.advance(40_000);
    carol.crash();
    await world.advance(1_000);
    await carol.start();
    await world.advance(1_000);
    bob.setOnline(true);
    await world.advance(120_000);
    expect(await textsOf(world, bob.messenger, ab)).toEqual(["one", "two"]);
    expect(keptBy(world, "carol").filter(({ from }) => from === profileOf(world, "alice").account)).toEqual([]);
  },
  memory,
);

story(
  "says that the promise is over when it is, and Carol deletes what nobody fetched",
  async (world) => {
    const { alice, ab } = await cutOff(world);
    await write(world, alice, ab, "one");
    await world.advance(40_000);
    alice.setOnline(false);
    await world.advance(keptForMs + 2 * 3_600_000);
    expect(keptBy(world, "carol")).toEqual([]);
    expect((await newestInfo(world, alice, ab)).keepings).toMatchObject([{ state: "over" }]);
    expect(await marksOf(world, alice, ab)).toEqual(["saved"]);
  },
  memory,
);

story(
  "forgets what it kept for whom it blocks",
  async (world) => {
    const { alice, carol, ab, ca } = await cutOff(world);
    await write(world, alice, ab, "one");
    await world.advance(40_000);
    expect(keptBy(world, "carol")).toHaveLength(1);
    must(await world.run(carol.messenger.answerRequest(ca, "block")));
    await world.advance(1_000);
    expect(keptBy(world, "carol")).toEqual([]);
  },
  memory,
);

story(
  "leaves with Carol what is for Bob from somebody whom he has not accepted",
  async (world) => {
    const { bob, carol, cb } = await cutOff(world);
    world.node.setUp(true);
    await world.advance(30_000);
    const dave = await world.person("dave");
    await world.befriend(carol, dave);
    must(await world.run(carol.messenger.setKeepsFor(profileOf(world, "dave").account, true)));
    bob.setOnline(true);
    await world.advance(10_000);
    const invite = must(await world.run(bob.messenger.createInvite()));
    const bd = must(await world.run(dave.messenger.acceptInvite(invite.link)));
    await world.advance(5_000);
    world.apart.add("bob dave");
    world.node.setUp(false);
    bob.setOnline(false);
    await write(world, dave, bd, "do you remember me?");
    await world.advance(60_000);
    expect(await marksOf(world, dave, bd)).toEqual(["kept"]);
    bob.setOnline(true);
    await world.advance(60_000);
    expect((await viewOf(world, bob, cb)).person?.path).toBe("direct");
    expect(await textsOf(world, bob.messenger, bd)).toEqual([]);
    expect(keptBy(world, "carol").length).toBeGreaterThan(0);
    must(await world.run(bob.messenger.answerRequest(bd, "accept")));
    for (const pair of [...world.place.open]) pair.cut("at once");
    await world.advance(60_000);
    expect(await textsOf(world, bob.messenger, bd)).toEqual(["do you remember me?"]);
  },
  memory,
);

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
  "keeps again what Carol lost with her disk, once Alice meets her again",
  async (world) => {
    const { alice, bob, carol, ab } = await cutOff(world);
    await write(world, alice, ab, "one", "two");
    await world.advance(40_000);
    expect(keptBy(world, "carol")).toHaveLength(2);
    carol.crash();
    world.disk("carol").tables.get("kept")!.clear();
    await world.advance(40_000);
    await carol.start();
    await world.advance(40_000);
    expect(keptBy(world, "carol").filter(({ from }) => from === profileOf(world, "alice").account)).toHaveLength(2);
    await world.run(alice.stop());
    bob.setOnline(true);
    await world.advance(60_000);
    expect(await textsOf(world, bob.messenger, ab)).toEqual(["one", "two"]);
  },
  memory,
);

story(
  "shows Carol one envelope, and no more, of those for somebody whom she does not know",
  async (world) => {
    const { alice } = await cutOff(world);
    world.node.setUp(true);
    await world.advance(30_000);
    const dave = await world.person("dave");
    world.apart.add("alice dave");
    const ad = await world.befriend(alice, dave);
    await world.advance(10_000);
    dave.setOnline(false);
    world.node.setUp(false);
    const asked = framesOf(world, "keep");
    await write(world, alice, ad, "one", "two", "three", "four");
    await world.advance(120_000);
    expect(asked).toEqual([{ from: "alice", to: "carol" }]);
    expect(await marksOf(world, alice, ad)).toEqual(["saved", "saved", "saved", "saved"]);
  },
  memory,
);

story(
  "deletes what it kept for whom it blocked right before its engine died",
  async (world) => {
    const { alice, carol, ab } = await cutOff(world);
    await write(world, alice, ab, "one");
    await world.advance(40_000);
    expect(keptBy(world, "carol")).toHaveLength(1);
    carol.crash();
    const contacts = world.disk("carol").tables.get("contacts") as Map<string, ContactRecord>;
    const { account } = profileOf(world, "alice");
    contacts.set(account, { ...contacts.get(account)!, state: "blocked" });
    await carol.start();
    await world.advance(1_000);
    expect(keptBy(world, "carol")).toEqual([]);
  },
  memory,
);

story(
  "tells of consent in every conversation with the person, since one may have lost its keys",
  async (world) => {
    const alice = await world.person("alice");
    const carol = await world.person("carol");
    // Each opens the other's invite at the same time.
    const fromAlice = must(await world.run(alice.messenger.createInvite()));
    const fromCarol = must(await world.run(carol.messenger.createInvite()));
    const accepts = [alice.messenger.acceptInvite(fromCarol.link), carol.messenger.acceptInvite(fromAlice.link)];
    const [one, other] = (await world.run(Promise.all(accepts))).map(must) as [ConversationId, ConversationId];
    await world.advance(5_000);
    world.node.setUp(false);
    alice.setOnline(false);
    await world.advance(60_000);
    must(await world.run(carol.messenger.setKeepsFor(profileOf(world, "alice").account, true)));
    const told = waitingAt(world, "carol").map(({ conversation }) => conversation);
    expect([...new Set(told)].sort()).toEqual([one, other].sort());
    world.node.setUp(true);
    alice.setOnline(true);
    await world.advance(60_000);
    expect((await viewOf(world, alice, one)).person?.keeper).toBe(true);
  },
  memory,
);

story(
  "knows of the consent that was given before its person was accepted",
  async (world) => {
    const alice = await world.person("alice");
    const carol = await world.person("carol");
    const invite = must(await world.run(alice.messenger.createInvite()));
    const id = must(await world.run(carol.messenger.acceptInvite(invite.link)));
    await world.advance(1_000);
    must(await world.run(carol.messenger.setKeepsFor(profileOf(world, "alice").account, true)));
    await world.advance(5_000);
    must(await world.run(alice.messenger.answerRequest(id, "accept")));
    await world.advance(5_000);
    expect((await viewOf(world, alice, id)).person?.keeper).toBe(true);
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

// Mallory is a contact of Alice's, has what that gives her, and obeys no rule. Bob is Alice's contact too.
import { serialize } from "node:v8";
import { expect } from "vitest";
import { sha256 } from "../../core/crypto/hash.ts";
import { addDevices, createGroup } from "../../core/group/create.ts";
import { makeKeyPackage } from "../../core/group/key-package.ts";
import { renewLeaf } from "../../core/group/messages.ts";
import { type ConversationId, parseInviteLink } from "../../core/index.ts";
import type { EnvelopeHash } from "../../core/lang/brand.ts";
import { idBytes, toHex, utf8 } from "../../core/lang/bytes.ts";
import type { MessageRecord, OutboxRecord, ProfileRecord } from "../../core/ports/records.ts";
import { envelopeHash, openEnvelope, sealEnvelope } from "../../core/wire/envelope.ts";
import { acceptSlot, deriveTopic, inviteTopicSecret } from "../../core/wire/topic.ts";
import { dialByHand, keysOf, proofBy, rewrap, sealAs, wrap } from "../support/sim-forger.ts";
import { must, rowsOn, textsOf, type World } from "../support/sim-world.ts";
import { marksOf, story, viewOf, wiretap } from "../support/story.ts";

const memory = { storage: "memory" } as const;

/** Mallory's own engine has stopped; Alice is reachable for links. */
async function threesome(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const mallory = await world.person("mallory");
  const withBob = await world.befriend(alice, bob);
  const withMallory = await world.befriend(alice, mallory);
  await world.advance(5_000);
  await world.run(mallory.stop());
  await world.advance(1_000);
  return { alice, bob, withBob, withMallory };
}

const say = (world: World, text: string) => ({
  id: toHex(world.random.bytes(8)),
  clockMs: world.clock.now(),
  clockCount: 0,
  body: { kind: "text" as const, text },
});

/** Everything on a disk but how far topics were read, as a digest. */
function photographOf(world: World, name: string): string {
  const tables = [...world.disk(name).tables].filter(([table]) => table !== "topics");
  return toHex(sha256(serialize(tables)));
}

story(
  "invariant 7: only keys decide who speaks on a link",
  async (world) => {
    const { withMallory, withBob } = await threesome(world);
    const hers = keysOf(world, "mallory", withMallory);
    const alices = keysOf(world, "alice", withMallory);
    const foreign = keysOf(world, "bob", withBob);
    const lies = {
      "a MAC under no epoch's key": { secret: world.random.bytes(32) },
      "a signature by another key": { seed: world.random.bytes(32) },
      "the listener's role": { role: "listener" },
      "another connection's addresses": { ownPeer: "peerelsewhere" },
      "Alice's own device": { device: alices.profile.device },
      "a device nobody knows": { device: toHex(world.random.bytes(16)) as never },
      "Bob's device": { device: foreign.profile.device },
    } as const;
    for (const [lie, as] of Object.entries(lies)) {
      const link = await dialByHand(world, "mallory's hand", "alice");
      await link.say(proofBy(hers, link.raw, as));
      expect(link.closed, lie).toBe(true);
      expect(link.heard, lie).toEqual([]);
    }
    const silent = await dialByHand(world, "mallory's hand", "alice");
    await world.advance(6_000);
    expect(silent.closed, "no proof within five seconds").toBe(true);
    const hasty = await dialByHand(world, "mallory's hand", "alice");
    await hasty.say({ kind: "ping", id: 1 });
    expect(hasty.closed, "a frame before the proof").toBe(true);
    expect(hasty.heard).toEqual([]);
    const honest = await dialByHand(world, "mallory's hand", "alice");
    await honest.say(proofBy(hers, honest.raw));
    expect(honest.closed).toBe(false);
    expect(honest.heard.map(({ kind }) => kind)).toEqual(["proof"]);
    await honest.say(proofBy(hers, honest.raw));
    expect(honest.closed, "a second proof").toBe(true);
  },
  memory,
);

story(
  "refuses a proof that only the topic's secret stands behind, after the person was blocked",
  async (world) => {
    const { alice, withMallory } = await threesome(world);
    const hers = keysOf(world, "mallory", withMallory);
    must(await world.run(alice.messenger.answerRequest(withMallory, "block")));
    const link = await dialByHand(world, "mallory's hand", "alice");
    await link.say(proofBy(hers, link.raw));
    expect(link.closed).toBe(true);
    expect(link.heard).toEqual([]);
  },
  memory,
);

story(
  "invariants 3 and 6: what cannot be opened changes nothing and is answered, over a link",
  async (world) => {
    const { alice, withMallory, withBob } = await threesome(world);
    const keys = keysOf(world, "mallory", withMallory);
    const link = await dialByHand(world, "mallory's hand", "alice");
    await link.say(proofBy(keys, link.raw));
    link.heard.length = 0;
    const envelope = await sealAs(world, "mallory", withMallory, say(world, "once"));
    const deliver = async (bytes: Uint8Array, topic = keys.topic.key) => {
      link.heard.length = 0;
      await link.say({ kind: "deliver", topic, envelope: bytes });
      const [got] = link.heard;
      return got?.kind === "got" && got.hash === envelopeHash(bytes) ? (got.refused ? "refused" : "taken") : "nothing";
    };
    expect(await deliver(envelope)).toBe("taken");
    const before = photographOf(world, "alice");
    expect(await deliver(envelope), "the same again").toBe("taken");
    expect(await deliver(rewrap(world, keys.topic, envelope)), "the same in other wrapping").toBe("refused");
    expect(await deliver(world.random.bytes(1_024)), "noise").toBe("refused");
    expect(await deliver(wrap(world, keys.topic, world.random.bytes(100))), "no MLS message").toBe("refused");
    const foreign = keysOf(world, "bob", withBob);
    expect(await deliver(envelope, foreign.topic.key), "a topic of others").toBe("refused");
    const bobs = world.node.topics.get(foreign.topic.key)!.entries.at(-1)!.envelope;
    expect(await deliver(bobs, foreign.topic.key), "somebody else's envelope").toBe("refused");
    expect(photographOf(world, "alice")).toEqual(before);
    expect(await textsOf(world, alice.messenger, withMallory)).toEqual(["once"]);
    expect(link.closed).toBe(false);
    await link.raw.send(world.random.bytes(40));
    await world.advance(50);
    expect(link.closed, "a frame that is none").toBe(true);
  },
  memory,
);

story(
  "takes a commit from its slot in the topic only, so that a link cannot split a conversation",
  async (world) => {
    const { withMallory } = await threesome(world);
    const keys = keysOf(world, "mallory", withMallory);
    const link = await dialByHand(world, "mallory's hand", "alice");
    await link.say(proofBy(keys, link.raw));
    const { commit } = await renewLeaf(keys.group.state, () => true);
    const before = photographOf(world, "alice");
    await link.say({ kind: "deliver", topic: keys.topic.key, envelope: wrap(world, keys.topic, commit) });
    expect(photographOf(world, "alice")).toEqual(before);
  },
  memory,
);

story(
  "moves past poison in a topic, and tells the members that it could not be opened",
  async (world) => {
    const { alice, withMallory } = await threesome(world);
    const { topic } = keysOf(world, "mallory", withMallory);
    const before = photographOf(world, "alice");
    const first = must(world.node.append(topic.key, world.random.bytes(1_024), undefined));
    must(world.node.append(topic.key, world.random.bytes(333), undefined));
    await world.advance(1_000);
    expect(photographOf(world, "alice")).toEqual(before);
    const opened = await sealAs(world, "mallory", withMallory, say(world, "after the poison"));
    must(world.node.append(topic.key, opened, undefined));
    must(world.node.append(topic.key, rewrap(world, topic, opened), undefined));
    await world.advance(1_000);
    expect(await textsOf(world, alice.messenger, withMallory)).toEqual(["after the poison"]);
    expect(keysOf(world, "alice", withMallory).topic.cursor).toBeGreaterThanOrEqual(first.sequence + 3);
    expect(keysOf(world, "alice", withMallory).topic.due).toEqual([]);
  },
  memory,
);

story(
  "believes only the recipient that something arrived",
  async (world) => {
    const { alice, bob, withBob, withMallory } = await threesome(world);
    await world.run(bob.stop());
    must(await world.run(alice.messenger.sendText(withBob, "for Bob")));
    await world.advance(10_000);
    const [waiting] = rowsOn<OutboxRecord>(world.disk("alice"), "outbox").filter(({ message }) => message);
    const keys = keysOf(world, "mallory", withMallory);
    const link = await dialByHand(world, "mallory's hand", "alice");
    await link.say(proofBy(keys, link.raw));
    const messages = () => rowsOn<MessageRecord>(world.disk("alice"), "messages");
    const before = structuredClone(messages());
    await link.say({ kind: "got", hash: waiting!.key, refused: true });
    await link.say({ kind: "got", hash: waiting!.key, refused: false });
    await link.say({ kind: "got", hash: toHex(world.random.bytes(32)) as EnvelopeHash, refused: false });
    const claim = await sealAs(world, "mallory", withMallory, {
      ...say(world, ""),
      body: { kind: "delivered", hashes: [waiting!.key], refused: [] },
    });
    must(world.node.append(keys.topic.key, claim, undefined));
    await world.advance(5_000);
    expect(messages()).toEqual(before);
    expect(await marksOf(world, alice, withBob)).toEqual(["held"]);
    await bob.start();
    await world.advance(20_000);
    expect(await marksOf(world, alice, withBob)).toEqual(["delivered"]);
  },
  memory,
);

story(
  "invariant 5: a message id is its author's own, whatever another writes into theirs",
  async (world) => {
    const { alice, withMallory } = await threesome(world);
    const mine = must(await world.run(alice.messenger.sendText(withMallory, "my words")));
    const [, contentId = ""] = mine.split("/");
    const { topic } = keysOf(world, "mallory", withMallory);
    const copy = await sealAs(world, "mallory", withMallory, { ...say(world, "not my words"), id: contentId });
    must(world.node.append(topic.key, copy, undefined));
    // Her own id a second time says nothing new.
    const twice = await sealAs(world, "mallory", withMallory, { ...say(world, "changed words"), id: contentId });
    must(world.node.append(topic.key, twice, undefined));
    await world.advance(1_000);
    expect(new Set(await textsOf(world, alice.messenger, withMallory))).toEqual(new Set(["my words", "not my words"]));
    const rows = rowsOn<MessageRecord>(world.disk("alice"), "messages");
    expect(rows.filter(({ key }) => key.endsWith(contentId))).toHaveLength(2);
  },
  memory,
);

story(
  "can go on writing after somebody claimed the last place on the clock",
  async (world) => {
    const { alice, withMallory } = await threesome(world);
    const { topic } = keysOf(world, "mallory", withMallory);
    const day = 24 * 3_600_000;
    for (const [clockMs, clockCount] of [
      [world.clock.now() + day - 60_000, 2 ** 32 - 1],
      [Number.MAX_SAFE_INTEGER, 2 ** 32 - 1],
    ] as const) {
      const far = await sealAs(world, "mallory", withMallory, { ...say(world, `at ${clockMs}`), clockMs, clockCount });
      must(world.node.append(topic.key, far, undefined));
    }
    await world.advance(1_000);
    for (const text of ["still", "here"]) must(await world.run(alice.messenger.sendText(withMallory, text)));
    const texts = await textsOf(world, alice.messenger, withMallory);
    expect(texts.filter((text) => text === "still" || text === "here")).toEqual(["still", "here"]);
  },
  memory,
);

story(
  "shows a kind of content that is not known as such, and drops what is no content",
  async (world) => {
    const { alice, withMallory } = await threesome(world);
    const { topic } = keysOf(world, "mallory", withMallory);
    // id (field 1), clock_ms (2), clock_count (3) and a kind of field 15 that version 1 does not have.
    const unknown = Uint8Array.from([0x0a, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x10, 1, 0x18, 1, 0x7a, 1, 0]);
    for (const content of [unknown, world.random.bytes(50)]) {
      must(world.node.append(topic.key, await sealAs(world, "mallory", withMallory, content), undefined));
    }
    await world.advance(1_000);
    expect(await textsOf(world, alice.messenger, withMallory)).toEqual(["(unknown)"]);
    expect((await viewOf(world, alice, withMallory)).unread).toBe(1);
  },
  memory,
);

/** Answers Alice's invite by hand, with a device list and a group of Mallory's choice. */
async function answerByHand(
  world: World,
  link: string,
  choice: {
    account: string;
    device: string;
    deviceSeed: Uint8Array;
    deviceList: Uint8Array;
    node?: string;
    more?: boolean;
  },
) {
  const invite = must(parseInviteLink(link));
  const place = deriveTopic(inviteTopicSecret(invite.secret));
  const [entry] = world.node.topics.get(place.topic)!.entries;
  const bundle = must(openEnvelope(place.envelopeKey, place.topic, entry!.envelope));
  if (bundle.kind !== "invite-bundle") throw new Error("no bundle");
  const anybody = () => true;
  const own = await makeKeyPackage(
    { account: choice.account, device: choice.device, listSequence: 1 } as never,
    choice.deviceSeed,
  );
  const context = {
    conversation: toHex(world.random.bytes(16)) as ConversationId,
    kind: "direct",
    topicSecret: world.random.bytes(32),
    nodes: [(choice.node ?? invite.node) as typeof invite.node],
  } as const;
  const alone = await createGroup(world.random.bytes(16), context, own, anybody);
  const third = await makeKeyPackage(
    { account: "0".repeat(63).concat("1"), device: "2".repeat(32), listSequence: 1 } as never,
    world.random.bytes(32),
  );
  const added = must(
    await addDevices(alone, choice.more ? [...bundle.keyPackages, third.publicPackage] : bundle.keyPackages, anybody),
  );
  const reply = { kind: "invite-reply", deviceList: choice.deviceList, welcome: added.welcome } as const;
  const envelope = must(sealEnvelope(place.envelopeKey, place.topic, reply, world.random.bytes(24)));
  must(world.node.append(place.topic, envelope, acceptSlot(invite.secret)));
  await world.advance(5_000);
}

story(
  "lets nobody answer an invite in another's name, with strangers, or on a node of their choice",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const mallory = await world.person("mallory");
    await world.run(mallory.stop());
    await world.run(bob.stop());
    const [hers] = rowsOn<ProfileRecord>(world.disk("mallory"), "profile");
    const [bobs] = rowsOn<ProfileRecord>(world.disk("bob"), "profile");
    const damaged = hers!.deviceList.slice();
    damaged[damaged.length - 1]! ^= 1;
    const forgeries = {
      "Bob's list and account, her key": { ...bobs!, deviceSeed: hers!.deviceSeed },
      "Bob's list, her account": { ...hers!, deviceList: bobs!.deviceList },
      "her list, Bob's account": { ...bobs!, deviceList: hers!.deviceList },
      "a list that its account did not sign": { ...hers!, deviceList: damaged },
      "a third person in the group": { ...hers!, more: true },
      "a node of her own": { ...hers!, node: "http://mallory.example" },
    };
    for (const [forgery, choice] of Object.entries(forgeries)) {
      const invite = must(await world.run(alice.messenger.createInvite()));
      await answerByHand(world, invite.link, choice as never);
      expect(
        (await world.see(alice.messenger.conversations)).map(({ kind }) => kind),
        forgery,
      ).toEqual(["self"]);
      const shown = (await world.see(alice.messenger.invites)).find(({ id }) => id === invite.id);
      expect(shown, forgery).toMatchObject({ state: "used", usedBy: undefined });
    }
    // By the rules the same hand gets through: the refusals above were for what was forged.
    const invite = must(await world.run(alice.messenger.createInvite()));
    await answerByHand(world, invite.link, hers!);
    expect(await world.see(alice.messenger.conversations)).toHaveLength(2);
  },
  memory,
);

story(
  "invariant 11: no node receives a name, an account key, a device, or a text",
  async (world) => {
    const leaving = wiretap(world);
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    must(await world.run(alice.messenger.sendText(id, "a very recognisable sentence")));
    bob.messenger.setTyping(id, true);
    world.apart.add("alice bob");
    must(await world.run(bob.messenger.sendText(id, "a very recognisable sentence")));
    await world.advance(60_000);
    const atNode = leaving.filter(({ by }) => by !== "link");
    expect(atNode.filter(({ by }) => by === "append").length).toBeGreaterThan(3);
    expect(atNode.filter(({ by }) => by === "signal").length).toBeGreaterThan(4);
    const secrets: Uint8Array[] = [utf8("Alice"), utf8("Bob"), utf8("recognisable"), utf8("peer")];
    for (const name of ["alice", "bob"]) {
      const [profile] = rowsOn<ProfileRecord>(world.disk(name), "profile");
      secrets.push(idBytes(profile!.account), idBytes(profile!.device), utf8(profile!.account), idBytes(id));
    }
    for (const { bytes, topic, by } of atNode) {
      const seen = Buffer.concat([bytes, idBytes(topic!)]);
      for (const secret of secrets) expect(seen.includes(Buffer.from(secret))).toBe(false);
      expect(by === "append" ? [1_024, 4_096, 16_384, 65_536] : [560]).toContain(bytes.length);
    }
  },
  memory,
);

import { expect } from "vitest";
import { cut } from "../../core/conversation/parts.ts";
import { sha256 } from "../../core/crypto/hash.ts";
import type { PartRecord } from "../../core/ports/group-records.ts";
import type { ContactRecord, KeyPackageRecord } from "../../core/ports/people-records.ts";
import { partBytes } from "../../core/wire/bounds.ts";
import {
  type ByHand,
  createGroupOf,
  groupOn,
  groupsOn,
  leave,
  profileOn,
  topicBetween,
  welcomeByHand,
} from "../support/groups-by-hand.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { must, rowsOn, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const memory = { storage: "memory" } as const;

const packagesOn = (world: World, name: string) => rowsOn<KeyPackageRecord>(world.disk(name), "keyPackages");

/** Alice with each of the others, all at rest. */
async function aliceWith(world: World, names: readonly string[]): Promise<readonly SimDevice[]> {
  const alice = await world.person("alice");
  const others: SimDevice[] = [];
  for (const name of names) {
    const other = await world.person(name);
    await world.befriend(alice, other);
    others.push(other);
  }
  await world.advance(10_000);
  return [alice, ...others];
}

/** A Welcome by hand from mallory, who is Alice's contact, in their conversation. */
async function welcomeFromMallory(world: World, wish: ByHand): Promise<void> {
  const welcome = await welcomeByHand(world, "mallory", "alice", wish);
  const topic = topicBetween(world, "mallory", profileOn(world, "alice").account);
  leave(world, topic, { kind: "welcome", welcome });
  await world.advance(5_000);
}

story(
  "who is added is in the group with everybody, and the timeline says the same to all",
  async (world) => {
    const [alice] = await aliceWith(world, ["bob", "carol"]);
    await createGroupOf(world, alice!, ["bob", "carol"]);
    await world.advance(10_000);
    const [hers, bobs, carols] = ["alice", "bob", "carol"].map((name) => groupOn(world, name));
    expect(bobs!.group).toEqual(hers!.group);
    expect(carols!.group).toEqual(hers!.group);
    expect([hers, bobs, carols].map((one) => one!.keys?.epoch)).toEqual([1, 1, 1]);
    expect(hers!.group.people.map(({ account }) => account)).toEqual(
      ["alice", "bob", "carol"].map((name) => profileOn(world, name).account).sort(),
    );
    // "Created" is from before they were there.
    expect(bobs!.events).toEqual(hers!.events.slice(1));
    expect(carols!.events).toEqual(bobs!.events);
    expect(rowsOn(world.disk("alice"), "changes")).toEqual([]);
  },
  memory,
);

story(
  "members who do not know each other are strangers with a name, and nothing more",
  async (world) => {
    const [alice] = await aliceWith(world, ["bob", "carol"]);
    await createGroupOf(world, alice!, ["bob", "carol"]);
    await world.advance(10_000);
    const carol = profileOn(world, "carol").account;
    const row = rowsOn<ContactRecord>(world.disk("bob"), "contacts").find(({ key }) => key === carol);
    expect(row).toMatchObject({ name: "Carol", state: "stranger", verified: false });
  },
  memory,
);

story(
  "who was away when they were added is in the group once they are back",
  async (world) => {
    const [alice, bob] = await aliceWith(world, ["bob"]);
    await world.run(bob!.stop());
    await createGroupOf(world, alice!, ["bob"]);
    await world.advance(10_000);
    await world.run(alice!.stop());
    await bob!.start();
    await world.advance(10_000);
    expect(groupOn(world, "bob").group).toEqual(groupOn(world, "alice").group);
  },
  memory,
);

story(
  "each contact has two keys to add the other with, and gets another for each that was used",
  async (world) => {
    const [alice] = await aliceWith(world, ["bob"]);
    const unused = (name: string, own: boolean) =>
      packagesOn(world, name).filter((row) => (row.privatePackage !== undefined) === own && row.usedAtMs === undefined);
    expect([unused("alice", false), unused("bob", true), unused("bob", false)].map(({ length }) => length)).toEqual([
      2, 2, 2,
    ]);
    const before = new Set(unused("bob", true).map(({ key }) => key));
    await createGroupOf(world, alice!, ["bob"]);
    await world.advance(10_000);
    const after = unused("bob", true).map(({ key }) => key);
    expect(after).toHaveLength(2);
    expect(after.filter((key) => !before.has(key))).toHaveLength(1);
    expect(
      unused("alice", false)
        .map(({ key }) => key)
        .sort(),
    ).toEqual([...after].sort());
  },
  memory,
);

story(
  "whoever is added to four groups while away is in all of them, with two keys",
  async (world) => {
    const [alice, bob] = await aliceWith(world, ["bob"]);
    await world.run(bob!.stop());
    for (let n = 0; n < 4; n++) await createGroupOf(world, alice!, ["bob"]);
    await world.advance(20_000);
    await bob!.start();
    await world.advance(20_000);
    expect(groupsOn(world, "bob")).toHaveLength(4);
  },
  memory,
);

story(
  "a Welcome by hand that keeps the rules is taken, once",
  async (world) => {
    const [, mallory] = await aliceWith(world, ["mallory"]);
    await world.run(mallory!.stop());
    const welcome = await welcomeByHand(world, "mallory", "alice");
    const topic = topicBetween(world, "mallory", profileOn(world, "alice").account);
    leave(world, topic, { kind: "welcome", welcome });
    await world.advance(5_000);
    expect(groupsOn(world, "alice")).toHaveLength(1);
    const before = groupOn(world, "alice");
    // In another envelope, as whoever is in the topic can do.
    leave(world, topic, { kind: "welcome", welcome });
    await world.advance(5_000);
    expect(groupOn(world, "alice")).toEqual(before);
  },
  memory,
);

story(
  "a Welcome is not taken whose card leaves somebody's devices unproven, or of which somebody else is the owner",
  async (world) => {
    const [, mallory] = await aliceWith(world, ["mallory"]);
    await world.run(mallory!.stop());
    const [{ account, deviceList }, theirs] = [profileOn(world, "alice"), profileOn(world, "mallory")];
    const time = { clockMs: world.clock.now(), clockCount: 0, id: "00".repeat(8), link: undefined };
    const wishes: readonly ByHand[] = [
      { card: { lists: [deviceList] } },
      { card: { lists: [theirs.deviceList] } },
      { card: { lists: [deviceList, theirs.deviceList, theirs.deviceList] } },
      { card: { lists: [deviceList, theirs.deviceList.map((byte, at) => (at === 40 ? byte ^ 1 : byte))] } },
      { card: { event: { ...time, added: [] } } },
      { card: { event: { ...time, added: [theirs.account] } } },
      { card: { event: { ...time, clockMs: time.clockMs + 10 * 24 * 3_600_000, added: [account] } } },
      { card: { leaves: [{ account, device: profileOn(world, "alice").device, signature: new Uint8Array(64) }] } },
      { card: { topicSecret: topicBetween(world, "mallory", account).secret } },
      { roles: [] },
      { roles: [{ account, role: "owner" }] },
    ];
    for (const wish of wishes) {
      await welcomeFromMallory(world, wish);
      expect(groupsOn(world, "alice"), JSON.stringify(Object.keys(wish.card ?? wish))).toEqual([]);
    }
    // The key that they were made with opens an honest one still.
    await welcomeFromMallory(world, {});
    expect(groupsOn(world, "alice")).toHaveLength(1);
  },
  memory,
);

story(
  "a Welcome into a conversation that lives is not taken, whoever knows its id",
  async (world) => {
    const [alice, , mallory] = await aliceWith(world, ["bob", "mallory"]);
    await createGroupOf(world, alice!, ["bob", "mallory"]);
    await world.advance(10_000);
    await world.run(mallory!.stop());
    const before = groupOn(world, "alice");
    await welcomeFromMallory(world, { conversation: before.row.key });
    const withBob = topicBetween(world, "alice", profileOn(world, "bob").account).purpose;
    if (withBob.kind !== "conversation") throw new Error("no conversation");
    await welcomeFromMallory(world, { conversation: withBob.conversation });
    expect(groupOn(world, "alice").group).toEqual(before.group);
    expect(groupOn(world, "alice").row.topic).toBe(before.row.topic);
    expect(groupOn(world, "alice").keys?.epoch).toBe(before.keys?.epoch);
  },
  memory,
);

story(
  "a stranger's Welcome is not taken before they are accepted",
  async (world) => {
    const [alice] = await aliceWith(world, ["bob"]);
    const mallory = await world.person("mallory");
    const invite = must(await world.run(alice!.messenger.createInvite()));
    must(await world.run(mallory.messenger.acceptInvite(invite.link)));
    await world.advance(10_000);
    // Nobody gives a stranger keys: these are Bob's, who was careless.
    expect(packagesOn(world, "mallory")).toEqual([]);
    await world.run(mallory.stop());
    const bobs = packagesOn(world, "bob").filter((row) => row.privatePackage === undefined);
    world.disk("mallory").tables.set("keyPackages", new Map(bobs.map((row) => [row.key, row])));
    await welcomeFromMallory(world, {});
    expect(groupsOn(world, "alice")).toEqual([]);
  },
  memory,
);

story(
  "a Welcome in parts is put together, whatever order they come in",
  async (world) => {
    const [, mallory] = await aliceWith(world, ["mallory"]);
    await world.run(mallory!.stop());
    const welcome = await welcomeByHand(world, "mallory", "alice", { crowd: 40 });
    const topic = topicBetween(world, "mallory", profileOn(world, "alice").account);
    const { parts, whole } = must(cut(welcome, "welcome"));
    expect(parts.length).toBeGreaterThan(2);
    const [first, ...rest] = parts;
    for (const part of rest) leave(world, topic, { kind: "part", ...part });
    leave(world, topic, { kind: "whole", ...whole });
    await world.advance(5_000);
    expect(groupsOn(world, "alice")).toEqual([]);
    leave(world, topic, { kind: "part", ...first! });
    await world.advance(5_000);
    expect(groupOn(world, "alice").group.people).toHaveLength(42);
    expect(rowsOn(world.disk("alice"), "parts")).toEqual([]);
  },
  memory,
);

story(
  "parts that are no Welcome once they are together are forgotten",
  async (world) => {
    const [, mallory] = await aliceWith(world, ["mallory"]);
    await world.run(mallory!.stop());
    const topic = topicBetween(world, "mallory", profileOn(world, "alice").account);
    const { parts, whole } = must(cut(new Uint8Array(partBytes + 1), "welcome"));
    for (const part of parts) leave(world, topic, { kind: "part", ...part });
    await world.advance(5_000);
    expect(rowsOn(world.disk("alice"), "parts")).toHaveLength(2);
    leave(world, topic, { kind: "whole", ...whole });
    await world.advance(5_000);
    expect(rowsOn(world.disk("alice"), "parts")).toEqual([]);
    expect(groupsOn(world, "alice")).toEqual([]);
  },
  memory,
);

story(
  "parts whose whole never comes take up 4 MiB at most, and a week",
  async (world) => {
    const [alice, mallory] = await aliceWith(world, ["mallory"]);
    await world.run(mallory!.stop());
    const topic = topicBetween(world, "mallory", profileOn(world, "alice").account);
    for (let n = 0; n < 80; n++) {
      const whole = sha256(Uint8Array.of(n));
      leave(world, topic, { kind: "part", whole, index: n % 32, bytes: new Uint8Array(partBytes) });
      await world.advance(100);
    }
    await world.advance(10_000);
    const kept = rowsOn<PartRecord>(world.disk("alice"), "parts");
    const bytes = kept.reduce((sum, row) => sum + row.bytes.length, 0);
    expect(kept.length).toBeGreaterThan(60);
    expect(bytes).toBeLessThanOrEqual(4 * 1_024 * 1_024);
    await world.run(alice!.stop());
    await world.advance(8 * 24 * 3_600_000);
    await alice!.start();
    await world.advance(10_000);
    expect(rowsOn(world.disk("alice"), "parts")).toEqual([]);
  },
  memory,
);

story(
  "a group that somebody made under another one's id keeps the real one out no longer than it is there",
  async (world) => {
    const [alice, , bob] = await aliceWith(world, ["mallory", "bob"]);
    const id = await createGroupOf(world, bob!, []);
    await world.advance(5_000);
    await welcomeFromMallory(world, { conversation: id });
    expect(groupOn(world, "alice").group.facts.name).toBe("By hand");
    const { account } = profileOn(world, "alice");
    must(await world.run(bob!.messenger.groups.changeGroup(id, { kind: "add", people: [account] })));
    await world.advance(20_000);
    expect(groupOn(world, "alice").group.facts.name).toBe("By hand");
    must(await world.run(alice!.messenger.groups.leaveGroup(id)));
    await world.advance(30_000);
    expect(groupOn(world, "alice").group).toEqual(groupOn(world, "bob").group);
    must(await world.run(bob!.messenger.sendText(id, "Here you are")));
    await world.advance(5_000);
    const texts = rowsOn<{ readonly body: unknown }>(world.disk("alice"), "messages").map(({ body }) => body);
    expect(texts).toContainEqual({ kind: "text", text: "Here you are" });
  },
  memory,
);

// Who may answer a link to a group (PROTOCOL.md §13.9): those whom a device of its maker named, and nobody else.
import { expect } from "vitest";
import { makeChange } from "../../core/group/change.ts";
import { createGroup } from "../../core/group/create.ts";
import { makeKeyPackage } from "../../core/group/key-package.ts";
import type { AccountId, ConversationId } from "../../core/lang/brand.ts";
import { noBytes, toHex } from "../../core/lang/bytes.ts";
import type { AskedRecord, GroupLinkRecord } from "../../core/ports/group-link-records.ts";
import type { ChangeRecord } from "../../core/ports/group-records.ts";
import type { KeyPackageRecord } from "../../core/ports/people-records.ts";
import type { TopicRecord } from "../../core/ports/topic-record.ts";
import { encodeGroupCard } from "../../core/wire/group-card.ts";
import { encodeLinkShown, linkAnswerer, signLinkShown } from "../../core/wire/link-shown.ts";
import { createGroupOf, groupOn, groupsOn, leave, profileOn } from "../support/groups-by-hand.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { homeNode, must, rowsOn, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const memory = { storage: "memory" } as const;
const dayMs = 24 * 3_600_000;

interface Linked {
  readonly alice: SimDevice;
  readonly id: ConversationId;
  readonly link: string;
  readonly topic: TopicRecord;
}

/** Alice is the owner. */
async function linked(world: World, ...names: readonly string[]): Promise<Linked> {
  const alice = await world.person("alice");
  for (const name of names) await world.befriend(alice, await world.person(name));
  await world.advance(5_000);
  const id = await createGroupOf(world, alice, names);
  await world.advance(10_000);
  const choice = { lastsMs: dayMs, budget: 10 };
  const { link } = must(await world.run(alice.messenger.groups.createGroupInvite(id, choice)));
  await world.advance(5_000);
  return { alice, id, link, topic: topicOf(world) };
}

function topicOf(world: World): TopicRecord {
  const [link] = rowsOn<GroupLinkRecord>(world.disk("alice"), "groupLinks");
  const topic = rowsOn<TopicRecord>(world.disk("alice"), "topics").find(({ key }) => key === link?.key);
  if (topic === undefined) throw new Error("nobody follows the link");
  return topic;
}

function deviceOf(world: World, name: string): SimDevice {
  const device = world.devices.get(name);
  if (device === undefined) throw new Error(`nobody is called ${name}`);
  return device;
}

async function role(world: World, by: SimDevice, id: ConversationId, name: string, to: "admin" | "member") {
  const { account } = profileOn(world, name);
  must(await world.run(by.messenger.groups.changeGroup(id, { kind: "role", account, role: to })));
  await world.advance(10_000);
}

async function asks(world: World, name: string, link: string): Promise<AccountId> {
  const device = world.devices.get(name) ?? (await world.person(name));
  expect(await world.run(device.messenger.acceptInvite(link))).toMatchObject({ error: "asked" });
  await world.advance(3_000);
  return profileOn(world, name).account;
}

/** Mallory answers who asked with a group of her own, in which alice has a leaf and the conversation is the real one. */
async function answeredByMallory(world: World, { id, topic }: Linked, guest: string): Promise<void> {
  const [own, maker, asking] = ["mallory", "alice", guest].map((name) => profileOn(world, name));
  const [asked] = rowsOn<AskedRecord>(world.disk(guest), "asked");
  const left = rowsOn<KeyPackageRecord>(world.disk("mallory"), "keyPackages").find(
    (row) => row.account === maker?.account && row.privatePackage === undefined,
  );
  if (own === undefined || maker === undefined || asking === undefined) throw new Error("three people");
  if (asked === undefined || left === undefined) throw new Error("there is nothing to make a group with");
  const { account, device } = own;
  const facts = {
    name: "Hikers",
    description: "",
    emoji: "",
    roles: [{ account, role: "owner" }],
    writers: "everybody",
    slowModeS: 0,
    history: "none",
    joining: "approval",
    rotation: 0,
    nodes: [homeNode],
  } as const;
  const alone = await createGroup(
    world.random.bytes(16),
    { conversation: id, kind: "group", generation: 0, facts },
    await makeKeyPackage({ account, device, listSequence: 1 }, own.deviceSeed),
    () => true,
  );
  const card = encodeGroupCard({
    topicSecret: world.random.bytes(32),
    lists: [own, maker, asking].map(({ deviceList }) => deviceList),
    names: [],
    leaves: [],
    event: {
      id: toHex(world.random.bytes(8)),
      clockMs: world.clock.now(),
      clockCount: 0,
      added: [maker.account, asking.account].sort(),
      link: undefined,
    },
    putOut: [],
    have: [],
    marks: undefined,
    replaced: false,
  });
  const wanted = { add: [left.publicPackage, asked.publicPackage], removeLeaves: [], note: noBytes, card };
  const { welcome } = must(await makeChange(alone, wanted, () => true));
  if (welcome === undefined) throw new Error("a commit that adds nobody");
  leave(world, topic, { kind: "welcome", welcome });
  await world.advance(5_000);
}

story(
  "a contact of the link's maker who only has the link answers nobody, and the real answer still comes through",
  async (world) => {
    const made = await linked(world);
    const mallory = await world.person("mallory");
    await world.befriend(made.alice, mallory);
    await world.advance(5_000);
    const account = await asks(world, "bob", made.link);
    await answeredByMallory(world, made, "bob");
    expect(groupsOn(world, "bob")).toEqual([]);
    must(await world.run(made.alice.messenger.groups.answerJoinRequest(made.id, account, true)));
    await world.advance(20_000);
    expect(groupOn(world, "bob").group).toEqual(groupOn(world, "alice").group);
  },
  memory,
);

story(
  "a member of the group who is no admin answers nobody with a group of their own, nor do they once they say that they may",
  async (world) => {
    const made = await linked(world, "mallory");
    await asks(world, "bob", made.link);
    await answeredByMallory(world, made, "bob");
    expect(groupsOn(world, "bob")).toEqual([]);
    const { account, device, deviceList, deviceSeed } = profileOn(world, "mallory");
    const shown = encodeLinkShown({
      by: "Alice",
      name: "Hikers",
      emoji: "",
      joining: "open",
      people: 2,
      answerKey: world.random.bytes(32),
      madeAtMs: world.clock.now() + 1,
      answerers: [linkAnswerer(made.topic.key, made.id, account)],
    });
    // Alice would say at once who really may.
    await world.run(made.alice.stop());
    const signature = signLinkShown(made.topic.key, shown, deviceSeed);
    const maker = profileOn(world, "alice");
    for (const by of [{ deviceList, device }, { ...maker, device }, maker]) {
      const from = { deviceList: by.deviceList, device: by.device };
      leave(world, made.topic, { kind: "group-invite-bundle", ...from, shown, signature });
    }
    await world.advance(3_000);
    await answeredByMallory(world, made, "bob");
    expect(groupsOn(world, "bob")).toEqual([]);
    const preview = must(await world.run(deviceOf(world, "bob").messenger.previewInvite(made.link)));
    expect(preview.group).toMatchObject({ open: false });
  },
  memory,
);

story(
  "an admin who is one no more is named no more, and answers nobody",
  async (world) => {
    const made = await linked(world, "mallory");
    await role(world, made.alice, made.id, "mallory", "admin");
    const { account } = profileOn(world, "mallory");
    const [link] = rowsOn<GroupLinkRecord>(world.disk("alice"), "groupLinks");
    expect(link?.shown?.answerers).toContain(linkAnswerer(made.topic.key, made.id, account));
    await asks(world, "bob", made.link);
    await role(world, made.alice, made.id, "mallory", "member");
    await answeredByMallory(world, made, "bob");
    expect(groupsOn(world, "bob")).toEqual([]);
    await asks(world, "carol", made.link);
    await answeredByMallory(world, made, "carol");
    expect(groupsOn(world, "carol")).toEqual([]);
  },
  memory,
);

story(
  "a new admin whom the link's maker did not name yet waits to let somebody in, and does so once they are named",
  async (world) => {
    const made = await linked(world, "carol", "bob");
    const { account: carol } = profileOn(world, "carol");
    const { groups } = made.alice.messenger;
    must(await world.run(groups.changeGroup(made.id, { kind: "hand-over", account: carol })));
    await world.advance(10_000);
    await world.run(made.alice.stop());
    await role(world, deviceOf(world, "carol"), made.id, "bob", "admin");
    const account = await asks(world, "dave", made.link);
    const bob = deviceOf(world, "bob");
    must(await world.run(bob.messenger.groups.answerJoinRequest(made.id, account, true)));
    await world.advance(60_000);
    expect(groupOn(world, "bob").group.people).toHaveLength(3);
    expect(rowsOn<ChangeRecord>(world.disk("bob"), "changes")).toMatchObject([{ act: { kind: "let-in", account } }]);
    await made.alice.start();
    await world.advance(30_000);
    expect(groupOn(world, "dave").group).toEqual(groupOn(world, "bob").group);
    expect(groupOn(world, "bob").group.people).toHaveLength(4);
    expect(rowsOn(world.disk("bob"), "changes")).toEqual([]);
  },
  memory,
);

story(
  "a link whose maker is no admin any more is withdrawn",
  async (world) => {
    const { alice, id } = await linked(world, "bob");
    await role(world, alice, id, "bob", "admin");
    const choice = { lastsMs: dayMs, budget: 10 };
    const bob = deviceOf(world, "bob");
    const { link } = must(await world.run(bob.messenger.groups.createGroupInvite(id, choice)));
    await world.advance(10_000);
    await role(world, alice, id, "bob", "member");
    const dave = await world.person("dave");
    expect(await world.run(dave.messenger.acceptInvite(link))).toEqual({ ok: false, error: "withdrawn" });
  },
  memory,
);

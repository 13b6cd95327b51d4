// Mallory has a link to a group, and so may leave anything in its topic.
import { expect } from "vitest";
import { labels } from "../../core/crypto/labels.ts";
import { sign } from "../../core/crypto/signature.ts";
import type { GroupLinkRecord, JoinRequestRecord } from "../../core/ports/group-link-records.ts";
import type { TopicRecord } from "../../core/ports/topic-record.ts";
import { joinRequestId, joinRequestMessage } from "../../core/wire/group-payload.ts";
import { signLinkAnswer } from "../../core/wire/link-answer.ts";
import {
  createGroupOf,
  groupOn,
  groupsOn,
  leave,
  madeUp,
  profileOn,
  type Stranger,
} from "../support/groups-by-hand.ts";
import { must, rowsOn, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const memory = { storage: "memory" } as const;
const dayMs = 24 * 3_600_000;

/** Alice's group with bob, an admin as well, and a link to it. */
async function linked(world: World, joining: "open" | "approval" = "approval", budget = 100) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  await world.befriend(alice, bob);
  await world.advance(5_000);
  const id = await createGroupOf(world, alice, ["bob"]);
  await world.advance(5_000);
  const { account } = profileOn(world, "bob");
  must(await world.run(alice.messenger.groups.changeGroup(id, { kind: "role", account, role: "admin" })));
  await world.advance(10_000);
  if (joining === "open") {
    const rules = { writers: "everybody", slowModeS: 0, history: "none", joining } as const;
    must(await world.run(alice.messenger.groups.changeGroup(id, { kind: "rules", rules })));
    await world.advance(10_000);
  }
  const invite = must(await world.run(alice.messenger.groups.createGroupInvite(id, { lastsMs: dayMs, budget })));
  await world.advance(5_000);
  const [link] = rowsOn<GroupLinkRecord>(world.disk("alice"), "groupLinks");
  const topic = rowsOn<TopicRecord>(world.disk("alice"), "topics").find(({ key }) => key === link?.key);
  if (topic === undefined) throw new Error("nobody follows the link");
  return { alice, bob, id, invite, topic };
}

function requestOf({ key }: TopicRecord, { deviceList, publicPackage, deviceSeed }: Stranger, seed = deviceSeed) {
  const said = { keyPackages: [publicPackage], name: "M" };
  const signature = sign(labels.joinRequest, joinRequestMessage(key, said), seed);
  return { kind: "group-join-request", deviceList, ...said, signature } as const;
}

const requestsOn = (world: World, name: string) => rowsOn<JoinRequestRecord>(world.disk(name), "joinRequests");

story(
  "a request, a refusal or a withdrawal that somebody else signed is none, and one that was refused does not come back",
  async (world) => {
    const { alice, id, topic } = await linked(world);
    const [erin, mallory] = [await madeUp(world), await madeUp(world)];
    leave(world, topic, requestOf(topic, erin, mallory.deviceSeed));
    await world.advance(2_000);
    expect(requestsOn(world, "alice")).toEqual([]);
    leave(world, topic, requestOf(topic, erin));
    const request = joinRequestId(topic.key, requestOf(topic, erin));
    for (const what of ["refused", "withdrawn", "taken-back"] as const) {
      const answer = signLinkAnswer(topic.key, what, mallory.deviceSeed, what === "withdrawn" ? undefined : request);
      leave(world, topic, { kind: "group-link-answer", ...answer });
    }
    await world.advance(5_000);
    for (const name of ["alice", "bob"]) {
      expect(requestsOn(world, name)).toMatchObject([{ account: erin.account, name: "M" }]);
      expect(rowsOn(world.disk(name), "groupLinks")).toMatchObject([{ withdrawn: false }]);
    }
    must(await world.run(alice.messenger.groups.answerJoinRequest(id, erin.account, false)));
    await world.advance(5_000);
    leave(world, topic, requestOf(topic, erin));
    await world.advance(5_000);
    for (const name of ["alice", "bob"]) expect(requestsOn(world, name)).toMatchObject([{ request: "" }]);
  },
  memory,
);

story(
  "three hundred requests in a link's topic fill no more than their room, and words still come through",
  async (world) => {
    const { bob, id, topic } = await linked(world);
    for (let n = 0; n < 300; n++) leave(world, topic, requestOf(topic, await madeUp(world)));
    await world.advance(60_000);
    for (const name of ["alice", "bob"]) expect(requestsOn(world, name)).toHaveLength(100);
    must(await world.run(bob.messenger.sendText(id, "Still here")));
    await world.advance(10_000);
    const words = rowsOn<{ readonly body: unknown }>(world.disk("alice"), "messages").map(({ body }) => body);
    expect(words).toContainEqual({ kind: "text", text: "Still here" });
  },
  memory,
);

story(
  "a refusal holds however many others ask and take it back since",
  async (world) => {
    const { alice, id, topic } = await linked(world);
    const erin = await madeUp(world);
    leave(world, topic, requestOf(topic, erin));
    await world.advance(2_000);
    must(await world.run(alice.messenger.groups.answerJoinRequest(id, erin.account, false)));
    await world.advance(2_000);
    await world.run(alice.stop());
    // As a hundred others left it who asked and took it back.
    const [refused] = requestsOn(world, "alice");
    if (refused === undefined) throw new Error("erin's request was forgotten");
    const others = Array.from({ length: 100 }, (_, n) => {
      const account = `${n}`.padStart(64, "0") as JoinRequestRecord["account"];
      return { ...refused, key: `${topic.key} ${account}`, account, atMs: refused.atMs + 1, over: [] };
    });
    world.disk("alice").tables.set("joinRequests", new Map([refused, ...others].map((row) => [row.key, row])));
    await alice.start();
    const last = await madeUp(world);
    const request = requestOf(topic, last);
    leave(world, topic, request);
    const back = signLinkAnswer(topic.key, "taken-back", last.deviceSeed, joinRequestId(topic.key, request));
    leave(world, topic, { kind: "group-link-answer", ...back });
    await world.advance(5_000);
    const lasts = requestsOn(world, "alice").filter(({ account }) => account === last.account);
    expect(lasts).toMatchObject([{ request: "", over: [expect.any(String)] }]);
    leave(world, topic, requestOf(topic, erin));
    await world.advance(5_000);
    expect(requestsOn(world, "alice").filter((row) => row.request !== "")).toEqual([]);
  },
  memory,
);

story(
  "an admin's device that says that more came than a link is for, or withdrew more than are remembered, fills nobody's disk",
  async (world) => {
    const { alice, bob, id } = await linked(world);
    const [link] = rowsOn<GroupLinkRecord>(world.disk("bob"), "groupLinks");
    if (link === undefined) throw new Error("bob was not told of the link");
    await world.run(bob.stop());
    const made = (n: number) => `${n}`.padStart(64, "0") as GroupLinkRecord["key"];
    const others = Array.from({ length: 120 }, (_, n) => ({
      ...link,
      key: made(n),
      withdrawn: true,
      createdAtMs: link.createdAtMs - 120 + n,
    }));
    const joined = Array.from({ length: 100 }, (_, n) => made(n) as string as JoinRequestRecord["account"]);
    const rows = [{ ...link, joined, tell: true }, ...others];
    world.disk("bob").tables.set("groupLinks", new Map(rows.map((row) => [row.key, row])));
    const [before] = rowsOn<GroupLinkRecord>(world.disk("alice"), "groupLinks");
    await world.run(alice.stop());
    world.disk("alice").tables.set("groupLinks", new Map([[link.key, { ...before, budget: 5 }]]));
    await alice.start();
    await bob.start();
    await world.advance(20_000);
    expect(rowsOn<GroupLinkRecord>(world.disk("alice"), "groupLinks").map((row) => row.joined.length)).toEqual([5]);
    must(await world.run(bob.messenger.groups.withdrawGroupInvite(id, link.id)));
    await world.advance(10_000);
    const kept = rowsOn<GroupLinkRecord>(world.disk("bob"), "groupLinks").map(({ key }) => key);
    expect(kept).toHaveLength(100);
    expect(kept).toContain(link.key);
    expect(kept).not.toContain(made(20));
    expect(kept).toContain(made(21));
  },
  memory,
);

story(
  "who was removed and asks again before they read it is not let in by an open link, and is in once an admin says so",
  async (world) => {
    const { alice, bob, id, invite } = await linked(world, "open");
    const dave = await world.person("dave");
    await world.befriend(alice, dave);
    await world.advance(5_000);
    const { account } = profileOn(world, "dave");
    must(await world.run(alice.messenger.groups.changeGroup(id, { kind: "add", people: [account] })));
    await world.advance(10_000);
    expect(groupsOn(world, "dave")).toHaveLength(1);
    await world.run(dave.stop());
    must(await world.run(alice.messenger.groups.changeGroup(id, { kind: "remove", account })));
    await world.advance(10_000);
    await dave.start();
    await world.run(dave.messenger.acceptInvite(invite.link));
    await world.advance(60_000);
    expect(groupOn(world, "alice").group.people).toHaveLength(2);
    expect(requestsOn(world, "bob")).toMatchObject([{ account }]);
    must(await world.run(bob.messenger.groups.answerJoinRequest(id, account, true)));
    await world.advance(20_000);
    expect(groupOn(world, "dave").group).toEqual(groupOn(world, "bob").group);
    expect(rowsOn(world.disk("dave"), "asked")).toEqual([]);
  },
  memory,
);

story(
  "in an open group one of two admins' devices lets in who comes, once, also while the other one is away",
  async (world) => {
    const { alice, invite } = await linked(world, "open");
    const [dave, erin] = [await world.person("dave"), await world.person("erin")];
    await world.run(dave.messenger.acceptInvite(invite.link));
    await world.advance(60_000);
    expect(groupOn(world, "dave").group).toEqual(groupOn(world, "bob").group);
    expect(rowsOn(world.disk("bob"), "changes")).toEqual([]);
    await world.run(alice.stop());
    await world.run(erin.messenger.acceptInvite(invite.link));
    await world.advance(60_000);
    expect(groupOn(world, "erin").group).toEqual(groupOn(world, "bob").group);
  },
  memory,
);

story(
  "an admin's device that counts more than a link is for lets in whom it likes, and no other device does; all see the same people",
  async (world) => {
    const { bob, invite } = await linked(world, "open", 1);
    const [dave, erin] = [await world.person("dave"), await world.person("erin")];
    await world.run(bob.stop());
    const [link] = rowsOn<GroupLinkRecord>(world.disk("bob"), "groupLinks");
    world.disk("bob").tables.set("groupLinks", new Map([[link!.key, { ...link!, budget: 100 }]]));
    await bob.start();
    await world.advance(5_000);
    for (const one of [dave, erin]) await world.run(one.messenger.acceptInvite(invite.link));
    await world.advance(60_000);
    const [hers] = rowsOn<GroupLinkRecord>(world.disk("alice"), "groupLinks");
    expect(hers?.joined).toHaveLength(1);
    expect(groupOn(world, "bob").group).toEqual(groupOn(world, "alice").group);
    const { people } = groupOn(world, "alice").group;
    await world.run(bob.stop());
    const frank = await world.person("frank");
    await world.run(frank.messenger.acceptInvite(invite.link));
    await world.advance(60_000);
    expect(groupOn(world, "alice").group.people).toEqual(people);
    expect(groupsOn(world, "frank")).toEqual([]);
  },
  memory,
);

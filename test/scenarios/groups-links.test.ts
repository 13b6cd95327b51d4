import { expect } from "vitest";
import type { AskedRecord } from "../../core/ports/group-link-records.ts";
import type { MessageRecord } from "../../core/ports/message-record.ts";
import { createGroupOf, groupOn, groupsOn, profileOn } from "../support/groups-by-hand.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { must, rowsOn, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const memory = { storage: "memory" } as const;
const dayMs = 24 * 3_600_000;

/** Alice's group with bob in it, and a link to it. */
async function linked(world: World, choice: { readonly lastsMs?: number; readonly budget?: number } = {}) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  await world.befriend(alice, bob);
  await world.advance(5_000);
  const id = await createGroupOf(world, alice, ["bob"]);
  await world.advance(5_000);
  const wish = { lastsMs: choice.lastsMs ?? dayMs, budget: choice.budget ?? 5 };
  const invite = must(await world.run(alice.messenger.groups.createGroupInvite(id, wish)));
  await world.advance(1_000);
  return { alice, bob, id, invite };
}

async function ask(world: World, device: SimDevice, link: string): Promise<unknown> {
  const asked = await world.run(device.messenger.acceptInvite(link));
  await world.advance(5_000);
  return asked.ok ? "joined" : asked.error;
}

story(
  "a link shows its group to somebody who has no name here yet",
  async (world) => {
    const { invite } = await linked(world);
    const stranger = world.device("stranger");
    await stranger.start();
    const preview = must(await world.run(stranger.messenger.previewInvite(invite.link)));
    expect(preview).toMatchObject({ name: "Alice", group: { name: "Hikers", people: 2, open: false } });
  },
  memory,
);

story(
  "whoever comes by a link sees the group, asks, and is in it once an admin lets them in",
  async (world) => {
    const { alice, id, invite } = await linked(world);
    const dave = await world.person("dave");
    const preview = must(await world.run(dave.messenger.previewInvite(invite.link)));
    expect(preview).toMatchObject({ name: "Alice", group: { name: "Hikers", people: 2, open: false } });
    expect(await ask(world, dave, invite.link)).toBe("asked");
    expect(groupsOn(world, "dave")).toEqual([]);
    const { account } = profileOn(world, "dave");
    must(await world.run(alice.messenger.groups.answerJoinRequest(id, account, true)));
    await world.advance(10_000);
    expect(groupOn(world, "dave").group).toEqual(groupOn(world, "alice").group);
    expect(groupOn(world, "bob").group).toEqual(groupOn(world, "alice").group);
    expect(groupOn(world, "dave").events).toEqual(groupOn(world, "bob").events.slice(1));
    expect(groupOn(world, "dave").events.map(({ body }) => body)).toEqual([
      { kind: "event", event: { kind: "joined", account } },
    ]);
    expect(rowsOn(world.disk("alice"), "joinRequests")).toEqual([]);
    expect(rowsOn(world.disk("dave"), "asked")).toEqual([]);
    expect(rowsOn(world.disk("alice"), "groupLinks")).toMatchObject([{ joined: [account], toLeave: [] }]);
  },
  memory,
);

story(
  "whoever is turned down stays outside, and nobody who did not ask can be let in",
  async (world) => {
    const { alice, id, invite } = await linked(world);
    const dave = await world.person("dave");
    expect(await ask(world, dave, invite.link)).toBe("asked");
    const { account } = profileOn(world, "dave");
    must(await world.run(alice.messenger.groups.answerJoinRequest(id, account, false)));
    expect(await world.run(alice.messenger.groups.answerJoinRequest(id, account, true))).toMatchObject({ ok: false });
    await world.advance(10_000);
    expect(groupsOn(world, "dave")).toEqual([]);
    expect(groupOn(world, "alice").group.people).toHaveLength(2);
  },
  memory,
);

story(
  "a request that was left while the admin was away is there when they are back, and so is the answer",
  async (world) => {
    const { alice, id, invite } = await linked(world);
    const dave = await world.person("dave");
    await world.run(alice.stop());
    expect(await ask(world, dave, invite.link)).toBe("asked");
    await world.run(dave.stop());
    await alice.start();
    await world.advance(10_000);
    must(await world.run(alice.messenger.groups.answerJoinRequest(id, profileOn(world, "dave").account, true)));
    await world.advance(10_000);
    await world.run(alice.stop());
    await dave.start();
    await world.advance(10_000);
    expect(groupOn(world, "dave").group).toEqual(groupOn(world, "alice").group);
  },
  memory,
);

story(
  "nobody comes in by a link that is over or was taken back",
  async (world) => {
    const { alice, id, invite } = await linked(world, { lastsMs: 3_600_000 });
    const dave = await world.person("dave");
    const erin = await world.person("erin");
    expect(await ask(world, dave, invite.link)).toBe("asked");
    must(await world.run(alice.messenger.groups.withdrawGroupInvite(id, invite.id)));
    const { account } = profileOn(world, "dave");
    expect(await world.run(alice.messenger.groups.answerJoinRequest(id, account, true))).toMatchObject({ ok: false });
    const late = must(await world.run(alice.messenger.groups.createGroupInvite(id, { lastsMs: 3_600_000, budget: 5 })));
    await world.advance(3_700_000);
    expect(await ask(world, erin, late.link)).toBe("expired");
    expect(rowsOn(world.disk("alice"), "joinRequests")).toEqual([]);
    expect(groupOn(world, "alice").group.people).toHaveLength(2);
  },
  memory,
);

story(
  "no more persons come in by a link than it is for",
  async (world) => {
    const { alice, id, invite } = await linked(world, { budget: 1 });
    const [dave, erin] = [await world.person("dave"), await world.person("erin")];
    await ask(world, dave, invite.link);
    await ask(world, erin, invite.link);
    // Both at once: the second finds no room when its turn comes.
    const answers = ["dave", "erin"].map((name) =>
      alice.messenger.groups.answerJoinRequest(id, profileOn(world, name).account, true),
    );
    await world.run(Promise.all(answers));
    await world.advance(10_000);
    expect(groupOn(world, "alice").group.people).toHaveLength(3);
    expect(groupsOn(world, "erin")).toEqual([]);
  },
  memory,
);

story(
  "in an open group whoever comes by a link is let in at once",
  async (world) => {
    const alice = await world.person("alice");
    const id = await createGroupOf(world, alice, []);
    const row = groupOn(world, "alice");
    const rules = { writers: "everybody", slowModeS: 0, history: "none", joining: "open" } as const;
    const wanted = { key: "ab".repeat(16), conversation: id, act: { kind: "rules", rules }, place: 1, sinceMs: 0 };
    await world.run(alice.stop());
    world.disk("alice").tables.set("changes", new Map([[wanted.key, wanted]]));
    await alice.start();
    await world.advance(5_000);
    const invite = must(await world.run(alice.messenger.groups.createGroupInvite(id, { lastsMs: dayMs, budget: 5 })));
    const dave = await world.person("dave");
    expect(await ask(world, dave, invite.link)).toBe("asked");
    await world.advance(10_000);
    expect(row.group.people).toHaveLength(1);
    expect(groupOn(world, "dave").group).toEqual(groupOn(world, "alice").group);
  },
  memory,
);

story(
  "a member who is no admin makes no link",
  async (world) => {
    const { bob, id } = await linked(world);
    const made = await world.run(bob.messenger.groups.createGroupInvite(id, { lastsMs: dayMs, budget: 1 }));
    expect(made).toEqual({ ok: false, error: "not-allowed" });
  },
  memory,
);

/** Bob is an admin too, and knows the link. */
async function withTwoAdmins(world: World, choice: { readonly budget?: number } = {}) {
  const made = await linked(world, choice);
  const { account } = profileOn(world, "bob");
  must(await world.run(made.alice.messenger.groups.changeGroup(made.id, { kind: "role", account, role: "admin" })));
  await world.advance(10_000);
  return made;
}

story(
  "who was made an admin is told of the links, and lets in whoever comes while their maker is away",
  async (world) => {
    const { alice, bob, id, invite } = await withTwoAdmins(world);
    await world.run(alice.stop());
    const dave = await world.person("dave");
    expect(await ask(world, dave, invite.link)).toBe("asked");
    const { account } = profileOn(world, "dave");
    expect(rowsOn(world.disk("bob"), "joinRequests")).toMatchObject([{ account }]);
    must(await world.run(bob.messenger.groups.answerJoinRequest(id, account, true)));
    await world.advance(10_000);
    expect(groupOn(world, "dave").group).toEqual(groupOn(world, "bob").group);
    await alice.start();
    await world.advance(10_000);
    expect(groupOn(world, "alice").group).toEqual(groupOn(world, "bob").group);
    expect(rowsOn(world.disk("alice"), "groupLinks")).toMatchObject([{ joined: [account] }]);
    expect(rowsOn(world.disk("alice"), "joinRequests")).toEqual([]);
  },
  memory,
);

story(
  "two admins who let the same person in at once make one member, and neither sees an error",
  async (world) => {
    const { alice, bob, id, invite } = await withTwoAdmins(world);
    const dave = await world.person("dave");
    expect(await ask(world, dave, invite.link)).toBe("asked");
    const { account } = profileOn(world, "dave");
    const answers = [alice, bob].map((one) => one.messenger.groups.answerJoinRequest(id, account, true));
    expect(await world.run(Promise.all(answers))).toMatchObject([{ ok: true }, { ok: true }]);
    await world.advance(20_000);
    expect(groupOn(world, "dave").group).toEqual(groupOn(world, "bob").group);
    expect(groupOn(world, "alice").group.people).toHaveLength(3);
    for (const name of ["alice", "bob"]) {
      expect(rowsOn<MessageRecord>(world.disk(name), "messages").map(({ body }) => body.kind)).not.toContain(
        "change-ended",
      );
      expect(rowsOn(world.disk(name), "changes")).toEqual([]);
    }
  },
  memory,
);

story(
  "a refusal by one admin is told to the other and to who asked",
  async (world) => {
    const { bob, id, invite } = await withTwoAdmins(world);
    const dave = await world.person("dave");
    expect(await ask(world, dave, invite.link)).toBe("asked");
    const { account } = profileOn(world, "dave");
    must(await world.run(bob.messenger.groups.answerJoinRequest(id, account, false)));
    await world.advance(10_000);
    expect(rowsOn(world.disk("alice"), "joinRequests")).toMatchObject([{ account, request: "" }]);
    expect(rowsOn(world.disk("dave"), "asked")).toMatchObject([{ state: "refused" }]);
  },
  memory,
);

story(
  "of a link for one person whom two admins give to two at once, one gets in",
  async (world) => {
    const { alice, bob, id, invite } = await withTwoAdmins(world, { budget: 1 });
    const [dave, erin] = [await world.person("dave"), await world.person("erin")];
    await ask(world, dave, invite.link);
    await ask(world, erin, invite.link);
    const let1 = alice.messenger.groups.answerJoinRequest(id, profileOn(world, "dave").account, true);
    const let2 = bob.messenger.groups.answerJoinRequest(id, profileOn(world, "erin").account, true);
    await world.run(Promise.all([let1, let2]));
    await world.advance(20_000);
    expect(groupOn(world, "alice").group.people).toHaveLength(3);
    expect(groupOn(world, "bob").group).toEqual(groupOn(world, "alice").group);
  },
  memory,
);

story(
  "an admin who is made a member again forgets links and requests, and lets nobody in",
  async (world) => {
    const { alice, bob, id, invite } = await withTwoAdmins(world);
    const dave = await world.person("dave");
    expect(await ask(world, dave, invite.link)).toBe("asked");
    const { account } = profileOn(world, "bob");
    must(await world.run(alice.messenger.groups.changeGroup(id, { kind: "role", account, role: "member" })));
    await world.advance(10_000);
    expect(rowsOn(world.disk("bob"), "groupLinks")).toEqual([]);
    expect(rowsOn(world.disk("bob"), "joinRequests")).toEqual([]);
    const answer = bob.messenger.groups.answerJoinRequest(id, profileOn(world, "dave").account, true);
    expect(await world.run(answer)).toMatchObject({ ok: false });
  },
  memory,
);

story(
  "a link that was withdrawn says so to who comes with it, and to who waits; no admin's device answers it",
  async (world) => {
    const { alice, id, invite } = await withTwoAdmins(world);
    const [dave, erin] = [await world.person("dave"), await world.person("erin")];
    expect(await ask(world, dave, invite.link)).toBe("asked");
    must(await world.run(alice.messenger.groups.withdrawGroupInvite(id, invite.id)));
    await world.advance(10_000);
    expect(rowsOn(world.disk("dave"), "asked")).toMatchObject([{ state: "withdrawn" }]);
    expect(await ask(world, erin, invite.link)).toBe("withdrawn");
    expect(rowsOn(world.disk("bob"), "groupLinks")).toMatchObject([{ withdrawn: true }]);
    expect(rowsOn(world.disk("bob"), "joinRequests")).toEqual([]);
  },
  memory,
);

story(
  "who does not want to wait any more is not asked for, and the same request left once more changes nothing",
  async (world) => {
    const { invite } = await withTwoAdmins(world);
    const dave = await world.person("dave");
    expect(await ask(world, dave, invite.link)).toBe("asked");
    const [asked] = rowsOn<AskedRecord>(world.disk("dave"), "asked");
    must(await world.run(dave.messenger.groups.cancelAsked(asked?.key ?? "")));
    await world.advance(10_000);
    expect(await world.see(dave.messenger.groups.asked)).toEqual([]);
    for (const name of ["alice", "bob"]) {
      expect(rowsOn(world.disk(name), "joinRequests")).toMatchObject([{ request: "" }]);
    }
    for (const device of world.devices.values()) await world.run(device.stop());
    await world.advance(8 * dayMs);
    await dave.start();
    await world.advance(1_000);
    expect(rowsOn(world.disk("dave"), "asked")).toEqual([]);
  },
  memory,
);

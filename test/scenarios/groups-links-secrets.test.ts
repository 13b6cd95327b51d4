// The topic of a link belongs to what it was made for, whoever tells of a link with the same secret, and whoever opens it (§13.9).
import { expect } from "vitest";
import type { AskedRecord, GroupLinkRecord, JoinRequestRecord } from "../../core/ports/group-link-records.ts";
import type { ContactRecord, InviteRecord } from "../../core/ports/people-records.ts";
import { deriveTopic, inviteTopicSecret } from "../../core/wire/topic.ts";
import { createGroupOf, groupOn, profileOn } from "../support/groups-by-hand.ts";
import { must, rowsOn, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const memory = { storage: "memory" } as const;
const dayMs = 24 * 3_600_000;

/** Alice's group with bob, an admin as well; he has said a link to it. */
async function twoAdmins(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = await world.person("carol");
  await world.befriend(alice, bob);
  await world.advance(5_000);
  const id = await createGroupOf(world, alice, ["bob"]);
  await world.advance(5_000);
  const { account } = profileOn(world, "bob");
  must(await world.run(alice.messenger.groups.changeGroup(id, { kind: "role", account, role: "admin" })));
  await world.advance(10_000);
  const link = must(await world.run(bob.messenger.groups.createGroupInvite(id, { lastsMs: dayMs, budget: 5 })));
  await world.advance(5_000);
  return { alice, bob, carol, id, link };
}

/** What bob's device tells the others anew: his link, with another secret in it. */
async function toldWith(world: World, secret: Uint8Array, withdrawn: boolean): Promise<void> {
  const [link] = rowsOn<GroupLinkRecord>(world.disk("bob"), "groupLinks");
  if (link === undefined) throw new Error("bob has no link");
  const key = deriveTopic(inviteTopicSecret(secret)).topic;
  world
    .disk("bob")
    .tables.set("groupLinks", new Map([[key, { ...link, key, secret, withdrawn, tell: true, toLeave: [] }]]));
}

for (const withdrawn of [false, true]) {
  story(
    `an admin who tells of a ${withdrawn ? "withdrawn " : ""}link with the secret of another admin's own invite takes nobody from them`,
    async (world) => {
      const { alice, bob, carol } = await twoAdmins(world);
      const invite = must(await world.run(alice.messenger.createInvite()));
      await world.advance(5_000);
      const row = rowsOn<InviteRecord>(world.disk("alice"), "invites").find((one) => one.link === invite.link);
      await world.run(bob.stop());
      await toldWith(world, row!.secret, withdrawn);
      await bob.start();
      await world.advance(20_000);
      expect(rowsOn<GroupLinkRecord>(world.disk("alice"), "groupLinks")).toHaveLength(1);
      must(await world.run(carol.messenger.acceptInvite(invite.link)));
      await world.advance(20_000);
      const names = rowsOn<ContactRecord>(world.disk("alice"), "contacts").map(({ name }) => name);
      expect(names).toContain("Carol");
    },
    memory,
  );
}

story(
  "whoever opens a link to a group that they are in is led there, asks nobody, and goes on answering others",
  async (world) => {
    const { alice, bob, carol, id, link } = await twoAdmins(world);
    await world.befriend(alice, carol);
    await world.advance(5_000);
    const { account } = profileOn(world, "carol");
    must(await world.run(alice.messenger.groups.changeGroup(id, { kind: "add", people: [account] })));
    await world.advance(20_000);
    for (const one of [alice, carol]) expect(must(await world.run(one.messenger.acceptInvite(link.link)))).toBe(id);
    await world.advance(5_000);
    for (const name of ["alice", "carol"]) expect(rowsOn<AskedRecord>(world.disk(name), "asked")).toEqual([]);
    await world.run(bob.stop());
    const dave = await world.person("dave");
    await world.run(dave.messenger.acceptInvite(link.link));
    await world.advance(10_000);
    expect(rowsOn<JoinRequestRecord>(world.disk("alice"), "joinRequests")).toHaveLength(1);
  },
  memory,
);

story(
  "who asked by a link, was added by a contact meanwhile and is an admin now answers others by that link, and waits no more",
  async (world) => {
    const { alice, bob, carol, id, link } = await twoAdmins(world);
    await world.befriend(alice, carol);
    await world.advance(5_000);
    const { account } = profileOn(world, "carol");
    await world.run(carol.messenger.acceptInvite(link.link));
    await world.advance(5_000);
    must(await world.run(alice.messenger.groups.changeGroup(id, { kind: "add", people: [account] })));
    await world.advance(20_000);
    must(await world.run(alice.messenger.groups.changeGroup(id, { kind: "role", account, role: "admin" })));
    await world.advance(20_000);
    expect(groupOn(world, "carol").group.people).toHaveLength(3);
    expect(rowsOn<AskedRecord>(world.disk("carol"), "asked")).toEqual([]);
    for (const one of [alice, bob]) await world.run(one.stop());
    const dave = await world.person("dave");
    await world.run(dave.messenger.acceptInvite(link.link));
    await world.advance(10_000);
    expect(rowsOn<JoinRequestRecord>(world.disk("carol"), "joinRequests")).toHaveLength(1);
  },
  memory,
);

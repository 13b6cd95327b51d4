// Two who decide about the same request to join a group at the same time (PROTOCOL.md §13.9): it ends alike for everybody.
import { expect } from "vitest";
import type { AccountId, ConversationId } from "../../core/lang/brand.ts";
import type { AskedRecord, GroupLinkRecord } from "../../core/ports/group-link-records.ts";
import type { MessageRecord } from "../../core/ports/message-record.ts";
import { createGroupOf, groupOn, profileOn } from "../support/groups-by-hand.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { homeNode, must, rowsOn, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const memory = { storage: "memory" } as const;
const dayMs = 24 * 3_600_000;

interface Asked {
  readonly alice: SimDevice;
  readonly bob: SimDevice;
  readonly dave: SimDevice;
  readonly id: ConversationId;
  readonly link: string;
  readonly account: AccountId;
}

/** Alice and bob are owner and admin of a group, and dave asks to be let in. */
async function asked(world: World): Promise<Asked> {
  const [alice, bob, dave] = [await world.person("alice"), await world.person("bob"), await world.person("dave")];
  await world.befriend(alice, bob);
  await world.advance(5_000);
  const id = await createGroupOf(world, alice, ["bob"]);
  await world.advance(5_000);
  const admin = { kind: "role", account: profileOn(world, "bob").account, role: "admin" } as const;
  must(await world.run(alice.messenger.groups.changeGroup(id, admin)));
  await world.advance(10_000);
  const choice = { lastsMs: dayMs, budget: 5 };
  const { link } = must(await world.run(alice.messenger.groups.createGroupInvite(id, choice)));
  await world.advance(5_000);
  await world.run(dave.messenger.acceptInvite(link));
  await world.advance(5_000);
  return { alice, bob, dave, id, link, account: profileOn(world, "dave").account };
}

function askedId(world: World): string {
  const [one] = rowsOn<AskedRecord>(world.disk("dave"), "asked");
  if (one === undefined) throw new Error("dave did not ask");
  return one.key;
}

/** Of what the timeline says of the group, the newest. */
const newestOn = (world: World, name: string) => groupOn(world, name).events.at(-1)?.body;

story(
  "where one admin lets in and the other refuses in the same moment, all see the person come, and nobody is left asking",
  async (world) => {
    const { alice, bob, dave, id, account } = await asked(world);
    const answers = [
      alice.messenger.groups.answerJoinRequest(id, account, true),
      bob.messenger.groups.answerJoinRequest(id, account, false),
    ];
    expect(await world.run(Promise.all(answers))).toMatchObject([{ ok: true }, { ok: true }]);
    await world.advance(30_000);
    for (const name of ["alice", "bob", "dave"]) {
      expect(groupOn(world, name).group).toEqual(groupOn(world, "alice").group);
      expect(newestOn(world, name)).toEqual({ kind: "event", event: { kind: "joined", account } });
      expect(rowsOn(world.disk(name), "joinRequests")).toEqual([]);
      expect(rowsOn(world.disk(name), "changes")).toEqual([]);
    }
    expect(groupOn(world, "alice").group.people).toHaveLength(3);
    expect(await world.see(dave.messenger.groups.asked)).toEqual([]);
  },
  memory,
);

story(
  "where an admin who was away had let in whom another one refused meanwhile, it ends the same for all",
  async (world) => {
    const { alice, bob, dave, id, account } = await asked(world);
    world.split([["alice"], ["bob", "dave", homeNode]]);
    await world.advance(1_000);
    must(await world.run(alice.messenger.groups.answerJoinRequest(id, account, true)));
    must(await world.run(bob.messenger.groups.answerJoinRequest(id, account, false)));
    await world.advance(10_000);
    expect(rowsOn(world.disk("dave"), "asked")).toMatchObject([{ state: "refused" }]);
    world.split([]);
    await world.advance(60_000);
    // Alice's commit was made before she heard of the refusal.
    for (const name of ["alice", "bob", "dave"]) {
      expect(groupOn(world, name).group).toEqual(groupOn(world, "alice").group);
      expect(newestOn(world, name)).toEqual({ kind: "event", event: { kind: "joined", account } });
      expect(rowsOn(world.disk(name), "joinRequests")).toEqual([]);
    }
    expect(await world.see(dave.messenger.groups.asked)).toEqual([]);
  },
  memory,
);

story(
  "an admin whose yes comes behind another one's no is told so in words, and everybody stays as they were",
  async (world) => {
    const { alice, bob, dave, id, account } = await asked(world);
    world.split([["alice"], ["bob", "dave", homeNode]]);
    await world.advance(1_000);
    // It goes first, so that no commit for dave is made before the refusal is read.
    must(await world.run(alice.messenger.groups.changeGroup(id, { kind: "rename", name: "Walkers" })));
    must(await world.run(alice.messenger.groups.answerJoinRequest(id, account, true)));
    must(await world.run(bob.messenger.groups.answerJoinRequest(id, account, false)));
    await world.advance(10_000);
    world.split([]);
    await world.advance(60_000);
    for (const name of ["alice", "bob"]) {
      expect(groupOn(world, name).group).toEqual(groupOn(world, "alice").group);
      expect(groupOn(world, name).group).toMatchObject({ facts: { name: "Walkers" }, people: [{}, {}] });
      expect(rowsOn(world.disk(name), "changes")).toEqual([]);
    }
    const ended = rowsOn<MessageRecord>(world.disk("alice"), "messages").filter(
      ({ body }) => body.kind === "change-ended",
    );
    const act = { kind: "let-in", account, name: "Dave" };
    expect(ended.map(({ body }) => body)).toEqual([{ kind: "change-ended", act, why: "gone", by: undefined }]);
    expect(await world.see(dave.messenger.groups.asked)).toMatchObject([{ state: "refused" }]);
  },
  memory,
);

story(
  "who takes their request back while they are let in is not left in the group without knowing: they come, and leave",
  async (world) => {
    const { alice, bob, dave, id, account } = await asked(world);
    world.split([["dave"], ["alice", "bob", homeNode]]);
    await world.advance(1_000);
    must(await world.run(alice.messenger.groups.answerJoinRequest(id, account, true)));
    await world.advance(10_000);
    expect(groupOn(world, "bob").group.people).toHaveLength(3);
    must(await world.run(dave.messenger.groups.cancelAsked(askedId(world))));
    expect(await world.see(dave.messenger.groups.asked)).toEqual([]);
    world.split([]);
    await world.advance(120_000);
    for (const name of ["alice", "bob"]) {
      expect(groupOn(world, name).group.people.map((one) => one.account)).not.toContain(account);
      expect(newestOn(world, name)).toEqual({ kind: "event", event: { kind: "left", account } });
    }
    expect(groupOn(world, "dave").group.standing).toMatchObject({ kind: "left" });
    expect(rowsOn(world.disk("dave"), "asked")).toEqual([]);
    expect(rowsOn<GroupLinkRecord>(world.disk("alice"), "groupLinks")).toMatchObject([{ toLeave: [] }]);
    await world.run(bob.stop());
  },
  memory,
);

story(
  "who takes their request back and asks anew while they are let in is in the group once",
  async (world) => {
    const { alice, dave, id, link, account } = await asked(world);
    world.split([["alice"], ["bob", "dave", homeNode]]);
    await world.advance(1_000);
    must(await world.run(alice.messenger.groups.answerJoinRequest(id, account, true)));
    must(await world.run(dave.messenger.groups.cancelAsked(askedId(world))));
    await world.advance(2_000);
    await world.run(dave.messenger.acceptInvite(link));
    expect(rowsOn<AskedRecord>(world.disk("dave"), "asked")).toMatchObject([{ state: "waiting", earlier: [{}] }]);
    world.split([]);
    await world.advance(60_000);
    const requests = rowsOn<{ readonly request: string }>(world.disk("alice"), "joinRequests");
    if (requests.some(({ request }) => request !== "")) {
      must(await world.run(alice.messenger.groups.answerJoinRequest(id, account, true)));
      await world.advance(20_000);
    }
    expect(groupOn(world, "dave").group).toEqual(groupOn(world, "alice").group);
    expect(groupOn(world, "alice").group.people).toHaveLength(3);
  },
  memory,
);

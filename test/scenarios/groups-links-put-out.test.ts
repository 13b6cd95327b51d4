// Whom a group put out, and links of it (PROTOCOL.md §13.9): somebody has to let them in again.
import { expect } from "vitest";
import type { AccountId, ConversationId } from "../../core/lang/brand.ts";
import type { GroupLinkRecord } from "../../core/ports/group-link-records.ts";
import { createGroupOf, groupOn, groupsOn, profileOn } from "../support/groups-by-hand.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { must, rowsOn, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const memory = { storage: "memory" } as const;
const dayMs = 24 * 3_600_000;

type Wish = Parameters<SimDevice["messenger"]["groups"]["changeGroup"]>[1];

async function change(world: World, by: SimDevice, id: ConversationId, wish: Wish): Promise<void> {
  must(await world.run(by.messenger.groups.changeGroup(id, wish)));
  await world.advance(20_000);
}

/** Alice put dave out of her open group, to which there is a link; bob is a contact of hers. */
async function putOut(world: World) {
  const [alice, bob, dave] = [await world.person("alice"), await world.person("bob"), await world.person("dave")];
  await world.befriend(alice, bob);
  await world.befriend(alice, dave);
  await world.advance(5_000);
  const id = await createGroupOf(world, alice, ["dave"]);
  await world.advance(10_000);
  const rules = { writers: "everybody", slowModeS: 0, history: "none", joining: "open" } as const;
  await change(world, alice, id, { kind: "rules", rules });
  const choice = { lastsMs: dayMs, budget: 100 };
  const invite = must(await world.run(alice.messenger.groups.createGroupInvite(id, choice)));
  const { account } = profileOn(world, "dave");
  await change(world, alice, id, { kind: "remove", account });
  expect(groupOn(world, "alice").group.people).toHaveLength(1);
  return { alice, bob, dave, id, invite, account };
}

const isIn = (world: World, name: string, account: AccountId) =>
  groupOn(world, name).group.people.some((one) => one.account === account);

story(
  "who was put out does not come in by an open link, however much was said since",
  async (world) => {
    const { alice, dave, id, invite, account } = await putOut(world);
    for (let n = 0; n < 201; n++) must(await world.run(alice.messenger.sendText(id, `${n}`)));
    await world.advance(10_000);
    await world.run(dave.messenger.acceptInvite(invite.link));
    await world.advance(60_000);
    expect(isIn(world, "alice", account)).toBe(false);
    expect(rowsOn(world.disk("alice"), "joinRequests")).toMatchObject([{ account }]);
  },
  memory,
);

story(
  "nor through an admin who came later, who knows it from the card",
  async (world) => {
    const { alice, dave, id, invite, account } = await putOut(world);
    const { account: bob } = profileOn(world, "bob");
    await change(world, alice, id, { kind: "add", people: [bob] });
    await change(world, alice, id, { kind: "role", account: bob, role: "admin" });
    expect(rowsOn<GroupLinkRecord>(world.disk("bob"), "groupLinks")).toHaveLength(1);
    expect(groupOn(world, "bob").group).toEqual(groupOn(world, "alice").group);
    await world.run(alice.stop());
    await world.run(dave.messenger.acceptInvite(invite.link));
    await world.advance(120_000);
    expect(isIn(world, "bob", account)).toBe(false);
    expect(rowsOn(world.disk("bob"), "joinRequests")).toMatchObject([{ account }]);
  },
  memory,
);

story(
  "who was let in again and left by themselves comes back by an open link as everybody does",
  async (world) => {
    const { alice, dave, id, invite, account } = await putOut(world);
    await change(world, alice, id, { kind: "add", people: [account] });
    expect(groupOn(world, "alice").group.putOut).toBeUndefined();
    must(await world.run(dave.messenger.groups.leaveGroup(id)));
    await world.advance(30_000);
    expect(isIn(world, "alice", account)).toBe(false);
    await world.run(dave.messenger.acceptInvite(invite.link));
    await world.advance(60_000);
    expect(groupsOn(world, "dave").map(({ group }) => group.standing)).toEqual([{ kind: "member" }]);
    expect(groupOn(world, "dave").group).toEqual(groupOn(world, "alice").group);
  },
  memory,
);

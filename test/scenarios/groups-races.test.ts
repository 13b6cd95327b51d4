// Acts of several people that meet: whichever is first in the group's topic, all devices end with the same group, and the
// other's person is told (PROTOCOL.md §13.3).
import { expect } from "vitest";
import { viewGroup } from "../../core/group/state.ts";
import type { AccountId, ConversationId } from "../../core/lang/brand.ts";
import type { SimDevice } from "../support/sim-device.ts";
import {
  accountOf,
  endsAt,
  groupAt,
  keysOf,
  standGroup,
  storyAt,
  topicAt,
  waitingAt,
  want,
  wordsAt,
} from "../support/sim-group.ts";
import { must, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const memory = { storage: "memory" } as const;

async function people<Name extends string>(world: World, ...names: readonly Name[]): Promise<Record<Name, SimDevice>> {
  const made: Record<string, SimDevice> = {};
  for (const name of names) made[name] = await world.person(name);
  return made as Record<Name, SimDevice>;
}

/** The same members, facts, keys, topic and story everywhere, and nothing waits any more. */
async function expectAlike(world: World, devices: readonly SimDevice[], id: ConversationId): Promise<void> {
  const [first] = devices;
  for (const one of devices) {
    expect(groupAt(world, one, id).facts, one.name).toEqual(groupAt(world, first!, id).facts);
    expect(keysOf(world, one, id)?.epochSecrets[0], one.name).toEqual(keysOf(world, first!, id)?.epochSecrets[0]);
    expect(topicAt(world, one, id)?.key, one.name).toBe(topicAt(world, first!, id)?.key);
    expect(storyAt(world, one, id).at(-1), one.name).toEqual(storyAt(world, first!, id).at(-1));
    expect(waitingAt(world, one, id), one.name).toEqual([]);
    const { members } = await viewGroup(keysOf(world, one, id)!.state);
    expect(members.map(({ credential }) => credential.account).sort(), one.name).toEqual(
      devices.map((device) => accountOf(world, device)).sort(),
    );
  }
}

function expectOutside(world: World, device: SimDevice, id: ConversationId, by: AccountId): void {
  expect(groupAt(world, device, id).standing, device.name).toMatchObject({ kind: "removed", by });
  expect(keysOf(world, device, id), device.name).toBeUndefined();
  expect(topicAt(world, device, id), device.name).toBeUndefined();
}

/** The first one's act is ordered before the second one starts; both were wanted in the same state. */
async function oneAfterOther(world: World, first: SimDevice, second: SimDevice): Promise<void> {
  await first.start();
  await world.advance(10_000);
  await second.start();
  await world.advance(30_000);
}

story(
  "two admins who each remove whom the other took in: both are gone, and can neither read nor write with the rest",
  async (world) => {
    const { alice, bob, carol, dave, erin } = await people(world, "alice", "bob", "carol", "dave", "erin");
    const id = await standGroup(world, [alice, bob, carol, dave, erin], [bob, carol]);
    for (const one of [bob, carol]) await world.run(one.stop());
    want(world, bob, id, { kind: "remove", account: accountOf(world, erin) });
    want(world, carol, id, { kind: "remove", account: accountOf(world, dave) });
    await Promise.all([bob.start(), carol.start()]);
    await world.advance(30_000);
    await expectAlike(world, [alice, bob, carol], id);
    expect(groupAt(world, alice, id).facts.rotation).toBe(2);
    expectOutside(world, erin, id, accountOf(world, bob));
    expectOutside(world, dave, id, accountOf(world, carol));
    for (const one of [bob, carol]) expect(endsAt(world, one, id)).toEqual([]);
    must(await world.run(alice.messenger.sendText(id, "the three of us")));
    await world.advance(20_000);
    for (const one of [bob, carol]) expect(wordsAt(world, one, id)).toEqual(["the three of us"]);
    for (const one of [dave, erin]) expect(wordsAt(world, one, id)).toEqual([]);
  },
  memory,
);

for (const order of ["addition", "removal"] as const) {
  story(
    `one adds somebody and another removes somebody else, the ${order} first: one is in, the other is out, for all`,
    async (world) => {
      const { alice, bob, carol, dave } = await people(world, "alice", "bob", "carol", "dave");
      await world.befriend(bob, dave);
      await world.advance(10_000);
      const id = await standGroup(world, [alice, bob, carol], [bob]);
      for (const one of [alice, bob]) await world.run(one.stop());
      want(world, alice, id, { kind: "remove", account: accountOf(world, carol) });
      want(world, bob, id, { kind: "add", people: [accountOf(world, dave)] });
      await (order === "addition" ? oneAfterOther(world, bob, alice) : oneAfterOther(world, alice, bob));
      await expectAlike(world, [alice, bob, dave], id);
      expectOutside(world, carol, id, accountOf(world, alice));
      must(await world.run(dave.messenger.sendText(id, "hello")));
      await world.advance(20_000);
      for (const one of [alice, bob]) expect(wordsAt(world, one, id)).toEqual(["hello"]);
      expect(wordsAt(world, carol, id)).toEqual([]);
    },
    memory,
  );

  story(
    `one adds whom another removes at once, the ${order} wanted first: nobody is in the group for some only`,
    async (world) => {
      const { alice, bob, carol, dave } = await people(world, "alice", "bob", "carol", "dave");
      await world.befriend(bob, dave);
      await world.advance(10_000);
      const id = await standGroup(world, [alice, bob, carol], [bob]);
      for (const one of [alice, bob]) await world.run(one.stop());
      want(world, alice, id, { kind: "remove", account: accountOf(world, dave) });
      want(world, bob, id, { kind: "add", people: [accountOf(world, dave)] });
      const isAdded = order === "addition";
      await (isAdded ? oneAfterOther(world, bob, alice) : oneAfterOther(world, alice, bob));
      await expectAlike(world, isAdded ? [alice, bob, carol] : [alice, bob, carol, dave], id);
      if (isAdded) expectOutside(world, dave, id, accountOf(world, alice));
      else expect(endsAt(world, alice, id)).toMatchObject([{ why: "moot" }]);
    },
    memory,
  );
}

story(
  "who is removed before they read that they were added has neither keys nor topic once they are back, and is told by whom",
  async (world) => {
    const { alice, bob, carol, dave } = await people(world, "alice", "bob", "carol", "dave");
    await world.befriend(bob, dave);
    await world.advance(10_000);
    const id = await standGroup(world, [alice, bob, carol], [bob]);
    for (const one of [alice, bob, dave]) await world.run(one.stop());
    want(world, alice, id, { kind: "remove", account: accountOf(world, dave) });
    want(world, bob, id, { kind: "add", people: [accountOf(world, dave)] });
    await oneAfterOther(world, bob, alice);
    must(await world.run(carol.messenger.sendText(id, "without Dave")));
    await world.advance(20_000);
    await dave.start();
    await world.advance(30_000);
    expectOutside(world, dave, id, accountOf(world, alice));
    expect(wordsAt(world, dave, id)).toEqual([]);
    await expectAlike(world, [alice, bob, carol], id);
  },
  memory,
);

story(
  "an owner hands over to whom an admin removes: the hand-over first, the next owner stays",
  async (world) => {
    const { alice, bob, carol } = await people(world, "alice", "bob", "carol");
    const id = await standGroup(world, [alice, bob, carol], [bob]);
    for (const one of [alice, bob]) await world.run(one.stop());
    want(world, alice, id, { kind: "hand-over", account: accountOf(world, carol) });
    want(world, bob, id, { kind: "remove", account: accountOf(world, carol) });
    await oneAfterOther(world, alice, bob);
    await expectAlike(world, [alice, bob, carol], id);
    expect(groupAt(world, bob, id).facts.roles).toContainEqual({ account: accountOf(world, carol), role: "owner" });
    expect(endsAt(world, bob, id)).toMatchObject([{ why: "not-allowed", by: accountOf(world, alice) }]);
  },
  memory,
);

story(
  "an owner hands over to whom an admin removes: the removal first, the owner stays the owner and is told why",
  async (world) => {
    const { alice, bob, carol } = await people(world, "alice", "bob", "carol");
    const id = await standGroup(world, [alice, bob, carol], [bob]);
    for (const one of [alice, bob]) await world.run(one.stop());
    want(world, alice, id, { kind: "hand-over", account: accountOf(world, carol) });
    want(world, bob, id, { kind: "remove", account: accountOf(world, carol) });
    await oneAfterOther(world, bob, alice);
    await expectAlike(world, [alice, bob], id);
    expect(groupAt(world, bob, id).facts.roles).toContainEqual({ account: accountOf(world, alice), role: "owner" });
    expect(endsAt(world, alice, id)).toMatchObject([{ why: "gone", by: accountOf(world, bob) }]);
    expectOutside(world, carol, id, accountOf(world, bob));
  },
  memory,
);

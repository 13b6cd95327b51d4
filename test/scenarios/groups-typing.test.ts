// Who types in a group is shown by name while they do, to members alone, and costs one signal (PROTOCOL.md §9).
import { expect } from "vitest";
import type { ConversationId } from "../../core/index.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { accountOf, standGroup, topicAt } from "../support/sim-group.ts";
import { must, type World } from "../support/sim-world.ts";
import { story, threePeople, viewOf, wiretap } from "../support/story.ts";

const memory = { storage: "memory" } as const;

async function three(world: World) {
  const people = await threePeople(world);
  return { ...people, id: await standGroup(world, people.all) };
}

async function typingAt(world: World, device: SimDevice, id: ConversationId) {
  const { group, typing } = await viewOf(world, device, id);
  expect(typing).toBe(group!.typing.length > 0);
  return group!.typing;
}

story(
  "shows strangers in a group who types, in the order in which they began, until they stop or a moment has passed",
  async (world) => {
    const { alice, bob, carol, id } = await three(world);
    bob.messenger.setTyping(id, true);
    await world.advance(500);
    carol.messenger.setTyping(id, true);
    await world.advance(500);
    expect(await typingAt(world, alice, id)).toEqual([accountOf(world, bob), accountOf(world, carol)]);
    expect(await typingAt(world, bob, id)).toEqual([accountOf(world, carol)]);
    bob.messenger.setTyping(id, false);
    await world.advance(500);
    expect(await typingAt(world, alice, id)).toEqual([accountOf(world, carol)]);
    await world.advance(6_000);
    expect(await typingAt(world, alice, id)).toEqual([]);
  },
  memory,
);

story(
  "costs one signal in some seconds however often it is said, and none to say that it is over what never began",
  async (world) => {
    const { bob, id } = await three(world);
    const leaving = wiretap(world);
    const topic = topicAt(world, bob, id)!.key;
    const signals = () => leaving.filter((one) => one.by === "signal" && one.topic === topic).length;
    bob.messenger.setTyping(id, false);
    await world.advance(100);
    expect(signals()).toBe(0);
    for (let n = 0; n < 20; n++) {
      bob.messenger.setTyping(id, true);
      await world.advance(100);
    }
    expect(signals()).toBe(1);
    await world.advance(2_000);
    bob.messenger.setTyping(id, true);
    await world.advance(100);
    expect(signals()).toBe(2);
    bob.messenger.setTyping(id, false);
    bob.messenger.setTyping(id, false);
    await world.advance(100);
    expect(signals()).toBe(3);
  },
  memory,
);

story(
  "does not show whom one has blocked, nor who is no member any more",
  async (world) => {
    const { alice, bob, carol, id } = await three(world);
    must(await world.run(alice.messenger.groups.setBlocked(accountOf(world, bob), true)));
    must(await world.run(alice.messenger.groups.changeGroup(id, { kind: "remove", account: accountOf(world, carol) })));
    await world.advance(5_000);
    bob.messenger.setTyping(id, true);
    carol.messenger.setTyping(id, true);
    await world.advance(500);
    expect(await typingAt(world, alice, id)).toEqual([]);
    expect((await viewOf(world, carol, id)).group!.typing).toEqual([]);
  },
  memory,
);

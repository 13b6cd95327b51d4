// Slow mode where texts of one person come in different orders: all show the same in the end (PROTOCOL.md §13.10).
import { expect } from "vitest";
import type { ConversationId } from "../../core/index.ts";
import { sayByHand } from "../support/history-by-hand.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { conversationAt, standGroup, timelineAt, wordsAt } from "../support/sim-group.ts";
import { furtherDevice } from "../support/sim-own-devices.ts";
import { farNode, homeNode, must, type World } from "../support/sim-world.ts";
import { story, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;

/** Alice is the owner of a group in slow mode; Carol has two devices. Kept at two nodes. */
async function slowGroup(world: World) {
  world.addNode(farNode);
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = await world.person("carol");
  const id = await standGroup(world, [alice, bob, carol]);
  const phone = await furtherDevice(world, carol, "carol-phone", id);
  await world.advance(60_000);
  const rules = { writers: "everybody", slowModeS: 60, history: "none", joining: "approval" } as const;
  must(await world.run(alice.messenger.groups.changeGroup(id, { kind: "rules", rules })));
  await world.advance(30_000);
  return { alice, bob, carol, phone, id };
}

const say = async (world: World, device: SimDevice, id: ConversationId, text: string) =>
  must(await world.run(device.messenger.sendText(id, text)));
const shownTo = async (world: World, who: SimDevice, id: ConversationId) =>
  (await world.see(who.messenger.timeline(id, 20))).messages.flatMap(({ body }) => ("text" in body ? [body] : []));

story(
  "two devices of one person write too soon after one another: whoever had the second text first takes it back, and its author is told",
  async (world) => {
    const { alice, bob, carol, phone, id } = await slowGroup(world);
    world.split([
      [homeNode, alice.name, carol.name],
      [farNode, bob.name, phone.name],
    ]);
    await say(world, phone, id, "from the phone");
    await world.advance(10_000);
    await say(world, carol, id, "from the desk");
    await world.advance(20_000);
    expect(wordsAt(world, alice, id)).toEqual(["from the desk"]);
    expect(wordsAt(world, bob, id)).toEqual(["from the phone"]);
    expect((await viewOf(world, alice, id)).unread).toBe(1);
    world.split([]);
    await world.advance(120_000);
    for (const one of [alice, bob]) {
      expect(wordsAt(world, one, id), one.name).toEqual(["from the phone"]);
      expect(await shownTo(world, one, id), one.name).toEqual([{ kind: "text", text: "from the phone" }]);
      expect(conversationAt(world, one, id).unread, one.name).toBe(1);
      expect((await viewOf(world, one, id)).missing, one.name).toBe(0);
    }
    for (const one of [carol, phone]) {
      expect(await shownTo(world, one, id), one.name).toEqual([
        { kind: "text", text: "from the phone" },
        { kind: "too-soon", text: "from the desk" },
      ]);
    }
  },
  memory,
);

story(
  "what is not shown counts as said: the third text of three is judged alike, whichever of them came first",
  async (world) => {
    const { alice, bob, carol, phone, id } = await slowGroup(world);
    world.split([
      [homeNode, alice.name, carol.name],
      [farNode, bob.name, phone.name],
    ]);
    await say(world, phone, id, "one");
    await world.advance(40_000);
    await say(world, carol, id, "two");
    await world.advance(40_000);
    await say(world, phone, id, "three");
    await world.advance(70_000);
    await say(world, phone, id, "four");
    await world.advance(20_000);
    expect(wordsAt(world, bob, id)).toEqual(["one", "three", "four"]);
    world.split([]);
    await world.advance(120_000);
    for (const one of [alice, bob]) expect(wordsAt(world, one, id), one.name).toEqual(["one", "four"]);
    const story = (who: SimDevice) =>
      timelineAt(world, who, id).map(({ key, body }) => `${key} ${JSON.stringify(body)}`);
    expect(story(alice)).toEqual(story(bob));
  },
  memory,
);

story(
  "texts without a number are slowed as all others are",
  async (world) => {
    const { alice, bob, carol, id } = await slowGroup(world);
    await world.run(carol.stop());
    for (const text of ["one", "two", "three"]) {
      await sayByHand(world, carol, id, { number: 0, body: { kind: "text", text } });
      await world.advance(10_000);
    }
    for (const one of [alice, bob]) expect(wordsAt(world, one, id), one.name).toEqual(["one"]);
  },
  memory,
);

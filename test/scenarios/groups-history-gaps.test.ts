// What is missing of a group's shared history is asked for, and shared by other members who have it (PROTOCOL.md §13.12).
import { expect } from "vitest";
import type { TopicId } from "../../core/lang/brand.ts";
import { profileOn } from "../support/groups-by-hand.ts";
import { add, countsOf, hikers, historyTopics, readBy, say, textsOf } from "../support/shared-history.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { conversationAt, put } from "../support/sim-group.ts";
import { must, type World } from "../support/sim-world.ts";
import { story, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;
const minute = 60_000;
const dayMs = 24 * 60 * minute;
const longText = (n: number) => `${n} ${"x".repeat(7_500)}`;
const numbersIn = (texts: readonly string[]) => texts.map((text) => Number(text.split(" ")[0]));
const oneToTen = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** Ten long messages of Alice in two pieces, of which the node loses some before Carol comes; Alice does not come back. */
async function lostAtTheNode(world: World, lost: number) {
  const people = await hikers(world, "all");
  const { id, alice, carol } = people;
  for (const n of oneToTen) await say(world, alice, id, longText(n));
  await world.run(carol.stop());
  const topics = new Set<TopicId>();
  world.taps.add({
    appended() {
      for (const { key } of historyTopics(world, alice)) topics.add(key);
    },
  });
  await add(world, alice, id, "carol");
  for (const key of topics) world.node.topics.get(key)?.entries.splice(2 - lost);
  await world.run(alice.stop());
  await carol.start();
  return people;
}

const sharersOf = async (world: World, device: SimDevice, id: Parameters<typeof readBy>[2]) =>
  new Set((await readBy(world, device, id)).map(({ sharedBy }) => sharedBy));

for (const [what, lost, sharers] of [
  ["some", 1, ["Alice", "Bob"]],
  ["all", 2, ["Bob"]],
] as const) {
  story(
    `another member shares what is missing where ${what} of it never came and who shared it is gone for ever`,
    async (world) => {
      const { id, carol } = await lostAtTheNode(world, lost);
      await world.advance(30_000);
      expect(numbersIn(textsOf(await readBy(world, carol, id))).length).toBeLessThan(10);
      await world.advance(4 * minute);
      expect(numbersIn(textsOf(await readBy(world, carol, id)))).toEqual(oneToTen);
      expect(await countsOf(world, carol, id)).toBe("10 of 10");
      expect(await sharersOf(world, carol, id)).toEqual(new Set(sharers));
      expect((await viewOf(world, carol, id)).unread).toBe(0);
    },
    memory,
  );
}

story(
  "of several who could share what is missing one does",
  async (world) => {
    const { id, alice, bob, carol } = await hikers(world, "all");
    const dave = await world.person("dave");
    await world.befriend(alice, dave);
    await add(world, alice, id, "dave");
    for (const n of oneToTen) await say(world, bob, id, `${n} steps`);
    await add(world, alice, id, "carol");
    expect(await countsOf(world, carol, id)).toBe("10 of 10");
    // As if four of them had never come.
    await world.run(carol.stop());
    const row = conversationAt(world, carol, id);
    const { device } = profileOn(world, "bob");
    put(world, carol, "conversations", { ...row, shared: { ...row.shared!, here: { [device]: [[3, 8]] } } });
    const offers: string[] = [];
    await carol.start();
    expect(await countsOf(world, carol, id)).toBe("6 of 10");
    const watch = () => {
      for (const one of [alice, bob, dave]) {
        for (const { key } of historyTopics(world, one)) if (!offers.includes(key)) offers.push(key);
      }
    };
    world.taps.add({ appended: watch });
    await world.advance(4 * minute);
    expect(await countsOf(world, carol, id)).toBe("10 of 10");
    expect(offers).toHaveLength(1);
  },
  memory,
);

story(
  "nobody is given more than the rule said when they came, however much they say that they lack",
  async (world) => {
    const { id, alice, bob, carol } = await hikers(world, "last-7-days");
    await say(world, alice, id, "long ago");
    for (const one of [alice, bob, carol]) await world.run(one.stop());
    await world.advance(8 * dayMs);
    for (const one of [alice, bob, carol]) await one.start();
    await world.advance(10_000);
    await say(world, alice, id, "of today");
    await add(world, alice, id, "carol");
    expect(await countsOf(world, carol, id)).toBe("1 of 1");
    await world.run(carol.stop());
    const row = conversationAt(world, carol, id);
    const { device } = profileOn(world, "alice");
    put(world, carol, "conversations", { ...row, shared: { ...row.shared!, exist: { [device]: [[1, 2]] } } });
    await carol.start();
    await world.advance(30 * minute);
    expect(textsOf(await readBy(world, carol, id))).toEqual(["of today"]);
    expect(await countsOf(world, carol, id)).toBe("1 of 2");
  },
  memory,
);

for (const when of ["before", "after"] as const) {
  story(
    `what somebody without a connection said ${when} somebody came, and could not say to them, is missing there until it is shared`,
    async (world) => {
      const { id, alice, bob, carol } = await hikers(world, "all");
      for (let n = 1; n <= 3; n++) await say(world, bob, id, `${n} steps`);
      bob.setOnline(false);
      await world.advance(1_000);
      if (when === "before") await say(world, bob, id, "4 steps");
      await add(world, alice, id, "carol");
      if (when === "after") await say(world, bob, id, "4 steps");
      expect(await countsOf(world, carol, id)).toBe("3 of 3");
      bob.setOnline(true);
      await world.advance(10_000);
      await say(world, bob, id, "5 steps");
      expect(await countsOf(world, carol, id)).toBe("3 of 4");
      await world.advance(10 * 60_000);
      expect(await countsOf(world, carol, id)).toBe("4 of 4");
      expect(textsOf(await readBy(world, carol, id))).toEqual([1, 2, 3, 4, 5].map((n) => `${n} steps`));
    },
    memory,
  );
}

story(
  "what was said in a group without words before somebody came is not missing there",
  async (world) => {
    const { id, alice, carol } = await hikers(world, "all");
    await say(world, alice, id, "1 step");
    must(await world.run(alice.messenger.groups.createGroupInvite(id, { lastsMs: 60 * minute, budget: 2 })));
    await world.advance(5_000);
    await add(world, alice, id, "carol");
    await say(world, alice, id, "2 steps");
    await world.advance(2 * minute);
    expect((await viewOf(world, carol, id)).group?.history).toMatchObject({ have: 2, of: 2 });
  },
  memory,
);

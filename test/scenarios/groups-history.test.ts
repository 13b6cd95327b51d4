// Who is new in a group is given what was said before, by the group's rule, and can tell what is missing (PROTOCOL.md §13.12).
import { expect } from "vitest";
import { add, countsOf, hikers, historyTopics, readBy, say, textsOf } from "../support/shared-history.ts";
import { story, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;
const dayMs = 24 * 3_600_000;

story(
  "who is added gets everything that was said before where the group says so, from who added them, and all is counted",
  async (world) => {
    const { id, alice, bob, carol } = await hikers(world, "all");
    await say(world, alice, id, "who comes along?");
    await say(world, bob, id, "I do");
    await say(world, alice, id, "at nine");
    await add(world, alice, id, "carol");
    expect(await readBy(world, carol, id)).toEqual([
      { text: "who comes along?", author: "Alice", sharedBy: "Alice" },
      { text: "I do", author: "Bob", sharedBy: "Alice" },
      { text: "at nine", author: "Alice", sharedBy: "Alice" },
    ]);
    expect(await countsOf(world, carol, id)).toBe("3 of 3");
    const [newest] = await world.see(carol.messenger.conversations);
    expect(newest).toMatchObject({ id, unread: 0, last: { text: "at nine", from: "Alice", mine: false } });
    await say(world, bob, id, "welcome");
    expect((await readBy(world, carol, id)).at(-1)).toEqual({ text: "welcome", author: "Bob", sharedBy: "" });
    expect((await viewOf(world, carol, id)).unread).toBe(1);
    expect((await viewOf(world, carol, id)).missing).toBe(0);
    for (const one of [alice, bob, carol]) expect(historyTopics(world, one)).toEqual([]);
  },
  memory,
);

story(
  "who is added gets nothing of before where the group says so",
  async (world) => {
    const { id, alice, carol } = await hikers(world, "none");
    await say(world, alice, id, "who comes along?");
    await add(world, alice, id, "carol");
    expect(await readBy(world, carol, id)).toEqual([]);
    expect(await countsOf(world, carol, id)).toBeUndefined();
  },
  memory,
);

story(
  "who is added gets the last 7 days where the group says so",
  async (world) => {
    const { id, alice, bob, carol } = await hikers(world, "last-7-days");
    const asleep = async (days: number) => {
      for (const one of [alice, bob, carol]) await world.run(one.stop());
      await world.advance(days * dayMs);
      for (const one of [alice, bob, carol]) await one.start();
      await world.advance(10_000);
    };
    await say(world, alice, id, "long ago");
    await asleep(5);
    await say(world, bob, id, "of this week");
    await asleep(4);
    await say(world, alice, id, "of today");
    await add(world, alice, id, "carol");
    expect(textsOf(await readBy(world, carol, id))).toEqual(["of this week", "of today"]);
    expect(await countsOf(world, carol, id)).toBe("2 of 2");
  },
  memory,
);

story(
  "who is added gets the last 100 messages where the group says so",
  async (world) => {
    const { id, alice, bob, carol } = await hikers(world, "last-100");
    for (let n = 1; n <= 104; n++) await say(world, n % 2 === 0 ? alice : bob, id, `message ${n}`);
    await add(world, alice, id, "carol");
    const texts = textsOf(await readBy(world, carol, id));
    expect([texts.length, texts[0], texts.at(-1)]).toEqual([100, "message 5", "message 104"]);
    expect(await countsOf(world, carol, id)).toBe("100 of 100");
  },
  memory,
);

story(
  "who was away when they were added gets it all the same once they are back, though nobody else is there",
  async (world) => {
    const { id, alice, bob, carol } = await hikers(world, "all");
    await say(world, alice, id, "who comes along?");
    await say(world, bob, id, "I do");
    await world.run(carol.stop());
    await add(world, alice, id, "carol");
    for (const one of [alice, bob]) await world.run(one.stop());
    await carol.start();
    await world.advance(30_000);
    expect(textsOf(await readBy(world, carol, id))).toEqual(["who comes along?", "I do"]);
    expect(await countsOf(world, carol, id)).toBe("2 of 2");
  },
  memory,
);

story(
  "members share with each who is new once, and those who were there get nothing again",
  async (world) => {
    const { id, alice, bob, carol } = await hikers(world, "all");
    const dave = await world.person("dave");
    await world.befriend(alice, dave);
    await say(world, bob, id, "I do");
    await add(world, alice, id, "carol");
    await add(world, alice, id, "dave");
    const offers: string[] = [];
    world.taps.add({ appended: (device) => offers.push(device) });
    await world.advance(10 * 60_000);
    expect(offers).toEqual([]);
    for (const one of [alice, bob, carol, dave]) {
      expect(textsOf(await readBy(world, one, id))).toEqual(["I do"]);
      expect(historyTopics(world, one)).toEqual([]);
    }
    expect((await readBy(world, dave, id))[0]?.sharedBy).toBe("Alice");
    for (const one of [alice, bob]) expect(await countsOf(world, one, id)).toBeUndefined();
  },
  memory,
);

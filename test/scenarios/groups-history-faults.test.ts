// Shared history that is forged, lost on the way or told twice (PROTOCOL.md §13.12).
import { expect } from "vitest";
import type { MessageId } from "../../core/index.ts";
import type { TopicRecord } from "../../core/ports/topic-record.ts";
import { encodeHistoryPiece } from "../../core/wire/history.ts";
import { leave, profileOn } from "../support/groups-by-hand.ts";
import { offerByHand } from "../support/history-by-hand.ts";
import { add, countsOf, hikers, historyTopics, readBy, ruledBy, say, textsOf } from "../support/shared-history.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { conversationAt, put } from "../support/sim-group.ts";
import { must, type World } from "../support/sim-world.ts";
import { story, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;

for (const [what, forge] of [
  ["of who is here under another name", (bob: SimDevice, alice: SimDevice) => ({ author: alice, as: bob })],
  ["that its sender did not sign", (_: SimDevice, alice: SimDevice) => ({ author: alice, signedBy: alice })],
] as const) {
  story(
    `an offer ${what} is not taken, and nothing is shown of it`,
    async (world) => {
      const { id, alice, bob, carol } = await hikers(world, "all");
      await say(world, alice, id, "who comes along?");
      await add(world, alice, id, "carol");
      await world.run(bob.stop());
      await offerByHand(world, bob, carol, id, forge(bob, alice));
      expect(historyTopics(world, carol)).toEqual([]);
      expect(textsOf(await readBy(world, carol, id))).toEqual(["who comes along?"]);
      expect(await countsOf(world, carol, id)).toBe("1 of 1");
    },
    memory,
  );
}

story(
  "what a second member shares is shown as from them, and never in place of what is here",
  async (world) => {
    const { id, alice, bob, carol } = await hikers(world, "all");
    await say(world, alice, id, "who comes along?");
    await add(world, alice, id, "carol");
    await world.run(bob.stop());
    const first = await readBy(world, carol, id);
    // Another text for a number that is here already.
    await offerByHand(world, bob, carol, id, { author: alice, number: 1 });
    expect(await readBy(world, carol, id)).toEqual(first);
    expect(await countsOf(world, carol, id)).toBe("1 of 1");
    await offerByHand(world, bob, carol, id, { author: alice, number: 7 });
    const more = { text: "never said", author: "Alice", sharedBy: "Bob" };
    expect(await readBy(world, carol, id)).toEqual([...first, more]);
    expect(await countsOf(world, carol, id)).toBe("2 of 2");
  },
  memory,
);

story(
  "where a member tells a message in other words, those that came first stay, and it is said, once",
  async (world) => {
    const { id, alice, bob, carol } = await hikers(world, "all");
    await say(world, alice, id, "who comes along?");
    await add(world, alice, id, "carol");
    await world.run(bob.stop());
    expect((await viewOf(world, carol, id)).group?.history?.disputed).toBe(0);
    const [first] = (await world.see(carol.messenger.timeline(id, 10))).messages.filter(({ sharedBy }) => sharedBy);
    const lie = { author: alice, number: 1, message: first!.id };
    await offerByHand(world, bob, carol, id, lie);
    await offerByHand(world, bob, carol, id, lie);
    expect(textsOf(await readBy(world, carol, id))).toEqual(["who comes along?"]);
    expect((await viewOf(world, carol, id)).group?.history).toMatchObject({ have: 1, of: 1, disputed: 1 });
  },
  memory,
);

for (const later of ["none", "all"] as const) {
  story(
    `where the rule was that nothing is shared and is ${later} now, an offer is not taken`,
    async (world) => {
      const { id, alice, bob, carol } = await hikers(world, "none");
      await add(world, alice, id, "carol");
      if (later !== "none") await ruledBy(world, alice, id, later);
      await world.run(bob.stop());
      await offerByHand(world, bob, carol, id, { author: alice });
      expect(await readBy(world, carol, id)).toEqual([]);
      expect(historyTopics(world, carol)).toEqual([]);
    },
    memory,
  );
}

story(
  "a member who offers what is missing and does not deliver keeps another from it for one asking only",
  async (world) => {
    const { id, alice, bob, carol } = await hikers(world, "all");
    const dave = await world.person("dave");
    await world.befriend(alice, dave);
    await add(world, alice, id, "dave");
    await say(world, alice, id, "who comes along?");
    await add(world, alice, id, "carol");
    for (const one of [alice, bob, carol]) await world.run(one.stop());
    // As if it had never come.
    const row = conversationAt(world, carol, id);
    put(world, carol, "conversations", { ...row, shared: { ...row.shared!, here: {} } });
    const lie = { author: alice, number: 1, empty: true };
    await carol.start();
    await world.advance(50_000);
    let asked = false;
    world.taps.add({
      appended(device) {
        asked ||= device === "carol";
      },
    });
    for (const count of ["0 of 1", "1 of 1"]) {
      asked = false;
      for (let waited = 0; !asked && waited < 1_400; waited++) await world.advance(500);
      await offerByHand(world, bob, carol, id, lie);
      await world.advance(60_000);
      expect(await countsOf(world, carol, id)).toBe(count);
    }
  },
  memory,
);

const longText = (n: number) => `${n} ${"x".repeat(7_500)}`;
const numbersIn = (texts: readonly string[]) => texts.map((text) => Number(text.split(" ")[0]));

/** Ten long messages, in two pieces; Carol was away. Answers the topic that the pieces lie in. */
async function inTwoPieces(world: World) {
  const people = await hikers(world, "all");
  const { id, alice, carol } = people;
  for (let n = 1; n <= 10; n++) await say(world, alice, id, longText(n));
  await world.run(carol.stop());
  const rows: TopicRecord[] = [];
  world.taps.add({
    appended() {
      for (const row of historyTopics(world, alice)) if (!rows.some(({ key }) => key === row.key)) rows.push(row);
    },
  });
  await add(world, alice, id, "carol");
  const [topic, ...more] = rows;
  if (topic === undefined || more.length > 0) throw new Error("no topic of pieces, or several");
  const { entries } = world.node.topics.get(topic.key)!;
  expect(entries).toHaveLength(2);
  return { ...people, topic, entries };
}

story(
  "what a node lost of it is counted as missing, and the rest is there",
  async (world) => {
    const { id, carol, entries } = await inTwoPieces(world);
    entries.pop();
    await carol.start();
    await world.advance(30_000);
    const here = numbersIn(textsOf(await readBy(world, carol, id)));
    expect(here.length).toBeGreaterThan(0);
    expect(here).toEqual([...Array(here.length).keys()].map((n) => 11 - here.length + n));
    expect(await countsOf(world, carol, id)).toBe(`${here.length} of 10`);
  },
  memory,
);

story(
  "a piece that nobody signed for is passed by, and one that comes too early waits for those before it",
  async (world) => {
    const { id, carol, topic, entries } = await inTwoPieces(world);
    const [newest, oldest] = entries.splice(0);
    const stranger = encodeHistoryPiece([
      {
        message: `${profileOn(world, "alice").device}/00000000000000ff` as MessageId,
        number: 1,
        clockMs: 1,
        clockCount: 0,
        what: { kind: "text", text: "never said" },
      },
    ]);
    leave(world, topic, { kind: "history-piece", piece: stranger });
    must(world.node.append(topic.key, oldest!.envelope, undefined));
    must(world.node.append(topic.key, newest!.envelope, undefined));
    await carol.start();
    await world.advance(30_000);
    expect(numbersIn(textsOf(await readBy(world, carol, id)))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await countsOf(world, carol, id)).toBe("10 of 10");
    expect(historyTopics(world, carol)).toEqual([]);
  },
  memory,
);

story(
  "where who added somebody does not share, another member does when it is their turn",
  async (world) => {
    const { id, alice, bob, carol } = await hikers(world, "none");
    await say(world, alice, id, "who comes along?");
    await add(world, alice, id, "carol");
    await ruledBy(world, alice, id, "all");
    for (const one of [bob, carol]) await world.run(one.stop());
    const row = conversationAt(world, carol, id);
    put(world, carol, "conversations", { ...row, came: { ...row.came!, history: "all" } });
    await carol.start();
    const newcomer = {
      account: profileOn(world, "carol").account,
      by: profileOn(world, "alice").device,
      sinceMs: world.clock.now(),
      history: "all" as const,
    };
    put(world, bob, "conversations", { ...conversationAt(world, bob, id), newcomers: [newcomer] });
    await bob.start();
    await world.advance(120_000);
    expect(await readBy(world, carol, id)).toEqual([{ text: "who comes along?", author: "Alice", sharedBy: "Bob" }]);
    expect(await countsOf(world, carol, id)).toBe("1 of 1");
  },
  memory,
);

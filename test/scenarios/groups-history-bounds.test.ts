// How much of what was said before is shared with who came, by which rule, and for how long it is asked for (PROTOCOL.md §13.12).
import { expect } from "vitest";
import type { ConversationId } from "../../core/index.ts";
import type { Ranges } from "../../core/wire/have.ts";
import { profileOn } from "../support/groups-by-hand.ts";
import { add, countsOf, hikers, historyTopics, readBy, ruledBy, say, textsOf } from "../support/shared-history.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { conversationAt, put } from "../support/sim-group.ts";
import type { World } from "../support/sim-world.ts";
import { story, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;
const minute = 60_000;
const dayMs = 24 * 60 * minute;

/** Starts this device again as one that has only these of Alice's messages. */
async function asIfOnly(world: World, device: SimDevice, id: ConversationId, ranges: Ranges): Promise<void> {
  await world.run(device.stop());
  const row = conversationAt(world, device, id);
  const here = { [profileOn(world, "alice").device]: ranges };
  put(world, device, "conversations", { ...row, shared: { ...row.shared!, here } });
  await device.start();
}

/** The topics of offers that these make from now on. */
function offersOf(world: World, devices: readonly SimDevice[]): ReadonlySet<string> {
  const seen = new Set(devices.flatMap((one) => historyTopics(world, one)).map(({ key }) => key));
  const offers = new Set<string>();
  world.taps.add({
    appended() {
      for (const { key } of devices.flatMap((one) => historyTopics(world, one))) if (!seen.has(key)) offers.add(key);
    },
  });
  return offers;
}

story(
  "who comes is given what the rule says when they come, though it is another one when somebody shares it",
  async (world) => {
    const { id, alice, bob, carol } = await hikers(world, "all");
    await say(world, alice, id, "who comes along?");
    await add(world, alice, id, "carol");
    await ruledBy(world, alice, id, "none");
    for (const one of [alice, bob, carol]) await world.run(one.stop());
    // As if Alice had not got to it, and Bob heard nothing of it.
    put(world, carol, "conversations", { ...conversationAt(world, carol, id), shared: undefined });
    const row = conversationAt(world, bob, id);
    const newcomers = row.newcomers.map(({ offered: _, ...one }) => one);
    put(world, bob, "conversations", { ...row, newcomers });
    await carol.start();
    await bob.start();
    await world.advance(2 * minute);
    expect((await viewOf(world, bob, id)).group?.rules.history).toBe("none");
    expect(await countsOf(world, carol, id)).toBe("1 of 1");
    expect((await readBy(world, carol, id)).map(({ text }) => text)).toEqual(["who comes along?"]);
  },
  memory,
);

story(
  "who says again and again that everything is missing is given it by each member once more, and then not again",
  async (world) => {
    const { id, alice, bob, carol } = await hikers(world, "all");
    for (let n = 1; n <= 10; n++) await say(world, alice, id, `${n} steps`);
    await add(world, alice, id, "carol");
    const offers = offersOf(world, [alice, bob]);
    const counts: (string | undefined)[] = [];
    for (let round = 0; round < 3; round++) {
      await asIfOnly(world, carol, id, []);
      await world.advance(30 * minute);
      counts.push(await countsOf(world, carol, id));
    }
    expect(offers.size).toBe(2);
    expect(counts).toEqual(["10 of 10", "10 of 10", "0 of 10"]);
    expect(textsOf(await readBy(world, carol, id))).toHaveLength(10);
  },
  memory,
);

story(
  "who says every few minutes that something is missing is answered ever more seldom",
  async (world) => {
    const { id, alice, bob, carol } = await hikers(world, "all");
    for (let n = 1; n <= 30; n++) await say(world, alice, id, `${n} steps`);
    await add(world, alice, id, "carol");
    await world.run(bob.stop());
    const offers = offersOf(world, [alice]);
    for (let round = 0; round < 12; round++) {
      await asIfOnly(world, carol, id, [[2, 30]]);
      await world.advance(6 * minute);
    }
    // At once, then 5, 10 and 20 minutes later at the earliest; the next not before 40 more.
    expect(offers.size).toBe(4);
  },
  memory,
);

story(
  "what nobody shared for 30 days is lost: that is said, and it is asked for no more",
  async (world) => {
    const { id, alice, bob, carol } = await hikers(world, "all");
    for (let n = 1; n <= 3; n++) await say(world, alice, id, `${n} steps`);
    await add(world, alice, id, "carol");
    for (const one of [alice, bob]) await world.run(one.stop());
    await asIfOnly(world, carol, id, [[2, 3]]);
    await world.advance(10_000);
    await world.run(carol.stop());
    const { topic } = conversationAt(world, carol, id);
    let said = 0;
    world.taps.add({
      appended(device, at) {
        if (device === "carol" && at === topic) said++;
      },
    });
    for (const [days, over, asks] of [
      [29, false, 1],
      [2, true, 0],
    ] as const) {
      await world.advance(days * dayMs);
      await carol.start();
      // New keys are said at once; what is missing is given a minute.
      await world.advance(50_000);
      said = 0;
      await world.advance(4 * minute);
      expect((await viewOf(world, carol, id)).group?.history).toMatchObject({ have: 2, of: 3, over });
      expect(said).toBe(asks);
      await world.run(carol.stop());
    }
  },
  memory,
);

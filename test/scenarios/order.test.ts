import { expect } from "vitest";
import type { ConversationId } from "../../core/index.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { must, textsOf, type World } from "../support/sim-world.ts";
import { marksOf, story } from "../support/story.ts";

const memory = { storage: "memory" } as const;

const numbered = (count: number) => Array.from({ length: count }, (_, n) => `number ${n + 1}`);

async function say(world: World, from: SimDevice, id: ConversationId, texts: readonly string[]): Promise<void> {
  for (const text of texts) must(await world.run(from.messenger.sendText(id, text)));
}

/** Texts in the order in which they are written down on the device from now on. */
function arrivalsAt(world: World, device: string): string[] {
  const arrived: string[] = [];
  world.disk(device).onCommit = (moment, batch) => {
    for (const change of batch.changes) {
      if (moment === "before" || change.kind !== "put" || change.table !== "messages") continue;
      if (change.row.body.kind === "text" && change.row.deliveries !== undefined) arrived.push(change.row.body.text);
    }
  };
  return arrived;
}

story(
  "brings two hundred waiting messages in their order while the link and the node come and go",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await bob.stop();
    world.node.setUp(false);
    await world.advance(1_000);
    const texts = numbered(200);
    await say(world, alice, id, texts);
    const arrived = arrivalsAt(world, "bob");
    world.faults = { ...world.faults, delayMs: [5, 150] };
    await bob.start();
    for (let n = 0; n < 40; n++) {
      if (n % 3 === 0) world.node.setUp(!world.node.up);
      for (const pair of world.place.open) pair.cut(n % 2 === 0 ? "at once" : "never");
      await world.advance(500 + 137 * (n % 7));
    }
    world.node.setUp(true);
    await world.advance(120_000);
    expect(arrived).toEqual(texts);
    expect(await textsOf(world, bob.messenger, id)).toEqual(texts);
    expect(new Set(await marksOf(world, alice, id))).toEqual(new Set(["delivered"]));
  },
  memory,
);

story(
  "brings what was written while the link came up in its order",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(20_000);
    const arrived = arrivalsAt(world, "bob");
    world.faults = { ...world.faults, delayMs: [5, 400] };
    const texts: string[] = [];
    for (let round = 0; round < 12; round++) {
      for (const pair of world.place.open) pair.cut(round % 2 === 0 ? "at once" : "never");
      for (let n = 0; n < 20; n++) {
        const text = `${round} ${n}`;
        texts.push(text);
        await say(world, alice, id, [text]);
        await world.advance(211);
      }
      await world.advance(1_500);
    }
    await world.advance(120_000);
    expect(arrived).toEqual(texts);
    expect(new Set(await marksOf(world, alice, id))).toEqual(new Set(["delivered"]));
  },
  memory,
);

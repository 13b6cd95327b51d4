// What a member with a changed Kith can make of shared history against others than who came: nothing (PROTOCOL.md §13.12).
import { expect } from "vitest";
import type { ConversationId, MessageId } from "../../core/index.ts";
import { offerByHand, sayByHand } from "../support/history-by-hand.ts";
import { add, hikers, say } from "../support/shared-history.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { accountOf, conversationAt, profileOf, put, timelineAt, wordsAt } from "../support/sim-group.ts";
import { homeNode, must, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const memory = { storage: "memory" } as const;

/** Alice, Bob and Mallory were there; Carol came a minute ago, with everything. Mallory goes on by hand. */
async function carolCame(world: World) {
  const { id, alice, bob, carol } = await hikers(world, "all");
  const mallory = await world.person("mallory");
  await world.befriend(alice, mallory);
  await world.befriend(bob, carol);
  await world.advance(10_000);
  await add(world, alice, id, "mallory");
  await say(world, alice, id, "who comes along?");
  await add(world, alice, id, "carol");
  await world.run(mallory.stop());
  return { id, alice, bob, carol, mallory };
}

const textOf = (world: World, who: SimDevice, id: ConversationId, text: string) =>
  timelineAt(world, who, id).find(({ body }) => body.kind === "text" && body.text === text)!;

story(
  "who made up messages of somebody for who came has nobody told that their profile is an earlier copy",
  async (world) => {
    const { id, bob, carol, mallory } = await carolCame(world);
    const before = conversationAt(world, bob, id);
    const forged = { author: bob, number: before.sentNumber + 500, and: before.sentNumber + 498 };
    await offerByHand(world, mallory, carol, id, forged);
    // By links and through the topic, when she asks for what she lacks.
    await world.advance(5 * 60_000);
    expect(conversationAt(world, carol, id).shared?.here[profileOf(world, bob).device]).toHaveLength(2);
    const after = conversationAt(world, bob, id);
    expect(after.healing).toBeUndefined();
    expect(after.sentNumber).toBe(before.sentNumber);
    expect(timelineAt(world, bob, id).filter(({ body }) => body.kind === "notice")).toEqual([]);
  },
  memory,
);

story(
  "a member tells who came that a message was removed, and they read it all the same when it comes from its author",
  async (world) => {
    const { id, alice, carol, mallory } = await carolCame(world);
    world.split([[homeNode, carol.name], [alice.name]]);
    must(await world.run(alice.messenger.sendText(id, "at nine, at the bridge")));
    const { key, number, sentAtMs } = textOf(world, alice, id, "at nine, at the bridge");
    const what = { kind: "removed", by: accountOf(world, alice) } as const;
    await offerByHand(world, mallory, carol, id, { author: alice, message: key, number, clockMs: sentAtMs, what });
    expect(timelineAt(world, carol, id).find((row) => row.key === key)?.body).toEqual(what);
    world.split([]);
    await world.advance(60_000);
    expect(wordsAt(world, carol, id)).toContain("at nine, at the bridge");
  },
  memory,
);

story(
  "what a member makes up as said by who came keeps their own words from nobody who lacks them",
  async (world) => {
    const { id, bob, carol, mallory } = await carolCame(world);
    const { device } = profileOf(world, carol);
    const message = `${device}/${"0".repeat(16)}` as MessageId;
    const clockMs = world.clock.now() + 20 * 3_600_000;
    await offerByHand(world, mallory, carol, id, { author: carol, message, number: 1, clockMs });
    for (const text of ["I do", "and Dave", "and his dog"]) await say(world, carol, id, text);
    await world.advance(10_000);
    await world.run(bob.stop());
    // As if it had never come.
    const { key, number } = textOf(world, bob, id, "and Dave");
    world.disk(bob.name).tables.get("messages")!.delete(key);
    const row = conversationAt(world, bob, id);
    const numbers = [
      [1, number - 1],
      [number + 1, row.received[device]!.at(-1)![1]],
    ] as const;
    put(world, bob, "conversations", { ...row, received: { ...row.received, [device]: numbers } });
    await bob.start();
    await world.advance(3 * 60_000);
    expect(wordsAt(world, bob, id)).toEqual(["who comes along?", "I do", "and Dave", "and his dog"]);
  },
  memory,
);

story(
  "what was shared and is removed for all stays so, should its author's words come once more",
  async (world) => {
    const { id, alice, carol } = await carolCame(world);
    const { key, number, sentAtMs: clockMs } = textOf(world, carol, id, "who comes along?");
    must(await world.run(alice.messenger.groups.removeMessage(key)));
    await world.advance(10_000);
    await world.run(alice.stop());
    const [, said = ""] = key.split("/");
    await sayByHand(world, alice, id, { id: said, number, clockMs, body: { kind: "text", text: "who comes along?" } });
    await world.advance(10_000);
    const row = timelineAt(world, carol, id).find((one) => one.key === key);
    expect(row?.body).toEqual({ kind: "removed", by: accountOf(world, alice) });
    expect(wordsAt(world, carol, id)).toEqual([]);
  },
  memory,
);

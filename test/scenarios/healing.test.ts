// Damaged keys: lost, unreadable, missed, rolled back, split. Nobody does anything; what was said arrives all the same.
import { expect } from "vitest";
import type { ConversationId } from "../../core/index.ts";
import type { GroupRecord, MessageRecord } from "../../core/ports/records.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { keysOf } from "../support/sim-forger.ts";
import { must, rowsOn, textsOf, type World } from "../support/sim-world.ts";
import { marksOf, story, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;

async function friends(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(5_000);
  return { alice, bob, id };
}

const said = async (world: World, device: SimDevice, id: ConversationId) =>
  (await textsOf(world, device.messenger, id)).filter((text) => text !== "(unknown)");

const notices = (world: World, device: SimDevice) =>
  rowsOn<MessageRecord>(world.disk(device.name), "messages").filter(({ body }) => body.kind === "notice").length;

/** Both write to each other, and everything is there in the end, in the same order, healed. */
async function goesOn(
  world: World,
  id: ConversationId,
  people: readonly SimDevice[],
  isForgotten = (_text: string) => false,
): Promise<void> {
  for (const one of people) must(await world.run(one.messenger.sendText(id, `${one.name} goes on`)));
  await world.advance(120_000);
  const [first, ...others] = await Promise.all(
    people.map(async (one) => (await said(world, one, id)).filter((text) => !isForgotten(text))),
  );
  for (const other of others) expect(other).toEqual(first);
  for (const one of people) {
    expect(["delivered", "read"], one.name).toEqual(
      expect.arrayContaining([...new Set(await marksOf(world, one, id))]),
    );
    expect((await viewOf(world, one, id)).healingSinceMs).toBeUndefined();
    expect(first).toContain(`${one.name} goes on`);
  }
  const [a, b] = people.map((one) => keysOf(world, one.name, id).group);
  expect(a?.generation).toBe(b?.generation);
}

for (const links of [true, false]) {
  const how = links ? "with links" : "through the node";
  const options = { ...memory, links };

  story(
    `makes new keys when one side's are lost, ${how}`,
    async (world) => {
      const { alice, bob, id } = await friends(world);
      must(await world.run(alice.messenger.sendText(id, "before")));
      await world.advance(10_000);
      await world.run(bob.stop());
      must(await world.run(alice.messenger.sendText(id, "while he is away")));
      world.disk("bob").tables.get("groups")!.delete(id);
      await bob.start();
      await world.advance(30_000);
      await goesOn(world, id, [alice, bob]);
      expect(await said(world, bob, id)).toContain("while he is away");
      expect([notices(world, alice), notices(world, bob)]).toEqual([1, 1]);
      expect(keysOf(world, "bob", id).group.generation).toBe(1);
    },
    options,
  );

  story(
    `makes new keys when both sides' are lost, ${how}`,
    async (world) => {
      const { alice, bob, id } = await friends(world);
      must(await world.run(alice.messenger.sendText(id, "before")));
      await world.advance(10_000);
      for (const one of [alice, bob]) {
        await world.run(one.stop());
        world.disk(one.name).tables.get("groups")!.delete(id);
      }
      for (const one of [alice, bob]) await one.start();
      await world.advance(30_000);
      await goesOn(world, id, [alice, bob]);
    },
    options,
  );

  story(
    `notices that a profile is an earlier copy of itself, before it says anything with used keys, ${how}`,
    async (world) => {
      const { alice, bob, id } = await friends(world);
      must(await world.run(bob.messenger.sendText(id, "kept")));
      await world.advance(10_000);
      const copy = structuredClone(world.disk("bob").tables);
      for (let n = 0; n < 5; n++) must(await world.run(bob.messenger.sendText(id, `forgotten ${n}`)));
      must(await world.run(alice.messenger.sendText(id, "heard and forgotten")));
      await world.advance(10_000);
      await world.run(bob.stop());
      const { tables } = world.disk("bob");
      tables.clear();
      for (const [name, rows] of copy) tables.set(name, rows);
      await bob.start();
      must(await world.run(bob.messenger.sendText(id, "after")));
      await world.advance(60_000);
      // What he wrote himself and forgot nobody can give back to him but the node.
      await goesOn(world, id, [alice, bob], (text) => text.startsWith("forgotten"));
      expect(await said(world, alice, id)).toContain("after");
    },
    options,
  );
}

story(
  "makes new keys when the group's state cannot be read any more",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await world.run(bob.stop());
    const rows = world.disk("bob").tables.get("groups")!;
    rows.set(id, { ...(rows.get(id) as GroupRecord), state: Uint8Array.of(1, 2, 3) });
    await bob.start();
    must(await world.run(bob.messenger.sendText(id, "written with damaged keys")));
    await world.advance(30_000);
    await goesOn(world, id, [alice, bob]);
    expect(await said(world, alice, id)).toContain("written with damaged keys");
  },
  memory,
);

story(
  "catches up by new keys after an absence beyond what the node keeps",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await world.run(bob.stop());
    for (let n = 0; n < 6; n++) {
      const { group } = keysOf(world, "alice", id);
      world
        .disk("alice")
        .tables.get("groups")!
        .set(id, { ...group, sealedSinceUpdate: 99 });
      must(await world.run(alice.messenger.sendText(id, `day ${n}`)));
      await world.advance(10_000);
    }
    expect(keysOf(world, "alice", id).group.epoch).toBeGreaterThan(keysOf(world, "bob", id).group.epoch + 4);
    for (const topic of world.node.topics.values()) topic.entries.length = 0;
    await bob.start();
    await world.advance(60_000);
    await goesOn(world, id, [alice, bob]);
    expect((await said(world, bob, id)).filter((text) => text.startsWith("day"))).toHaveLength(6);
  },
  memory,
);

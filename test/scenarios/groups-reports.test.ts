// Whoever may remove a message hears that somebody asks them to look at it; the others' devices say nothing (PROTOCOL.md §13.10).
import { expect } from "vitest";
import type { ConversationId, MessageView } from "../../core/index.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { accountOf, standGroup, timelineAt, wordsAt } from "../support/sim-group.ts";
import { homeNode, must, rowsOn, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

async function reportsAt(world: World, device: SimDevice, id: ConversationId): Promise<readonly MessageView[]> {
  const { messages } = await world.see(device.messenger.timeline(id, 100));
  return messages.filter(({ body }) => body.kind === "reported");
}

story(
  "the owner is told what was reported, by whom and why, and nobody else is",
  async (world) => {
    const [alice, bob, carol] = [await world.person("alice"), await world.person("bob"), await world.person("carol")];
    const id = await standGroup(world, [alice, bob, carol]);
    must(await world.run(bob.messenger.sendText(id, "something unkind")));
    await world.advance(60_000);
    const { messages } = await world.see(carol.messenger.timeline(id, 1));
    must(await world.run(carol.messenger.groups.reportMessage(messages[0]!.id, "it is about me")));
    await world.advance(60_000);
    const [report, ...more] = await reportsAt(world, alice, id);
    expect(more).toEqual([]);
    expect(report).toMatchObject({
      author: accountOf(world, carol),
      body: { words: "it is about me", about: { author: accountOf(world, bob), text: "something unkind" } },
    });
    for (const other of [bob, carol]) expect(await reportsAt(world, other, id)).toEqual([]);
  },
  { storage: "memory" },
);

story(
  "an admin is not shown what is reported of their own message",
  async (world) => {
    const [alice, bob, carol] = [await world.person("alice"), await world.person("bob"), await world.person("carol")];
    const id = await standGroup(world, [alice, bob, carol], [bob]);
    must(await world.run(bob.messenger.sendText(id, "something unkind")));
    await world.advance(60_000);
    const { messages } = await world.see(carol.messenger.timeline(id, 1));
    must(await world.run(carol.messenger.groups.reportMessage(messages[0]!.id, "he is an admin")));
    await world.advance(60_000);
    expect(await reportsAt(world, alice, id)).toHaveLength(1);
    expect(await reportsAt(world, bob, id)).toEqual([]);
  },
  { storage: "memory" },
);

for (const first of ["report", "removal"] as const) {
  story(
    `a message is reported and removed at once, the ${first} first: whoever may remove it is told of the report, and its words are on no disk`,
    async (world) => {
      const [alice, bob, carol] = [await world.person("alice"), await world.person("bob"), await world.person("carol")];
      const dave = await world.person("dave");
      const id = await standGroup(world, [alice, bob, carol, dave], [dave]);
      must(await world.run(bob.messenger.sendText(id, "something unkind")));
      await world.advance(60_000);
      const { key } = timelineAt(world, alice, id).find(({ body }) => body.kind === "text")!;
      // The one who is late has not heard of the other's act.
      const [early, late] = first === "report" ? [carol, alice] : [alice, carol];
      world.split([[homeNode, ...[bob, dave, early].map(({ name }) => name)], [late.name]]);
      const acts = {
        alice: () => alice.messenger.groups.removeMessage(key),
        carol: () => carol.messenger.groups.reportMessage(key, "look"),
      };
      must(await world.run(acts[early.name as "alice" | "carol"]()));
      must(await world.run(acts[late.name as "alice" | "carol"]()));
      await world.advance(10_000);
      world.split([]);
      await world.advance(60_000);
      for (const admin of [alice, dave]) {
        const reports = await reportsAt(world, admin, id);
        expect(reports, admin.name).toMatchObject([{ body: { words: "look", about: undefined } }]);
      }
      for (const one of [alice, bob, carol, dave]) {
        expect(wordsAt(world, one, id), one.name).toEqual([]);
        expect(JSON.stringify(rowsOn(world.disk(one.name), "messages")), one.name).not.toContain("something unkind");
      }
    },
    { storage: "memory" },
  );
}

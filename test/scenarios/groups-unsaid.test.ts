// Words that were written while everybody might write and could not go out before only admins might (PROTOCOL.md §13.10).
import { expect } from "vitest";
import type { ConversationId, MessageMark } from "../../core/index.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { accountOf, standGroup, wants, wordsAt } from "../support/sim-group.ts";
import { farNode, homeNode, must, type World } from "../support/sim-world.ts";
import { story, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;
const open = { writers: "everybody", slowModeS: 0, history: "none", joining: "approval" } as const;
const shut = { ...open, writers: "admins" } as const;

/** Alice is the owner; the others are members. */
async function four(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = await world.person("carol");
  const dave = await world.person("dave");
  return { alice, bob, carol, dave, id: await standGroup(world, [alice, bob, carol, dave]) };
}

const say = async (world: World, who: SimDevice, id: ConversationId, text: string) =>
  must(await world.run(who.messenger.sendText(id, text)));

/** Of the own messages that are words, oldest first. */
async function marks(world: World, who: SimDevice, id: ConversationId): Promise<readonly (MessageMark | undefined)[]> {
  const { messages } = await world.see(who.messenger.timeline(id, 50));
  return messages.flatMap(({ body, mine, mark }) => (mine && body.kind === "text" ? [mark] : []));
}

/** Out of reach of everything since before its start: nothing can be sealed, because nothing was read. */
async function startAlone(world: World, who: SimDevice, others: readonly SimDevice[]): Promise<void> {
  await world.run(who.stop());
  world.split([[homeNode, ...others.map(({ name }) => name)], [who.name]]);
  await who.start();
  await world.advance(1_000);
}

story(
  "who wrote while away, and might not write any more when it could go out, is told that it was not sent, and nobody waits for it",
  async (world) => {
    const { alice, bob, carol, dave, id } = await four(world);
    await say(world, carol, id, "first");
    await world.advance(20_000);
    await startAlone(world, carol, [alice, bob, dave]);
    const message = await say(world, carol, id, "from the train");
    await wants(world, alice, id, { kind: "rules", rules: shut });
    await world.advance(20_000);
    world.split([]);
    await world.advance(120_000);
    const [, mark] = await marks(world, carol, id);
    expect(mark).toMatchObject({ kind: "unsaid", why: "not-allowed" });
    expect(wordsAt(world, carol, id)).toEqual(["first", "from the train"]);
    const info = await world.see(carol.messenger.messageInfo(message));
    expect(info?.underWay).toBe(false);
    expect(info?.recipients.map(({ unsaid, deliveredAtMs }) => [unsaid?.why, deliveredAtMs])).toEqual(
      [1, 2, 3].map(() => ["not-allowed", undefined]),
    );
    expect(await world.run(carol.messenger.sendAgain(message))).toEqual({ ok: false, error: "not-allowed" });
    await wants(world, alice, id, { kind: "rules", rules: open });
    await world.advance(20_000);
    await say(world, carol, id, "third");
    await world.advance(120_000);
    for (const one of [alice, bob, dave]) {
      expect(wordsAt(world, one, id), one.name).toEqual(["first", "third"]);
      expect((await viewOf(world, one, id)).missing, one.name).toBe(0);
    }
  },
  memory,
);

story(
  "who may write again sends it again, and it is shown where it was written",
  async (world) => {
    const { alice, bob, carol, dave, id } = await four(world);
    await startAlone(world, carol, [alice, bob, dave]);
    const message = await say(world, carol, id, "from the train");
    await wants(world, alice, id, { kind: "rules", rules: shut });
    await world.advance(20_000);
    world.split([]);
    await world.advance(60_000);
    await say(world, alice, id, "news");
    await wants(world, alice, id, { kind: "role", account: accountOf(world, carol), role: "admin" });
    await world.advance(30_000);
    expect((await marks(world, carol, id))[0]?.kind).toBe("unsaid");
    must(await world.run(carol.messenger.sendAgain(message)));
    await world.advance(60_000);
    expect((await marks(world, carol, id))[0]?.kind).toBe("delivered");
    for (const one of [alice, bob, dave]) expect(wordsAt(world, one, id), one.name).toEqual(["from the train", "news"]);
  },
  memory,
);

story(
  "what came to some while it was allowed stays with them, and its author sees to whom; the others get nothing once the topic has turned",
  async (world) => {
    world.addNode(farNode);
    const { alice, bob, carol, dave, id } = await four(world);
    world.split([
      [homeNode, alice.name, dave.name],
      [farNode, bob.name, carol.name],
    ]);
    await say(world, carol, id, "to who is here");
    await world.advance(20_000);
    await wants(world, alice, id, { kind: "rules", rules: shut });
    await world.advance(20_000);
    await wants(world, alice, id, { kind: "remove", account: accountOf(world, dave) });
    await world.advance(20_000);
    expect(wordsAt(world, bob, id)).toEqual(["to who is here"]);
    world.split([]);
    await world.advance(120_000);
    const { messages } = await world.see(carol.messenger.timeline(id, 50));
    const own = messages.find(({ body }) => body.kind === "text");
    expect(own?.mark).toMatchObject({ kind: "unsaid", why: "not-allowed" });
    expect(own?.reached).toMatchObject({ delivered: 1, of: 2 });
    expect(wordsAt(world, bob, id)).toEqual(["to who is here"]);
    expect(wordsAt(world, alice, id)).toEqual([]);
    expect((await viewOf(world, alice, id)).missing).toBe(0);
  },
  memory,
);

story(
  "of two that waited, the second is not sent where slow mode came meanwhile, and its author is told",
  async (world) => {
    const { alice, bob, carol, dave, id } = await four(world);
    await startAlone(world, carol, [alice, bob, dave]);
    await say(world, carol, id, "one");
    await world.advance(5_000);
    await say(world, carol, id, "two");
    await wants(world, alice, id, { kind: "rules", rules: { ...open, slowModeS: 60 } });
    await world.advance(20_000);
    world.split([]);
    await world.advance(120_000);
    const [one, two] = await marks(world, carol, id);
    expect(one?.kind).toBe("delivered");
    expect(two).toMatchObject({ kind: "unsaid", why: "too-soon" });
    for (const each of [alice, bob, dave]) {
      expect(wordsAt(world, each, id), each.name).toEqual(["one"]);
      expect((await viewOf(world, each, id)).missing, each.name).toBe(0);
    }
  },
  memory,
);

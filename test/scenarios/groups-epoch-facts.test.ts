// What is said in a group is judged by the facts of the epoch in which it was sealed, whatever was read before it (PROTOCOL.md §13.10).
import { expect } from "vitest";
import { sealContent } from "../../core/group/messages.ts";
import type { ConversationId, MessageId } from "../../core/index.ts";
import type { GroupRecord } from "../../core/ports/group-records.ts";
import type { TopicRecord } from "../../core/ports/topic-record.ts";
import { type Content, encodeContent } from "../../core/wire/content.ts";
import { sealEnvelope } from "../../core/wire/envelope.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { accountOf, keysOf, profileOf, standGroup, timelineAt, topicAt, wants, wordsAt } from "../support/sim-group.ts";
import { must, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const memory = { storage: "memory" } as const;

/** Alice is the owner, Bob an admin, Carol and Dave are members. */
async function four(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = await world.person("carol");
  const dave = await world.person("dave");
  const all = [alice, bob, carol, dave];
  return { alice, bob, carol, dave, all, id: await standGroup(world, all, [bob]) };
}

interface Keys {
  readonly group: GroupRecord;
  readonly topic: TopicRecord;
}

const keysAt = (world: World, device: SimDevice, id: ConversationId): Keys => ({
  group: keysOf(world, device, id)!,
  topic: topicAt(world, device, id)!,
});

/** Left in the topic with the keys as they were then. */
async function leave(world: World, { group, topic }: Keys, content: Content): Promise<void> {
  const { message } = await sealContent(group.state, encodeContent(content));
  const payload = { kind: "mls", message, generation: 0 } as const;
  const sealed = sealEnvelope(deriveTopic(topic.secret).envelopeKey, topic.key, payload, world.random.bytes(24));
  if (!sealed.ok) throw new Error("too large");
  world.node.append(topic.key, sealed.value, undefined);
}

const contentOf = (world: World, body: Content["body"]): Content => ({
  id: "00000000000000c1",
  clockMs: world.clock.now(),
  clockCount: 0,
  number: 1,
  body,
});

story(
  "words that were sealed before only admins wrote are shown everywhere, also where they are read after",
  async (world) => {
    const { alice, bob, carol, dave, id } = await four(world);
    const before = keysAt(world, carol, id);
    await world.run(carol.stop());
    const rules = { writers: "admins", slowModeS: 0, history: "none", joining: "approval" } as const;
    await wants(world, alice, id, { kind: "rules", rules });
    await world.advance(20_000);
    await leave(world, before, contentOf(world, { kind: "text", text: "sealed before" }));
    await world.advance(20_000);
    for (const one of [alice, bob, dave]) expect(wordsAt(world, one, id)).toEqual(["sealed before"]);
  },
  memory,
);

story(
  "words that were sealed while only admins wrote are shown nowhere, also where everybody writes by the time they are read",
  async (world) => {
    const { alice, bob, carol, dave, id } = await four(world);
    const rules = { writers: "admins", slowModeS: 0, history: "none", joining: "approval" } as const;
    await wants(world, alice, id, { kind: "rules", rules });
    await world.advance(20_000);
    const quiet = keysAt(world, carol, id);
    await world.run(carol.stop());
    await wants(world, alice, id, { kind: "rules", rules: { ...rules, writers: "everybody" } });
    await world.advance(20_000);
    await leave(world, quiet, contentOf(world, { kind: "text", text: "against the rules" }));
    await world.advance(20_000);
    for (const one of [alice, bob, dave]) expect(wordsAt(world, one, id)).toEqual([]);
  },
  memory,
);

story(
  "an admin who is demoted at the same moment still removed what they removed before, on every device",
  async (world) => {
    const { alice, bob, carol, dave, id } = await four(world);
    const text = must(await world.run(carol.messenger.sendText(id, "unkind words")));
    await world.advance(60_000);
    const [said] = timelineAt(world, dave, id).filter(({ body }) => body.kind === "text");
    expect(text).toBeDefined();
    const message = said!.key as MessageId;
    const asAdmin = keysAt(world, bob, id);
    await world.run(bob.stop());
    await wants(world, alice, id, { kind: "role", account: accountOf(world, bob), role: "member" });
    await world.advance(20_000);
    await leave(world, asAdmin, contentOf(world, { kind: "remove-message", message }));
    await world.advance(20_000);
    for (const one of [alice, carol, dave]) {
      expect(wordsAt(world, one, id)).toEqual([]);
      const removed = timelineAt(world, one, id).find(({ key }) => key === message);
      expect(removed?.body).toEqual({ kind: "removed", by: accountOf(world, bob) });
    }
    expect(profileOf(world, bob).account).toBe(accountOf(world, bob));
  },
  memory,
);

story(
  "who was no admin when they sealed it removes nothing, though they are one by the time it is read",
  async (world) => {
    const { alice, carol, dave, bob, id } = await four(world);
    must(await world.run(bob.messenger.sendText(id, "Sunday at 8")));
    await world.advance(60_000);
    const [said] = timelineAt(world, dave, id).filter(({ body }) => body.kind === "text");
    const asMember = keysAt(world, dave, id);
    await world.run(dave.stop());
    await wants(world, alice, id, { kind: "role", account: accountOf(world, bob), role: "member" });
    await world.advance(20_000);
    await wants(world, alice, id, { kind: "role", account: accountOf(world, dave), role: "admin" });
    await world.advance(20_000);
    await leave(world, asMember, contentOf(world, { kind: "remove-message", message: said!.key as MessageId }));
    await world.advance(20_000);
    for (const one of [alice, bob, carol]) expect(wordsAt(world, one, id)).toEqual(["Sunday at 8"]);
  },
  memory,
);

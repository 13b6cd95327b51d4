// What members do in a group, what their rank allows, and what becomes of it at everybody's (PROTOCOL.md §13.5, §13.10).
import { expect } from "vitest";
import { sealContent } from "../../core/group/messages.ts";
import type { ConversationId, GroupAct, MessageId } from "../../core/index.ts";
import type { Content } from "../../core/wire/content.ts";
import { encodeContent } from "../../core/wire/content.ts";
import { sealEnvelope } from "../../core/wire/envelope.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { sealAs } from "../support/sim-forger.ts";
import {
  accountOf,
  conversationAt,
  eventsAt,
  groupAt,
  keysOf,
  profileOf,
  standGroup,
  timelineAt,
  topicAt,
  wordsAt,
} from "../support/sim-group.ts";
import { must, type World } from "../support/sim-world.ts";
import { story, threePeople, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;

/** Alice is the owner, Bob an admin, Carol a member. */
async function three(world: World) {
  const people = await threePeople(world);
  return { ...people, id: await standGroup(world, people.all, [people.bob]) };
}

const say = async (world: World, device: SimDevice, id: ConversationId, text: string) =>
  must(await world.run(device.messenger.sendText(id, text)));
const change = (world: World, device: SimDevice, id: ConversationId, act: GroupAct) =>
  world.run(device.messenger.groups.changeGroup(id, act));

/** What a Kith of somebody's own making says with this device's keys, past all rules of the sender's side. */
async function sayByHand(world: World, device: SimDevice, id: ConversationId, content: Content): Promise<void> {
  const { state, generation } = keysOf(world, device, id)!;
  const { key, secret } = topicAt(world, device, id)!;
  const { message } = await sealContent(state, encodeContent(content));
  const payload = { kind: "mls", message, generation } as const;
  const sealed = sealEnvelope(deriveTopic(secret).envelopeKey, key, payload, world.random.bytes(24));
  if (!sealed.ok) throw new Error("too large");
  world.node.append(key, sealed.value, undefined);
}

const contentOf = (world: World, number: number, body: Content["body"]): Content => ({
  id: "00000000000000a".concat(number.toString(16)),
  clockMs: world.clock.now(),
  clockCount: 0,
  number,
  body,
});

story(
  "a change that is ordered waits in sight, and comes into force for all",
  async (world) => {
    const { alice, carol, all, id } = await three(world);
    world.node.setUp(false);
    await world.advance(1_000);
    must(await change(world, alice, id, { kind: "rename", name: "Climbers" }));
    expect((await viewOf(world, alice, id)).group?.changes).toMatchObject([{ waits: "node", act: { kind: "rename" } }]);
    world.node.setUp(true);
    await world.advance(60_000);
    for (const one of all) expect(groupAt(world, one, id).facts.name).toBe("Climbers");
    expect((await viewOf(world, carol, id)).title).toBe("Climbers");
    expect((await viewOf(world, alice, id)).group?.changes).toEqual([]);
  },
  memory,
);

story(
  "a change that is taken back before a node has it does not come into force",
  async (world) => {
    const { alice, all, id } = await three(world);
    world.node.setUp(false);
    await world.advance(1_000);
    must(await change(world, alice, id, { kind: "rename", name: "Climbers" }));
    const [waiting] = (await viewOf(world, alice, id)).group?.changes ?? [];
    must(await world.run(alice.messenger.groups.cancelChange(id, waiting!.id)));
    world.node.setUp(true);
    await world.advance(60_000);
    for (const one of all) expect(groupAt(world, one, id).facts.name).toBe("Walkers");
  },
  memory,
);

story(
  "what somebody's rank does not allow is refused at once",
  async (world) => {
    const { alice, bob, carol, id } = await three(world);
    const refused = { ok: false, error: "not-allowed" };
    expect(await change(world, carol, id, { kind: "rename", name: "Mine" })).toEqual(refused);
    expect(await change(world, carol, id, { kind: "remove", account: accountOf(world, bob) })).toEqual(refused);
    expect(await change(world, bob, id, { kind: "remove", account: accountOf(world, alice) })).toEqual(refused);
    expect(await change(world, bob, id, { kind: "hand-over", account: accountOf(world, bob) })).toEqual(refused);
    expect((await viewOf(world, carol, id)).group?.rights).toMatchObject({ write: true, edit: false, remove: [] });
    expect((await viewOf(world, bob, id)).group?.rights.remove).toEqual([accountOf(world, carol)]);
  },
  memory,
);

story(
  "who leaves is gone for all, keeps what was said, and one of the others carries it out",
  async (world) => {
    const { alice, bob, carol, id } = await three(world);
    await say(world, alice, id, "before");
    await world.advance(30_000);
    must(await world.run(carol.messenger.groups.leaveGroup(id)));
    await world.advance(5_000);
    expect(conversationAt(world, carol, id).group?.standing).toMatchObject({ kind: "left" });
    expect(keysOf(world, carol, id)).toBeUndefined();
    expect(topicAt(world, carol, id)).toBeUndefined();
    expect(wordsAt(world, carol, id)).toEqual(["before"]);
    await world.advance(60_000);
    for (const one of [alice, bob]) {
      expect(groupAt(world, one, id).people.map(({ account }) => account)).not.toContain(accountOf(world, carol));
      expect(eventsAt(world, one, id)).toEqual([{ kind: "left", account: accountOf(world, carol) }]);
    }
    await say(world, alice, id, "after");
    await world.advance(60_000);
    expect(wordsAt(world, bob, id)).toEqual(["before", "after"]);
    expect(wordsAt(world, carol, id)).toEqual(["before"]);
    expect(await world.run(carol.messenger.sendText(id, "hello?"))).toEqual({ ok: false, error: "not-allowed" });
    must(await world.run(carol.messenger.groups.deleteGroup(id)));
    expect(await world.see(carol.messenger.conversation(id))).toBeUndefined();
    expect(timelineAt(world, carol, id)).toEqual([]);
  },
  memory,
);

story(
  "who leaves a moment after a change that takes the others elsewhere is heard all the same",
  async (world) => {
    const { alice, bob, carol, id } = await three(world);
    const { node } = world;
    const { append, read } = node;
    // Carol has read to the end as far as she knows, until something of hers is at the node.
    let isBehind = true;
    node.read = (topic, after, limit, by) => {
      const page = read(topic, after, limit, by);
      return by === "carol" && isBehind ? { ...page, entries: [], more: false } : page;
    };
    node.append = (topic, envelope, slot, by) => {
      const answer = append(topic, envelope, slot, by);
      if (by === "carol") isBehind = false;
      return answer;
    };
    must(await change(world, alice, id, { kind: "remove", account: accountOf(world, bob) }));
    await world.advance(5_000);
    must(await world.run(carol.messenger.groups.leaveGroup(id)));
    await world.advance(120_000);
    expect(conversationAt(world, carol, id).group?.standing).toMatchObject({ kind: "left" });
    expect(groupAt(world, alice, id).people.map(({ account }) => account)).toEqual([accountOf(world, alice)]);
  },
  { storage: "memory", links: false },
);

story(
  "an owner hands over before they leave, and nobody deletes a group that they are in",
  async (world) => {
    const { alice, bob, id } = await three(world);
    expect(await world.run(alice.messenger.groups.leaveGroup(id))).toEqual({ ok: false, error: "hand-over" });
    expect(await world.run(alice.messenger.groups.deleteGroup(id))).toEqual({ ok: false, error: "not-allowed" });
    must(await change(world, alice, id, { kind: "hand-over", account: accountOf(world, bob) }));
    await world.advance(10_000);
    must(await world.run(alice.messenger.groups.leaveGroup(id)));
    await world.advance(60_000);
    expect(groupAt(world, bob, id).people).toHaveLength(2);
    expect(groupAt(world, bob, id).facts.roles).toEqual([{ account: accountOf(world, bob), role: "owner" }]);
  },
  memory,
);

story(
  "a statement of leaving that is not signed by who leaves changes nothing",
  async (world) => {
    const { alice, bob, carol, id } = await three(world);
    const signature = world.random.bytes(64);
    await world.run(carol.stop());
    await sayByHand(world, carol, id, contentOf(world, 1, { kind: "leave", signature }));
    await say(world, alice, id, "still here");
    await world.advance(60_000);
    for (const one of [alice, bob]) {
      expect(groupAt(world, one, id).people.every(({ leaving }) => leaving === undefined)).toBe(true);
      expect(groupAt(world, one, id).people).toHaveLength(3);
    }
  },
  memory,
);

story(
  "a message is taken away for everybody, its words leave every disk, and the timeline says by whom",
  async (world) => {
    const { bob, carol, all, id } = await three(world);
    const message = await say(world, carol, id, "unkind");
    await world.advance(60_000);
    must(await world.run(bob.messenger.groups.removeMessage(message)));
    await world.advance(60_000);
    for (const one of all) {
      expect(wordsAt(world, one, id)).toEqual([]);
      expect(timelineAt(world, one, id).map(({ body }) => body)).toEqual([
        { kind: "removed", by: accountOf(world, bob) },
      ]);
      const list = await world.see(one.messenger.conversations);
      expect(list.find((chat) => chat.id === id)?.last).toMatchObject({ text: "", without: "removed" });
    }
  },
  memory,
);

story(
  "a message whose removal comes first is not shown when it comes",
  async (world) => {
    const { alice, bob, carol, id } = await three(world);
    await world.run(carol.stop());
    const { device } = profileOf(world, carol);
    const text = contentOf(world, 1, { kind: "text", text: "late" });
    const removal = { kind: "remove-message", message: `${device}/${text.id}` as MessageId } as const;
    await sayByHand(world, bob, id, { ...contentOf(world, 2, removal), number: 1 });
    await world.advance(10_000);
    await sayByHand(world, carol, id, text);
    await world.advance(10_000);
    expect(timelineAt(world, alice, id).map(({ body, author }) => [author, body])).toEqual([
      [accountOf(world, carol), { kind: "removed", by: accountOf(world, bob) }],
    ]);
  },
  memory,
);

story(
  "a removal in one group takes nothing away in another, whichever comes first",
  async (world) => {
    const { alice, bob, carol, id } = await three(world);
    const other = await standGroup(world, [bob, alice]);
    await world.run(carol.stop());
    const text = contentOf(world, 1, { kind: "text", text: "late" });
    const message = `${profileOf(world, carol).device}/${text.id}` as MessageId;
    await sayByHand(world, bob, other, contentOf(world, 1, { kind: "remove-message", message }));
    await world.advance(10_000);
    await sayByHand(world, carol, id, text);
    await world.advance(10_000);
    expect(wordsAt(world, alice, id)).toEqual(["late"]);
  },
  memory,
);

for (const first of ["the report", "the text"] as const) {
  story(
    `owner and admins see what others see of a text that has the id of a report, where ${first} comes first`,
    async (world) => {
      const { alice, bob, carol, id } = await three(world);
      const message = await say(world, alice, id, "rules");
      await world.advance(30_000);
      await world.run(carol.stop());
      const text = contentOf(world, 1, { kind: "text", text: "hidden" });
      const report = { ...contentOf(world, 2, { kind: "report", message, text: "look" }), id: text.id };
      for (const one of first === "the report" ? [report, text] : [text, report]) {
        const { key } = topicAt(world, carol, id)!;
        must(world.node.append(key, await sealAs(world, "carol", id, one), undefined));
        await world.advance(10_000);
      }
      for (const one of [alice, bob]) expect(wordsAt(world, one, id)).toEqual(["rules", "hidden"]);
    },
    memory,
  );
}

story(
  "a member takes away what is theirs and nothing else, whatever their Kith says",
  async (world) => {
    const { alice, bob, carol, id } = await three(world);
    const message = await say(world, alice, id, "rules");
    await world.advance(60_000);
    const refused = { ok: false, error: "not-allowed" };
    expect(await world.run(carol.messenger.groups.removeMessage(message))).toEqual(refused);
    expect(await world.run(bob.messenger.groups.removeMessage(message))).toEqual(refused);
    await world.run(carol.stop());
    await sayByHand(world, carol, id, contentOf(world, 1, { kind: "remove-message", message }));
    await world.advance(60_000);
    for (const one of [alice, bob]) expect(wordsAt(world, one, id)).toEqual(["rules"]);
  },
  memory,
);

story(
  "in slow mode a member waits, is told till when, and nobody shows what was said too soon all the same",
  async (world) => {
    const { alice, bob, carol, id } = await three(world);
    const rules = { writers: "everybody", slowModeS: 60, history: "none", joining: "approval" } as const;
    must(await change(world, alice, id, { kind: "rules", rules }));
    await world.advance(10_000);
    await say(world, carol, id, "one");
    expect(await world.run(carol.messenger.sendText(id, "two"))).toEqual({ ok: false, error: "slow-mode" });
    expect((await viewOf(world, carol, id)).group?.writableAtMs).toBeGreaterThan(world.clock.now());
    await world.advance(20_000);
    await world.run(carol.stop());
    await sayByHand(world, carol, id, contentOf(world, 2, { kind: "text", text: "cheat" }));
    await say(world, bob, id, "admins");
    await say(world, bob, id, "are not slowed");
    await world.advance(60_000);
    for (const one of [alice, bob]) expect(wordsAt(world, one, id)).toEqual(["one", "admins", "are not slowed"]);
    expect((await viewOf(world, alice, id)).missing).toBe(0);
  },
  memory,
);

story(
  "in a group of announcements admins write, and what a member says all the same is not shown",
  async (world) => {
    const { alice, bob, carol, id } = await three(world);
    const rules = { writers: "admins", slowModeS: 0, history: "none", joining: "approval" } as const;
    must(await change(world, bob, id, { kind: "rules", rules }));
    await world.advance(10_000);
    expect(await world.run(carol.messenger.sendText(id, "me too"))).toEqual({ ok: false, error: "not-allowed" });
    await world.run(carol.stop());
    await sayByHand(world, carol, id, contentOf(world, 1, { kind: "text", text: "me too" }));
    await say(world, bob, id, "news");
    await world.advance(60_000);
    expect(wordsAt(world, alice, id)).toEqual(["news"]);
  },
  memory,
);

story(
  "who was removed is told so, and is heard and told no more",
  async (world) => {
    const { alice, bob, carol, id } = await three(world);
    await say(world, alice, id, "before");
    await world.advance(30_000);
    must(await change(world, alice, id, { kind: "remove", account: accountOf(world, carol) }));
    await world.advance(30_000);
    expect((await viewOf(world, carol, id)).group?.standing).toMatchObject({
      kind: "removed",
      by: accountOf(world, alice),
    });
    expect(await world.run(carol.messenger.sendText(id, "why?"))).toEqual({ ok: false, error: "not-allowed" });
    await say(world, alice, id, "after");
    await world.advance(60_000);
    expect(wordsAt(world, bob, id)).toEqual(["before", "after"]);
    expect(wordsAt(world, carol, id)).toEqual(["before"]);
    const { messages } = await world.see(alice.messenger.timeline(id, 100));
    expect(messages.at(-1)?.reached).toEqual({ delivered: 1, read: 0, of: 1 });
  },
  memory,
);

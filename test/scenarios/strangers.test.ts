import { expect } from "vitest";
import { toHex } from "../../core/lang/bytes.ts";
import type { TopicRecord } from "../../core/ports/topic-record.ts";
import { keysOf, wrap } from "../support/sim-forger.ts";
import { must, rowsOn, textsOf, type World } from "../support/sim-world.ts";
import { marksOf, story, viewOf, wiretap } from "../support/story.ts";

/** Bob has answered Alice's invite and written; Alice has not decided. */
async function request(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const { link } = must(await world.run(alice.messenger.createInvite()));
  const id = must(await world.run(bob.messenger.acceptInvite(link)));
  must(await world.run(bob.messenger.sendText(id, "hello")));
  await world.advance(1_000);
  return { alice, bob, id };
}

story("says nothing to a stranger before the request is accepted", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const { link } = must(await world.run(alice.messenger.createInvite()));
  const leaving = wiretap(world);
  const id = must(await world.run(bob.messenger.acceptInvite(link)));
  must(await world.run(bob.messenger.sendText(id, "hello")));
  bob.messenger.setTyping(id, true);
  await world.advance(300_000);
  must(await world.run(alice.messenger.saveDraft(id, "who are you?")));
  must(await world.run(alice.messenger.markRead(id)));
  must(await world.run(alice.messenger.rename("Alice of old")));
  alice.messenger.setTyping(id, true);
  expect(await world.run(alice.messenger.sendText(id, "who are you?"))).toEqual({ ok: false, error: "not-allowed" });
  await world.advance(300_000);
  // The reply itself goes back to the node once, to learn whether it has the slot: an append of what lies there already.
  const ofBob = new Set(leaving.filter(({ device }) => device === "bob").map(({ bytes }) => toHex(bytes)));
  const own = leaving.filter(({ device, bytes }) => device === "alice" && !ofBob.has(toHex(bytes)));
  expect(own).toEqual([]);
  expect(leaving.filter(({ by }) => by === "link")).toEqual([]);
  expect(await viewOf(world, bob, id)).toMatchObject({ standing: "invited", presence: { kind: "unknown" } });
  expect(await marksOf(world, bob, id)).toEqual(["held"]);
  expect(await viewOf(world, alice, id)).toMatchObject({ presence: { kind: "unknown" }, typing: false });

  must(await world.run(alice.messenger.answerRequest(id, "accept")));
  await world.advance(5_000);
  expect(await marksOf(world, bob, id)).toEqual(["delivered"]);
  expect(await viewOf(world, bob, id)).toMatchObject({ title: "Alice of old", presence: { kind: "here" } });
  expect(await viewOf(world, alice, id)).toMatchObject({ presence: { kind: "here" }, person: { path: "direct" } });
});

story(
  "keeps no account of all the nonsense that a stranger leaves, and reads what is behind it",
  async (world) => {
    const { alice, bob, id } = await request(world);
    const { topic } = keysOf(world, "bob", id);
    for (let n = 0; n < 230; n++)
      must(world.node.append(topic.key, wrap(world, topic, world.random.bytes(40)), undefined));
    must(await world.run(bob.messenger.sendText(id, "and by the way")));
    await world.advance(5_000);
    expect(await textsOf(world, alice.messenger, id)).toEqual(["hello", "and by the way"]);
    const { due } = rowsOn<TopicRecord>(world.disk("alice"), "topics").find(({ key }) => key === topic.key)!;
    expect(due.filter(({ refused }) => refused)).toHaveLength(200);
    expect(due.filter(({ refused }) => !refused)).toHaveLength(2);
    must(await world.run(alice.messenger.answerRequest(id, "accept")));
    await world.advance(5_000);
    expect(await marksOf(world, bob, id)).toEqual(["delivered", "delivered"]);
  },
  { storage: "memory" },
);

story(
  "forgets a stranger who was deleted, and may be asked again",
  async (world) => {
    const { alice, bob, id } = await request(world);
    must(await world.run(alice.messenger.answerRequest(id, "delete")));
    await world.advance(1_000);
    expect(await world.see(alice.messenger.conversation(id))).toBeUndefined();
    must(await world.run(bob.messenger.sendText(id, "are you there?")));
    await world.advance(60_000);
    expect((await world.see(alice.messenger.conversations)).map(({ kind }) => kind)).toEqual(["self"]);
    expect(await marksOf(world, bob, id)).toEqual(["held", "held"]);
    for (const table of ["groups", "messages", "topics", "contacts", "outbox"] as const) {
      expect(
        rowsOn<{ key: string; conversation?: string }>(world.disk("alice"), table).filter(
          (row) => row.key === id || row.conversation === id,
        ),
        table,
      ).toEqual([]);
    }
  },
  { storage: "memory" },
);

story(
  "does not hear a blocked person again, whatever invite they answer",
  async (world) => {
    const { alice, bob, id } = await request(world);
    must(await world.run(alice.messenger.answerRequest(id, "block")));
    await world.advance(1_000);
    expect((await world.see(alice.messenger.conversations)).map(({ kind }) => kind)).toEqual(["self"]);
    const topics = rowsOn<TopicRecord>(world.disk("alice"), "topics");
    expect(topics).toEqual([]);

    // Bob starts afresh as far as Alice's engine can see: his engine would give him the conversation there is.
    const bobsDisk = world.disk("bob");
    for (const table of ["contacts", "conversations"] as const) bobsDisk.tables.get(table)?.clear();
    const { link } = must(await world.run(alice.messenger.createInvite()));
    must(await world.run(bob.messenger.acceptInvite(link)));
    await world.advance(5_000);
    expect((await world.see(alice.messenger.conversations)).map(({ kind }) => kind)).toEqual(["self"]);
    expect((await world.see(alice.messenger.invites)).map(({ state }) => state)).toEqual(["used", "used"]);

    // And Alice is told that she has blocked him when she opens an invite of his.
    const his = must(await world.run(bob.messenger.createInvite()));
    expect(await world.run(alice.messenger.acceptInvite(his.link))).toEqual({ ok: false, error: "blocked-person" });
  },
  { storage: "memory" },
);

story("ends the link to a contact that is blocked", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(5_000);
  expect(world.place.open.size).toBe(1);
  must(await world.run(alice.messenger.answerRequest(id, "block")));
  await world.advance(1_000);
  expect(world.place.open.size).toBe(0);
  await world.advance(120_000);
  expect(world.place.open.size).toBe(0);
});

story("reaches the person again by a new invite after both had deleted the conversation", async (world) => {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  must(await world.run(alice.messenger.answerRequest(id, "delete")));
  must(await world.run(bob.messenger.answerRequest(id, "delete")));
  const { link } = must(await world.run(alice.messenger.createInvite()));
  const again = must(await world.run(bob.messenger.acceptInvite(link)));
  must(await world.run(bob.messenger.sendText(again, "it is me again")));
  await world.advance(5_000);
  expect(await viewOf(world, alice, again)).toMatchObject({ standing: "request" });
  expect(await textsOf(world, alice.messenger, again)).toEqual(["it is me again"]);
});

/** Two conversations of the same two people: each opened the other's link at the same time. */
async function crossed(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const fromAlice = must(await world.run(alice.messenger.createInvite()));
  const fromBob = must(await world.run(bob.messenger.createInvite()));
  const answers = await world.run(
    Promise.all([alice.messenger.acceptInvite(fromBob.link), bob.messenger.acceptInvite(fromAlice.link)]),
  );
  await world.advance(5_000);
  const ids = answers.map((one) => must(one));
  for (const id of ids) {
    must(await world.run(alice.messenger.sendText(id, "from Alice")));
    must(await world.run(bob.messenger.sendText(id, "from Bob")));
  }
  await world.advance(5_000);
  expect(await world.see(alice.messenger.conversations)).toHaveLength(3);
  return { alice, bob, ids };
}

for (const answer of ["block", "delete"] as const) {
  story(
    `leaves nothing of somebody with whom there were two conversations, after ${answer}`,
    async (world) => {
      const { alice, bob, ids } = await crossed(world);
      must(await world.run(alice.messenger.answerRequest(ids[0]!, answer)));
      await world.advance(1_000);
      expect((await world.see(alice.messenger.conversations)).map(({ kind }) => kind)).toEqual(["self"]);
      expect(world.place.open.size).toBe(0);
      for (const table of ["groups", "messages", "topics", "outbox", "seen"] as const) {
        const left = rowsOn<{ key: string; conversation?: string }>(world.disk("alice"), table).filter(
          ({ key, conversation = key }) => ids.some((id) => id === conversation),
        );
        expect(left, table).toEqual([]);
      }
      for (const id of ids) {
        must(await world.run(bob.messenger.sendText(id, "are you there?")));
        expect((await world.run(alice.messenger.sendText(id, "no"))).ok).toBe(false);
      }
      await world.advance(60_000);
      expect((await world.see(alice.messenger.conversations)).map(({ kind }) => kind)).toEqual(["self"]);
      expect(world.place.open.size).toBe(0);
    },
    { storage: "memory" },
  );
}

story(
  "writes to nobody whose contact is gone",
  async (world) => {
    const { alice, id } = await request(world);
    must(await world.run(alice.messenger.answerRequest(id, "accept")));
    await world.advance(5_000);
    world.disk("alice").tables.get("contacts")?.clear();
    const leaving = wiretap(world);
    expect(await world.run(alice.messenger.sendText(id, "to whom?"))).toEqual({ ok: false, error: "not-allowed" });
    expect(leaving).toEqual([]);
  },
  { storage: "memory" },
);

// A profile that is an earlier copy of itself: its keys were used since, and using one twice would tell the node what two
// messages have in common.
import { expect } from "vitest";
import type { ConversationRecord } from "../../core/ports/conversation-record.ts";
import type { MessageRecord } from "../../core/ports/message-record.ts";
import { openEnvelope } from "../../core/wire/envelope.ts";
import { decodeLinkFrame } from "../../core/wire/link-protocol.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import { keysOf } from "../support/sim-forger.ts";
import { conversationAt, profileOf, timelineAt } from "../support/sim-group.ts";
import { must, textsOf } from "../support/sim-world.ts";
import { marksOf, story, viewOf, wiretap } from "../support/story.ts";

story(
  "says nothing under keys that were used before, once the node shows that it was put back to an earlier copy",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    const earlier = structuredClone(world.disk("bob").tables);
    for (const text of ["forgotten", "forgotten as well"]) must(await world.run(bob.messenger.sendText(id, text)));
    await world.advance(10_000);
    for (const one of [alice, bob]) await world.run(one.stop());
    const { tables } = world.disk("bob");
    tables.clear();
    for (const [table, rows] of earlier) tables.set(table, rows);

    const leaving = wiretap(world);
    await bob.start();
    must(await world.run(bob.messenger.sendText(id, "before he could know")));
    await world.advance(10_000);
    must(await world.run(bob.messenger.sendText(id, "while he waits for new keys")));
    await world.advance(60_000);
    const { topic } = keysOf(world, "bob", id);
    const kinds = leaving
      .filter(({ device, by }) => device === "bob" && by === "append")
      .map(({ bytes }) => must(openEnvelope(deriveTopic(topic.secret).envelopeKey, topic.key, bytes)).kind);
    expect(new Set(kinds)).toEqual(new Set(["heal-request"]));

    await alice.start();
    await world.advance(60_000);
    const texts = await textsOf(world, alice.messenger, id);
    expect(texts).toEqual(expect.arrayContaining(["before he could know", "while he waits for new keys"]));
  },
  { storage: "memory", links: false },
);

story(
  "uses no key twice, however much it writes before it could know that it was put back to an earlier copy",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    const earlier = structuredClone(world.disk("bob").tables);
    for (const text of ["forgotten", "forgotten as well"]) must(await world.run(bob.messenger.sendText(id, text)));
    await world.advance(10_000);
    await world.run(bob.stop());
    const { tables } = world.disk("bob");
    tables.clear();
    for (const [table, rows] of earlier) tables.set(table, rows);

    const leaving = wiretap(world);
    const { group, topic } = keysOf(world, "bob", id);
    world.node.setUp(false);
    await bob.start();
    const texts = Array.from({ length: 8 }, (_, n) => `before he could know ${n}`);
    for (const text of texts) must(await world.run(bob.messenger.sendText(id, text)));
    expect(await marksOf(world, bob, id)).toEqual(texts.map(() => "saved"));
    await world.advance(10_000);
    expect(keysOf(world, "bob", id).group.state).toEqual(group.state);
    world.node.setUp(true);
    await world.advance(120_000);
    const { envelopeKey } = deriveTopic(topic.secret);
    const underOldKeys = leaving.filter(({ device, by, bytes }) => {
      const payload = device === "bob" && by === "append" && must(openEnvelope(envelopeKey, topic.key, bytes));
      return payload && payload.kind === "mls" && payload.generation === group.generation;
    });
    expect(underOldKeys).toEqual([]);
    expect(await textsOf(world, alice.messenger, id)).toEqual(expect.arrayContaining(texts));
    expect(new Set((await marksOf(world, bob, id)).slice(-texts.length))).toEqual(new Set(["delivered"]));
  },
  { storage: "memory", links: false },
);

story(
  "says what waited until it had read the topic, in the order in which it was written",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    await world.run(bob.stop());
    world.node.setUp(false);
    await bob.start();
    const texts = Array.from({ length: 150 }, (_, n) => `number ${n}`);
    for (const text of texts) must(await world.run(bob.messenger.sendText(id, text)));
    world.node.setUp(true);
    await world.advance(120_000);
    expect(await textsOf(world, alice.messenger, id)).toEqual(texts);
    expect(new Set(await marksOf(world, bob, id))).toEqual(new Set(["delivered"]));
    expect(keysOf(world, "bob", id).group.generation).toBe(0);
  },
  { storage: "memory", links: false },
);

story(
  "is asked for new keys again where it had taken the request over a link and forgot it",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    const disk = world.disk("alice");
    const earlier = structuredClone(disk.tables);
    let forgot = false;
    disk.onCommit = (moment, { changes }) => {
      const isNoted = changes.some(
        (change) => change.kind === "put" && change.table === "conversations" && change.row.asker !== undefined,
      );
      if (moment !== "after" || !isNoted || forgot) return;
      forgot = true;
      // So that there is no answer yet.
      disk.failNext = "full";
      world.clock.after(20, () => {
        alice.crash();
        disk.tables.clear();
        for (const [table, kept] of structuredClone(earlier)) disk.tables.set(table, kept);
      });
    };
    const rows = world.disk("bob").tables.get("conversations") as Map<string, ConversationRecord>;
    const healing = { why: "forked", sinceMs: world.clock.now(), asked: undefined } as const;
    rows.set(id, { ...rows.get(id)!, healing });
    // He finds out on a link, and asks over it.
    must(await world.run(alice.messenger.sendText(id, "what she will forget")));
    await world.advance(10_000);
    expect(forgot).toBe(true);
    await alice.start();
    await world.advance(60_000);
    for (const one of [alice, bob]) {
      expect((await viewOf(world, one, id)).healingSinceMs).toBeUndefined();
      must(await world.run(one.messenger.sendText(id, `${one.name} goes on`)));
    }
    await world.advance(10_000);
    for (const one of [alice, bob]) expect(await textsOf(world, one.messenger, id)).toContain("alice goes on");
  },
  { storage: "memory" },
);

story(
  "says what waited over a link whose other end was slow to say what it has, although no node answers",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(20_000);
    await world.run(bob.stop());
    world.faults = { ...world.faults, busy: 1 };
    world.taps.add({
      framed(device, _, bytes) {
        const isLate = device === "alice" && must(decodeLinkFrame(bytes)).kind === "have";
        world.faults = { ...world.faults, delayMs: isLate ? [2_000, 2_000] : [1, 5] };
      },
    });
    await bob.start();
    must(await world.run(bob.messenger.sendText(id, "hello")));
    await world.advance(60_000);
    expect((await viewOf(world, bob, id)).person?.path).toBe("direct");
    expect(await textsOf(world, alice.messenger, id)).toEqual(["hello"]);
  },
  { storage: "memory" },
);

story(
  "gives no number twice after its keys were lost with what it had said, although nobody but the new keys' maker can tell",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    const earlier = structuredClone(world.disk("bob").tables);
    for (const text of ["forgotten", "forgotten as well"]) must(await world.run(bob.messenger.sendText(id, text)));
    await world.advance(10_000);
    await world.run(bob.stop());
    const { tables } = world.disk("bob");
    tables.clear();
    for (const [table, rows] of earlier) tables.set(table, rows);
    tables.get("groups")?.delete(id);

    await bob.start();
    must(await world.run(bob.messenger.sendText(id, "new")));
    await world.advance(60_000);
    const numbers = [...(world.disk("bob").tables.get("messages")?.values() ?? [])] as MessageRecord[];
    expect(numbers.filter(({ body }) => body.kind === "text").map(({ number }) => number)).toEqual([3]);
    expect(numbers.filter(({ body }) => body.kind === "notice")).toHaveLength(1);
    expect((await textsOf(world, alice.messenger, id)).slice(0, 3)).toEqual(["forgotten", "forgotten as well", "new"]);
  },
  { storage: "memory", links: false },
);

story(
  "gives no number twice although who has them was away when it asked for new keys, whoever of the two makes them",
  async (world) => {
    const both = { alice: await world.person("alice"), bob: await world.person("bob") };
    const id = await world.befriend(both.alice, both.bob);
    await world.advance(5_000);
    const isFirst = profileOf(world, both.alice).device < profileOf(world, both.bob).device;
    const [maker, other] = isFirst ? [both.alice, both.bob] : [both.bob, both.alice];
    for (const [putBack, away] of [
      [maker, other],
      [other, maker],
    ] as const) {
      const before = await textsOf(world, away.messenger, id);
      const earlier = structuredClone(world.disk(putBack.name).tables);
      for (const text of ["forgotten", "forgotten as well"])
        must(await world.run(putBack.messenger.sendText(id, text)));
      await world.advance(10_000);
      for (const one of [maker, other]) await world.run(one.stop());
      const { tables } = world.disk(putBack.name);
      tables.clear();
      for (const [table, rows] of earlier) tables.set(table, rows);
      // Both ask each other, and the one with the lower id answers.
      for (const { name } of [maker, other]) world.disk(name).tables.get("groups")?.delete(id);
      await putBack.start();
      await world.advance(30_000);
      must(await world.run(putBack.messenger.sendText(id, "new")));
      await world.advance(30_000);
      await away.start();
      await world.advance(60_000);
      const texts = (await textsOf(world, away.messenger, id))
        .slice(before.length)
        .filter((text) => text !== "(unknown)");
      expect(texts).toEqual(["forgotten", "forgotten as well", "new"]);
      const device = profileOf(world, putBack).device;
      const numbers = timelineAt(world, away, id).flatMap(({ authorDevice, number }) =>
        authorDevice === device && number > 0 ? [number] : [],
      );
      expect(numbers).toEqual([1, 2, 3]);
    }
  },
  { storage: "memory", links: false },
);

story(
  "knows its numbers after its keys were lost, also where the other side has nothing of it",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    await world.run(bob.stop());
    world.disk("bob").tables.get("groups")?.delete(id);
    await bob.start();
    await world.advance(60_000);
    expect(conversationAt(world, bob, id)).toMatchObject({ healing: undefined });
    expect(await textsOf(world, bob.messenger, id)).toHaveLength(1);
    must(await world.run(bob.messenger.sendText(id, "first")));
    await world.advance(10_000);
    expect(await textsOf(world, alice.messenger, id)).toContain("first");
  },
  { storage: "memory", links: false },
);

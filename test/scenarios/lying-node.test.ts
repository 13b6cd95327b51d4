// A node that does not keep to the rules (FAULTS F21), at its worst: no other node, no links. Nothing it does is believed
// for long, and what it keeps back is seen to be missing.
import { expect } from "vitest";
import type { ConversationId } from "../../core/index.ts";
import { openEnvelope, sealEnvelope } from "../../core/wire/envelope.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import { keysOf } from "../support/sim-forger.ts";
import { createTrickster } from "../support/sim-tricks.ts";
import { homeNode, must, textsOf, type World } from "../support/sim-world.ts";
import { marksOf, story, viewOf } from "../support/story.ts";

const throughTheNode = { storage: "memory", links: false } as const;

async function friends(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(5_000);
  return { alice, bob, id };
}

/** Keeps back the next entry of the conversation's topic, from all but `seenBy`; the returned function ends it. */
function keepBack(world: World, id: ConversationId, seenBy?: string): () => void {
  const { topic } = keysOf(world, "alice", id);
  const { read } = world.node;
  const next = world.node.latest(topic.key) + 1;
  world.node.read = (at, after, limit, by) => {
    const page = read(at, after, limit, by);
    const isHidden = at === topic.key && (seenBy === undefined || by !== seenBy);
    return isHidden ? { ...page, entries: page.entries.filter(({ sequence }) => sequence !== next) } : page;
  };
  return () => {
    world.node.read = read;
  };
}

story(
  "does not count a promise as kept whose envelope the node gives nobody",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    const end = keepBack(world, id);
    must(await world.run(alice.messenger.sendText(id, "kept back")));
    // She looks whenever she reads; once may be an accident, and it is left there again.
    for (let n = 0; n < 2; n++) {
      await world.advance(10_000);
      world.node.setUp(false);
      await world.advance(1_000);
      world.node.setUp(true);
      await world.advance(10_000);
    }
    const [message] = (await world.see(alice.messenger.timeline(id, 10))).messages;
    expect(message?.mark).toMatchObject({ kind: "trouble", trouble: { node: homeNode, what: "broke-promise" } });
    end();
    must(await world.run(alice.messenger.sendText(id, "honest again")));
    await world.advance(3_600_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["kept back", "honest again"]);
    expect(new Set(await marksOf(world, alice, id))).toEqual(new Set(["delivered"]));
  },
  throughTheNode,
);

story(
  "shows what a node keeps back from the other side only: not delivered here, missing there",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    const end = keepBack(world, id, "alice");
    must(await world.run(alice.messenger.sendText(id, "kept back")));
    await world.advance(60_000);
    must(await world.run(alice.messenger.sendText(id, "shown")));
    await world.advance(10_000);
    end();
    expect(await textsOf(world, bob.messenger, id)).toEqual(["shown"]);
    expect(await marksOf(world, alice, id)).toEqual(["held", "delivered"]);
    // From here on the node is honest, but Bob has read past what it kept back: he asks for it.
    await world.advance(55_000);
    expect((await viewOf(world, bob, id)).missing + (await textsOf(world, bob.messenger, id)).length).toBe(2);
    await world.advance(60_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(["kept back", "shown"]);
    expect((await viewOf(world, bob, id)).missing).toBe(0);
    expect(await marksOf(world, alice, id)).toEqual(["delivered", "delivered"]);
  },
  throughTheNode,
);

story(
  "does not take a successor group again that comes in new wrapping",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await world.run(bob.stop());
    world.disk("bob").tables.get("groups")!.delete(id);
    await bob.start();
    await world.advance(30_000);
    const { topic, group } = keysOf(world, "bob", id);
    expect(group.generation).toBe(1);
    const { envelopeKey } = deriveTopic(topic.secret);
    const payloads = world.node.topics
      .get(topic.key)!
      .entries.map(({ envelope }) => must(openEnvelope(envelopeKey, topic.key, envelope)));
    const successor = payloads.find(({ kind }) => kind === "successor")!;
    const again = must(sealEnvelope(envelopeKey, topic.key, successor, world.random.bytes(24)));
    must(world.node.append(topic.key, again, undefined));
    await world.advance(60_000);
    for (const one of [alice, bob]) {
      expect((await viewOf(world, one, id)).healingSinceMs).toBeUndefined();
      expect(keysOf(world, one.name, id).group.generation).toBe(1);
      must(await world.run(one.messenger.sendText(id, `${one.name} goes on`)));
    }
    await world.advance(10_000);
    const texts = await textsOf(world, bob.messenger, id);
    expect(texts.filter((text) => text !== "(unknown)")).toEqual(["alice goes on", "bob goes on"]);
  },
  throughTheNode,
);

story(
  "shows for ever what a node keeps back for ever, when there is no other way",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    const trickster = createTrickster(world.node, world.random);
    trickster.playing.add("hides");
    for (let n = 0; n < 20; n++) {
      must(await world.run(alice.messenger.sendText(id, `${n}`)));
      await world.advance(2_000);
    }
    for (let day = 0; day < 3; day++) {
      await world.advance(3_600_000);
      const there = new Set(await textsOf(world, bob.messenger, id));
      const { messages } = await world.see(alice.messenger.timeline(id, 100));
      const believed = messages.filter(({ mark }) => mark?.kind === "delivered" || mark?.kind === "read");
      // Whatever is believed to be there is there; what is not there shows.
      for (const { body } of believed) expect(there).toContain(body.kind === "text" ? body.text : "");
      const last = Math.max(-1, ...[...there].map(Number));
      const gaps = Array.from({ length: last }, (_, n) => `${n}`).filter((text) => !there.has(text));
      expect((await viewOf(world, bob, id)).missing).toBe(gaps.length);
    }
  },
  throughTheNode,
);

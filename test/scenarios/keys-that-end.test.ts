// What a stolen disk must not give back: keys that were used while a renewal waited for its slot.
import { expect } from "vitest";
import { openMessage } from "../../core/group/messages.ts";
import type { ConversationId } from "../../core/index.ts";
import { openEnvelope } from "../../core/wire/envelope.ts";
import { decodeLinkFrame } from "../../core/wire/link-protocol.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import { keysOf } from "../support/sim-forger.ts";
import { must, textsOf, type World } from "../support/sim-world.ts";
import { arrivalsOf, type Leaving, story, wiretap } from "../support/story.ts";

/** How many of the envelopes that Bob sent over the link the keys on Alice's disk open. */
async function openable(world: World, id: ConversationId, leaving: readonly Leaving[]): Promise<number> {
  const { group, topic } = keysOf(world, "alice", id);
  let opened = 0;
  for (const { device, by, bytes } of leaving) {
    const frame = by === "link" && device === "bob" ? must(decodeLinkFrame(bytes)) : undefined;
    if (frame?.kind !== "deliver") continue;
    const payload = must(openEnvelope(deriveTopic(topic.secret).envelopeKey, topic.key, frame.envelope));
    if (payload.kind === "mls" && (await openMessage(group.state, payload.message, () => true)).ok) opened++;
  }
  return opened;
}

story(
  "cannot open again what came over the link between a renewal and its slot",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    const before = keysOf(world, "alice", id).group;
    // The node has no time for the commit; the link has for everything else.
    world.faults = { ...world.faults, busy: 1 };
    for (let n = before.sealedSinceUpdate; n < 100; n++) {
      must(await world.run(alice.messenger.sendText(id, `alice ${n}`)));
    }
    await world.advance(1_000);
    expect(keysOf(world, "alice", id).group.pending).toBeDefined();
    const leaving = wiretap(world);
    for (let n = 0; n < 40; n++) must(await world.run(bob.messenger.sendText(id, `bob ${n}`)));
    await world.advance(1_000);
    expect(keysOf(world, "alice", id).group.pending).toBeDefined();
    world.faults = { ...world.faults, busy: 0 };
    must(await world.run(alice.messenger.sendText(id, "once more")));
    await world.advance(10_000);
    expect(keysOf(world, "alice", id).group.epoch).toBe(before.epoch + 1);
    expect(leaving.filter(({ device, by }) => device === "bob" && by === "link").length).toBeGreaterThanOrEqual(40);
    expect(await openable(world, id, leaving)).toBe(0);
    must(await world.run(bob.messenger.sendText(id, "and on it goes")));
    await world.advance(5_000);
    expect(await textsOf(world, alice.messenger, id)).toEqual(await textsOf(world, bob.messenger, id));
    expect(new Set(await arrivalsOf(world, bob, id))).toEqual(new Set(["delivered"]));
  },
  { storage: "memory" },
);

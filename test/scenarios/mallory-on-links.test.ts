// Mallory is a contact of Alice's, speaks the link protocol by hand, and obeys no rule.
import { expect } from "vitest";
import { renewLeaf } from "../../core/group/messages.ts";
import { toHex } from "../../core/lang/bytes.ts";
import { envelopeHash } from "../../core/wire/envelope.ts";
import { announcedHand, dialByHand, keysOf, proofBy, rewrap, sealAs, wrap } from "../support/sim-forger.ts";
import { photographOf, say, threesome } from "../support/sim-mallory.ts";
import { must, textsOf } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const memory = { storage: "memory" } as const;

story(
  "invariant 7: only keys decide who speaks on a link",
  async (world) => {
    const { withMallory, withBob } = await threesome(world);
    const hers = keysOf(world, "mallory", withMallory);
    const alices = keysOf(world, "alice", withMallory);
    const foreign = keysOf(world, "bob", withBob);
    const lies = {
      "a MAC under no epoch's key": { secret: world.random.bytes(32) },
      "a signature by another key": { seed: world.random.bytes(32) },
      "the listener's role": { role: "listener" },
      "another connection's addresses": { ownPeer: "peerelsewhere" },
      "Alice's own device": { device: alices.profile.device },
      "a device nobody knows": { device: toHex(world.random.bytes(16)) as never },
      "Bob's device": { device: foreign.profile.device },
    } as const;
    for (const [lie, as] of Object.entries(lies)) {
      const link = await dialByHand(world, hers, "alice");
      await link.say(proofBy(hers, link.raw, as));
      expect(link.closed, lie).toBe(true);
      expect(link.heard, lie).toEqual([]);
    }
    const silent = await dialByHand(world, hers, "alice");
    await world.advance(6_000);
    expect(silent.closed, "no proof within five seconds").toBe(true);
    const hasty = await dialByHand(world, hers, "alice");
    await hasty.say({ kind: "ping", id: 1 });
    expect(hasty.closed, "a frame before the proof").toBe(true);
    expect(hasty.heard).toEqual([]);
    const honest = await dialByHand(world, hers, "alice");
    await honest.say(proofBy(hers, honest.raw));
    expect(honest.closed).toBe(false);
    expect(honest.heard.map(({ kind }) => kind)).toEqual(["proof", "have"]);
    await honest.say(proofBy(hers, honest.raw));
    expect(honest.closed, "a second proof").toBe(true);
  },
  memory,
);

story(
  "refuses a proof that only the topic's secret stands behind, after the person was blocked",
  async (world) => {
    const { alice, withMallory } = await threesome(world);
    const hers = keysOf(world, "mallory", withMallory);
    const link = await dialByHand(world, hers, "alice");
    must(await world.run(alice.messenger.answerRequest(withMallory, "block")));
    await link.say(proofBy(hers, link.raw));
    expect(link.closed).toBe(true);
    expect(link.heard).toEqual([]);
    const later = await announcedHand(world, hers, "alice");
    expect(await later.dial()).toEqual({ ok: false, error: "unreachable" });
  },
  memory,
);

story(
  "invariants 3 and 6: what no key opens changes nothing and is answered, over a link",
  async (world) => {
    const { alice, withMallory, withBob } = await threesome(world);
    const keys = keysOf(world, "mallory", withMallory);
    const link = await dialByHand(world, keys, "alice");
    await link.say(proofBy(keys, link.raw));
    link.heard.length = 0;
    const envelope = await sealAs(world, "mallory", withMallory, say(world, "once"));
    const deliver = async (bytes: Uint8Array, topic = keys.topic.key) => {
      link.heard.length = 0;
      await link.say({ kind: "deliver", topic, envelope: bytes });
      const [got] = link.heard;
      return got?.kind === "got" && got.hash === envelopeHash(bytes) ? (got.refused ? "refused" : "taken") : "nothing";
    };
    expect(await deliver(envelope)).toBe("taken");
    const before = photographOf(world, "alice");
    expect(await deliver(envelope), "the same again").toBe("taken");
    expect(await deliver(rewrap(world, keys.topic, envelope)), "the same in other wrapping").toBe("refused");
    expect(await deliver(world.random.bytes(1_024)), "noise").toBe("refused");
    expect(await deliver(wrap(world, keys.topic, world.random.bytes(100))), "no MLS message").toBe("refused");
    const foreign = keysOf(world, "bob", withBob);
    expect(await deliver(envelope, foreign.topic.key), "what is here already, in a topic of others").toBe("taken");
    const hersAgain = rewrap(world, keys.topic, envelope);
    expect(await deliver(hersAgain, foreign.topic.key), "a topic of others").toBe("refused");
    expect(await deliver(hersAgain, "ab".repeat(32) as never), "a topic not known here (yet)").toBe("nothing");
    const bobs = world.node.topics.get(foreign.topic.key)!.entries.at(-1)!.envelope;
    expect(await deliver(bobs, foreign.topic.key), "somebody else's envelope, which is here already").toBe("taken");
    expect(photographOf(world, "alice")).toEqual(before);
    expect(await textsOf(world, alice.messenger, withMallory)).toEqual(["once"]);
    expect(link.closed).toBe(false);
    await link.raw.send(world.random.bytes(40));
    await world.advance(50);
    expect(link.closed, "a frame that is none").toBe(true);
  },
  memory,
);

story(
  "takes a commit from its slot in the topic only, so that a link cannot split a conversation",
  async (world) => {
    const { withMallory } = await threesome(world);
    const keys = keysOf(world, "mallory", withMallory);
    const link = await dialByHand(world, keys, "alice");
    await link.say(proofBy(keys, link.raw));
    const { commit } = await renewLeaf(keys.group.state, () => true);
    const before = photographOf(world, "alice");
    await link.say({ kind: "deliver", topic: keys.topic.key, envelope: wrap(world, keys.topic, commit) });
    expect(photographOf(world, "alice")).toEqual(before);
  },
  memory,
);

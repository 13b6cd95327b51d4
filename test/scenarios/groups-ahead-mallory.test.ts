// A member who does not keep to the rules: what she leaves is of an epoch that there never was (PROTOCOL.md §13.3).
import { expect } from "vitest";
import { makeChange } from "../../core/group/change.ts";
import { toHex } from "../../core/lang/bytes.ts";
import { encodeCommitNote } from "../../core/wire/commit-note.ts";
import { sealEnvelope } from "../../core/wire/envelope.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import { conversationAt, groupAt, keysOf, standGroup, topicAt, wants, wordsAt } from "../support/sim-group.ts";
import { must } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

story(
  "a member who claims a later epoch than there is stops nobody",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const mallory = await world.person("mallory");
    const id = await standGroup(world, [alice, bob, mallory]);
    await world.run(mallory.stop());
    const note = must(
      encodeCommitNote({
        id: toHex(world.random.bytes(8)),
        clockMs: world.clock.now(),
        clockCount: 0,
        lists: [],
        names: [],
        leaves: [],
        healed: undefined,
        link: undefined,
        succession: undefined,
      }),
    );
    const wish = { add: [], removeLeaves: [], note };
    const { state } = keysOf(world, mallory, id)!;
    const first = must(await makeChange(state, wish, () => true));
    const second = must(await makeChange(first.next, wish, () => true));
    const { key, secret } = topicAt(world, mallory, id)!;
    const payload = { kind: "mls", message: second.commit, generation: 0 } as const;
    must(
      world.node.append(
        key,
        must(sealEnvelope(deriveTopic(secret).envelopeKey, key, payload, world.random.bytes(24))),
        undefined,
      ),
    );
    await world.advance(10_000);
    for (let n = 0; n < 3; n++) {
      must(await world.run(alice.messenger.sendText(id, `one ${n}`)));
      must(await world.run(bob.messenger.sendText(id, `two ${n}`)));
      await world.advance(60_000);
    }
    await wants(world, alice, id, { kind: "rename", name: "Climbers" });
    await world.advance(120_000);
    for (const one of [alice, bob]) {
      expect(wordsAt(world, one, id)).toHaveLength(6);
      expect(groupAt(world, one, id).facts.name).toBe("Climbers");
      expect(keysOf(world, one, id)?.epoch).toBe(2);
      expect(conversationAt(world, one, id).healing).toBeUndefined();
    }
  },
  { storage: "memory" },
);

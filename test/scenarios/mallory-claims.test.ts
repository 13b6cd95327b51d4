// Mallory is in a group with Alice, whose contact she is, and says again and again that Alice has said more than she has.
import { expect } from "vitest";
import { keysOf, sealAs } from "../support/sim-forger.ts";
import { conversationAt, profileOf, standGroup, wordsAt } from "../support/sim-group.ts";
import { say } from "../support/sim-mallory.ts";
import { must } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

story(
  "takes new keys once because of what somebody claims, however often they claim it",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const mallory = await world.person("mallory");
    await world.befriend(alice, bob);
    await world.befriend(alice, mallory);
    const id = await standGroup(world, [alice, bob, mallory]);
    await world.advance(20_000);
    const before = keysOf(world, "alice", id).group.epoch;
    const { device } = profileOf(world, alice);
    const spoken: string[] = [];
    for (let n = 0; n < 5; n++) {
      await world.run(mallory.stop());
      const ranges = [[1, conversationAt(world, alice, id).sentNumber + 10]] as const;
      const body = { kind: "have", have: [{ device, ranges }] } as const;
      const envelope = await sealAs(world, "mallory", id, { ...say(world, ""), number: 0, body });
      must(world.node.append(keysOf(world, "mallory", id).topic.key, envelope, undefined));
      await mallory.start();
      await world.advance(20_000);
      spoken.push(`word ${n}`);
      must(await world.run(alice.messenger.sendText(id, `word ${n}`)));
      await world.advance(20_000);
    }
    expect(keysOf(world, "alice", id).group.epoch).toBe(before + 1);
    expect(conversationAt(world, alice, id).sentNumber).toBeGreaterThanOrEqual(50);
    expect(wordsAt(world, bob, id)).toEqual(spoken);
  },
  { storage: "memory" },
);

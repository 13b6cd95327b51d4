// What a device itself said comes back to it (PROTOCOL.md §13.7): a signature does not cover how often its author had sealed, so
// that any member can show it again.
import { expect } from "vitest";
import { sealContent } from "../../core/group/messages.ts";
import { type Content, encodeContent } from "../../core/wire/content.ts";
import { leave } from "../support/groups-by-hand.ts";
import { accountOf, conversationAt, keysOf, standGroup, topicAt } from "../support/sim-group.ts";
import { must, type World } from "../support/sim-world.ts";
import { story, threePeople } from "../support/story.ts";

/** Alice's healing after her device read this of its own making. */
async function healingAfter(world: World, body: Content["body"], number: number) {
  const { alice, bob, carol, all } = await threePeople(world);
  const id = await standGroup(world, all);
  for (const one of [bob, carol]) await world.run(one.stop());
  must(await world.run(alice.messenger.sendText(id, "here")));
  await world.advance(5_000);
  const { state } = keysOf(world, alice, id)!;
  const content = { id: "00000000000000ab", number, clockMs: world.clock.now(), clockCount: 0, body };
  const { message } = await sealContent(state, encodeContent(content));
  leave(world, topicAt(world, alice, id)!, { kind: "mls", message, generation: 0 });
  await world.advance(5_000);
  return { healing: conversationAt(world, alice, id).healing, account: accountOf(world, alice) };
}

const memory = { storage: "memory" } as const;

story(
  "a text that a device does not know it said shows that it is an earlier copy",
  async (world) => {
    const { healing } = await healingAfter(world, { kind: "text", text: "forgotten" }, 9);
    expect(healing).toMatchObject({ why: "rolled-back" });
    expect(healing?.claimedBy).toBeUndefined();
  },
  memory,
);

story(
  "what has no number shows it no better than the word of one person",
  async (world) => {
    const { healing, account } = await healingAfter(world, { kind: "profile", name: "Alice", nodes: [] }, 0);
    expect(healing).toMatchObject({ why: "rolled-back", claimedBy: account });
  },
  memory,
);

// The judge of lives that listens for who is gone hears what somebody says to them by mistake: it is not deaf.
import { expect } from "vitest";
import { messageIdOf } from "../../core/conversation/order.ts";
import { sealContent } from "../../core/group/messages.ts";
import { type Content, encodeContent } from "../../core/wire/content.ts";
import { leave } from "../support/groups-by-hand.ts";
import { listenWhenGone } from "../support/sim-gone-ears.ts";
import { accountOf, keysOf, profileOf, standGroup, topicAt, wants } from "../support/sim-group.ts";
import type { Said } from "../support/sim-group-acts.ts";
import { story } from "../support/story.ts";

story(
  "what is said to others with the keys of before somebody was removed is overheard",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const carol = await world.person("carol");
    const id = await standGroup(world, [alice, bob, carol]);
    const ears = listenWhenGone(world, ["alice", "bob", "carol"], () => id);
    const { state } = keysOf(world, alice, id)!;
    await wants(world, alice, id, { kind: "remove", account: accountOf(world, carol) });
    await world.advance(30_000);
    expect(ears.count).toBe(1);
    expect(await ears.overheard([])).toEqual([]);

    const content: Content = {
      id: "a1b2c3d4e5f60718",
      number: 1,
      clockMs: world.clock.now(),
      clockCount: 0,
      body: { kind: "text", text: "without her" },
    };
    const { message } = await sealContent(state, encodeContent(content));
    leave(world, topicAt(world, alice, id)!, { kind: "mls", message, generation: 0 });
    const by = profileOf(world, alice);
    const said: Said = {
      id: messageIdOf(by.device, content.id),
      by: by.account,
      atMs: world.clock.now(),
      to: [accountOf(world, bob)],
      devices: [profileOf(world, bob).device],
    };
    expect(await ears.overheard([said])).toEqual(["carol is gone and opens what was said to others"]);
  },
  { storage: "memory" },
);

// Links whose other end is slow, busy, or gone without a word. PROTOCOL.md §7.3.
import { expect } from "vitest";
import type { Context } from "../../core/engine/context.ts";
import { type DeviceLink, runLink } from "../../core/engine/device-link.ts";
import { speakingIn } from "../../core/engine/epoch.ts";
import { createLinkAlarms } from "../../core/engine/link-alarms.ts";
import { treesApart } from "../../core/engine/trees-apart.ts";
import { liveCell } from "../../core/lang/live.ts";
import { done, err } from "../../core/lang/result.ts";
import type { RawLink } from "../../core/ports/links.ts";
import { memoryStorage } from "../support/memory-storage.ts";
import { keysOf } from "../support/sim-forger.ts";
import { must, textsOf, type World } from "../support/sim-world.ts";
import { story, viewOf } from "../support/story.ts";

const memory = { storage: "memory" } as const;

async function friends(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(20_000);
  expect((await viewOf(world, alice, id)).person?.path).toBe("direct");
  return { alice, bob, id };
}

/** Every link made from now on. */
function linksMade(world: World) {
  const made = new Set<object>();
  const add = world.place.open.add.bind(world.place.open);
  world.place.open.add = (pair) => {
    made.add(pair);
    return add(pair);
  };
  return made;
}

story(
  "a link whose ways became slow is given up a few times at first, and then no more",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    const made = linksMade(world);
    // Four seconds there and back.
    world.faults = { ...world.faults, delayMs: [2_000, 2_000] };
    const speak = async (from: number, to: number) => {
      for (let n = from; n < to; n++) {
        must(await world.run(alice.messenger.sendText(id, `number ${n}`)));
        await world.advance(20_000);
      }
    };
    await speak(0, 20);
    expect(made.size).toBeLessThanOrEqual(4);
    made.clear();
    await speak(20, 60);
    expect(made.size).toBe(0);
    expect((await viewOf(world, alice, id)).person?.path).toBe("direct");
    world.faults = { ...world.faults, delayMs: [1, 1] };
    await world.advance(10_000);
    expect(await textsOf(world, bob.messenger, id)).toHaveLength(60);
  },
  memory,
);

story(
  "who finds a link dead alone is linked with again, although the other side still believes in it",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    const [second] = [...world.place.open].map(({ seats }) => (seats[1].device === "bob" ? bob : alice));
    for (const pair of world.place.open) pair.cut("never");
    second!.messenger.hurry();
    await world.advance(2_000);
    expect((await viewOf(world, second!, id)).person?.path).toBe("node");
    // The one whose part it is to dial has not noticed anything yet. The other one dials after 20 s.
    await world.advance(20_000);
    for (const one of [alice, bob]) expect((await viewOf(world, one, id)).person?.path, one.name).toBe("direct");
    expect(world.place.open.size).toBe(1);
  },
  memory,
);

story(
  "a thousand envelopes that take five seconds each to be taken in do not close the link they come over",
  async (world) => {
    const { alice, bob, id } = await friends(world);
    await world.run(Promise.all([alice.stop(), bob.stop()]));
    const { topic } = keysOf(world, "alice", id);
    const [here, there] = rawPair(world);
    let link: DeviceLink | undefined;
    let closed = 0;
    let taken = 0;
    let given = 0;
    const quiet = {
      have: async () => {},
      keep: async () => undefined,
      kept: async () => {},
      proved: async () => [],
      closed: () => void closed++,
    };
    const give = () => link?.deliver(topic.key, new Uint8Array(1_024).fill(given++));
    runLink(contextOf(world, "bob"), there, undefined, createLinkAlarms(world.clock), {
      ...quiet,
      opened() {},
      got: async () => {},
      deliver: () => new Promise((resolve) => void world.clock.after(5_000, () => resolve("taken"))),
    });
    const context = contextOf(world, "alice");
    runLink(context, here, await speakingIn(context, id), createLinkAlarms(world.clock), {
      ...quiet,
      async proved(proved) {
        link = proved;
        return [];
      },
      opened() {
        for (let n = 0; n < 64; n++) give();
      },
      async got() {
        taken++;
        if (given < 1_000) give();
      },
      deliver: async () => "refused",
    });
    for (let n = 0; n < 110 && taken < 1_000; n++) await world.advance(50_000);
    expect([taken, closed]).toEqual([1_000, 0]);
    link?.close();
    await world.advance(10);
    expect(closed).toBe(2);
  },
  memory,
);

function contextOf(world: World, device: string): Context {
  const log = { event() {}, fault: (what: string, error: unknown) => expect.fail(`${what}: ${error}`) };
  // What a link needs of a context.
  return { storage: treesApart(memoryStorage(world.disk(device))), clock: world.clock, log } as unknown as Context;
}

/** A path of one millisecond. */
function rawPair(world: World): readonly [RawLink, RawLink] {
  const ends: Parameters<RawLink["receive"]>[0][] = [];
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    for (const end of ends) end.closed();
  };
  const end = (own: number): RawLink => ({
    localPeer: `peer${own}`,
    remotePeer: `peer${1 - own}`,
    role: own === 0 ? "dialler" : "listener",
    privacy: "direct",
    path: liveCell("direct" as const),
    async send(frame) {
      if (!open) return err("closed");
      world.clock.after(1, () => open && ends[1 - own]?.frame(frame));
      return done;
    },
    receive(handlers) {
      ends[own] = handlers;
    },
    close,
  });
  return [end(0), end(1)];
}

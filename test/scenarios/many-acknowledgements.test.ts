// Acknowledgements in numbers: more than one content holds, on a full disk, and over a link that loses them.
import { expect } from "vitest";
import type { ConversationId } from "../../core/index.ts";
import type { GroupRecord } from "../../core/ports/group-records.ts";
import type { TopicRecord } from "../../core/ports/topic-record.ts";
import { decodeLinkFrame, type LinkFrame } from "../../core/wire/link-protocol.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { must, rowsOn, textsOf, type World } from "../support/sim-world.ts";
import { marksOf, story, viewOf, wiretap } from "../support/story.ts";

const memory = { storage: "memory" } as const;
/** A link would tell as well, and hide what an acknowledgement through the topic left out. */
const unlinked = { ...memory, links: false } as const;

async function say(world: World, device: SimDevice, id: ConversationId, count: number): Promise<readonly string[]> {
  const texts = Array.from({ length: count }, (_, n) => `number ${n}`);
  for (const text of texts) must(await world.run(device.messenger.sendText(id, text)));
  return texts;
}

/** Calls `heard` with every acknowledgement that a link is about to carry; `false` loses it. */
function onAcknowledgements(world: World, heard: (from: string, frame: LinkFrame) => boolean) {
  const tap = {
    framed(from: string, _: string, bytes: Uint8Array) {
      const frame = must(decodeLinkFrame(bytes));
      world.faults = { ...world.faults, loss: frame.kind === "got" && !heard(from, frame) ? 1 : 0 };
    },
  };
  world.taps.add(tap);
  return () => {
    world.taps.delete(tap);
    world.faults = { ...world.faults, loss: 0 };
  };
}

story(
  "tells the author of each of six hundred messages that came while nobody was there",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await bob.stop();
    await world.advance(1_000);
    const texts = await say(world, alice, id, 600);
    await world.advance(30_000);
    await bob.start();
    await world.advance(60_000);
    expect(await textsOf(world, bob.messenger, id)).toEqual(texts);
    const marks = await marksOf(world, alice, id);
    expect(marks).toHaveLength(600);
    expect(new Set(marks)).toEqual(new Set(["delivered"]));
    expect(rowsOn<TopicRecord>(world.disk("bob"), "topics").flatMap(({ due }) => due)).toEqual([]);
  },
  unlinked,
);

story(
  "tells a stranger of all six hundred of their messages once the request is accepted",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const { link } = must(await world.run(alice.messenger.createInvite()));
    const id = must(await world.run(bob.messenger.acceptInvite(link)));
    const texts = await say(world, bob, id, 600);
    await world.advance(30_000);
    expect(await textsOf(world, alice.messenger, id)).toEqual(texts);
    expect(new Set(await marksOf(world, bob, id))).toEqual(new Set(["held"]));
    must(await world.run(alice.messenger.answerRequest(id, "accept")));
    await world.advance(30_000);
    const marks = await marksOf(world, bob, id);
    expect(marks).toHaveLength(600);
    expect(new Set(marks)).toEqual(new Set(["delivered"]));
    expect(rowsOn<TopicRecord>(world.disk("alice"), "topics").flatMap(({ due }) => due)).toEqual([]);
  },
  unlinked,
);

story(
  "does not send again and again what is acknowledged to a full disk",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    const disk = world.disk("alice");
    // Alice's disk is full from the first acknowledgement on.
    const end = onAcknowledgements(world, (from) => {
      if (from === "bob") {
        disk.onCommit = (moment) => {
          if (moment === "before") disk.failNext = "full";
        };
      }
      return true;
    });
    const leaving = wiretap(world);
    for (let n = 0; n < 5; n++) {
      disk.onCommit = undefined;
      disk.failNext = undefined;
      must(await world.run(alice.messenger.sendText(id, `number ${n}`)));
    }
    await world.advance(120_000);
    end();
    const delivered = leaving.filter(({ device, by, bytes }) => {
      const frame = by === "link" && device === "alice" ? decodeLinkFrame(bytes) : undefined;
      return frame?.ok && frame.value.kind === "deliver";
    });
    expect(delivered.length).toBeGreaterThan(0);
    expect(delivered.length).toBeLessThan(20);
    const appended = leaving.filter(({ device, by }) => device === "alice" && by === "append");
    expect(appended.length).toBeLessThan(40);
    expect(await textsOf(world, bob.messenger, id)).toHaveLength(5);
    disk.onCommit = undefined;
    disk.failNext = undefined;
    await world.advance(120_000);
    expect(await marksOf(world, alice, id)).toEqual(new Array(5).fill("delivered"));
  },
  memory,
);

story(
  "goes on over the link after many of its acknowledgements were lost",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    const end = onAcknowledgements(world, (from) => from !== "bob");
    await say(world, alice, id, 64);
    await world.advance(30_000);
    end();
    expect(new Set(await marksOf(world, alice, id))).toEqual(new Set(["delivered"]));
    const leaving = wiretap(world);
    await say(world, alice, id, 10);
    await world.advance(30_000);
    expect(leaving.filter(({ by }) => by === "append")).toEqual([]);
    expect(await textsOf(world, bob.messenger, id)).toHaveLength(74);
    expect(new Set(await marksOf(world, alice, id))).toEqual(new Set(["delivered"]));
  },
  memory,
);

story(
  "carries bursts over the link, and nothing but renewals through the node",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await world.advance(5_000);
    const epoch = () => rowsOn<GroupRecord>(world.disk("alice"), "groups").find(({ key }) => key === id)!.epoch;
    const before = epoch();
    const leaving = wiretap(world);
    for (let burst = 0; burst < 5; burst++) {
      const texts = Array.from({ length: 90 }, (_, n) => `${burst} ${n}`);
      await world.run(Promise.all(texts.map((text) => alice.messenger.sendText(id, text))));
      await world.advance(3_000);
    }
    await world.advance(30_000);
    expect(epoch()).toBeGreaterThanOrEqual(before + 2);
    expect((await viewOf(world, alice, id)).person?.path).toBe("direct");
    expect(leaving.filter(({ by, slot }) => by === "append" && slot === undefined)).toEqual([]);
    expect(await textsOf(world, bob.messenger, id)).toHaveLength(450);
    expect(new Set(await marksOf(world, alice, id))).toEqual(new Set(["delivered"]));
  },
  memory,
);

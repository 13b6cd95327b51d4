// One story with people in a fresh world; and looking at what they see.
import { expect, it } from "vitest";
import type { ConversationId, ConversationView, MessageMark, Messenger } from "../../core/index.ts";
import type { TopicId } from "../../core/lang/brand.ts";
import type { SimDevice } from "./sim-device.ts";
import { createWorld, type World, type WorldOptions } from "./sim-world.ts";

/** The engines' logs must be free of faults at the end, and nobody may leave a timer behind. */
export function story(sentence: string, tell: (world: World) => Promise<void>, options: WorldOptions = {}): void {
  it(sentence, async () => {
    const world = await createWorld({ storage: "dexie", ...options });
    await tell(world);
    for (const device of world.devices.values()) expect(device.faults, `${device.name}'s log`).toEqual([]);
    await world.end();
    expect(await world.clock.runUntilIdle(), "a timer is left behind").toBe(true);
  });
}

/** Alice, Bob and Carol, who do not know each other yet. */
export async function threePeople(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = await world.person("carol");
  return { alice, bob, carol, all: [alice, bob, carol] };
}

export async function viewOf(world: World, device: SimDevice, id: ConversationId): Promise<ConversationView> {
  const view = await world.see(device.messenger.conversation(id));
  if (view === undefined) throw new Error(`${device.name} has no such conversation`);
  return view;
}

/** The marks of one's own messages, oldest first. */
export async function marksOf(
  world: World,
  { messenger }: SimDevice,
  id: ConversationId,
): Promise<readonly MessageMark["kind"][]> {
  const { messages } = await world.see(messenger.timeline(id, 10_000));
  return messages.flatMap(({ mark }) => (mark === undefined ? [] : [mark.kind]));
}

/** The marks, where it does not matter whether what was delivered was read as well: an answer counts as reading. */
export async function arrivalsOf(
  world: World,
  device: SimDevice,
  id: ConversationId,
): Promise<readonly MessageMark["kind"][]> {
  return (await marksOf(world, device, id)).map((kind) => (kind === "read" ? "delivered" : kind));
}

export async function ordersOf(world: World, messenger: Messenger, id: ConversationId): Promise<readonly string[]> {
  return (await world.see(messenger.timeline(id, 10_000))).messages.map(({ order }) => order);
}

export interface Leaving {
  readonly device: string;
  readonly by: "append" | "signal" | "link";
  readonly topic: TopicId | undefined;
  readonly bytes: Uint8Array;
  readonly slot: Uint8Array | undefined;
  readonly atMs: number;
}

/** Everything that leaves any device from now on, in order. */
export function wiretap(world: World): Leaving[] {
  const heard: Leaving[] = [];
  const note = (one: Omit<Leaving, "atMs">) => heard.push({ ...one, atMs: world.clock.now() });
  world.taps.add({
    appended: (device, topic, bytes, slot) => note({ device, by: "append", topic, bytes, slot }),
    signalled: (device, topic, bytes) => note({ device, by: "signal", topic, bytes, slot: undefined }),
    framed: (device, _, bytes) => note({ device, by: "link", topic: undefined, bytes, slot: undefined }),
  });
  return heard;
}

// No server that Alice and Bob share is in reach, and Carol, whom both know by a server of hers, may keep for them (§7.7).
import { expect } from "vitest";
import type { ConversationId, MessageInfoView, NodeUrl } from "../../core/index.ts";
import type { KeptRecord, OutboxRecord } from "../../core/ports/outbox-records.ts";
import type { ProfileRecord } from "../../core/ports/people-records.ts";
import { decodeLinkFrame, type LinkFrame } from "../../core/wire/link-protocol.ts";
import type { SimDevice } from "./sim-device.ts";
import { createSimNode } from "./sim-node.ts";
import { must, rowsOn, type World } from "./sim-world.ts";
import { viewOf } from "./story.ts";

export const carolsNode = "http://carols.example" as NodeUrl;

export const profileOf = (world: World, name: string) => rowsOn<ProfileRecord>(world.disk(name), "profile")[0]!;
export const keptBy = (world: World, name: string) => rowsOn<KeptRecord>(world.disk(name), "kept");
export const waitingAt = (world: World, name: string) => rowsOn<OutboxRecord>(world.disk(name), "outbox");

/** Bob is away, the server of Alice and Bob is dead, and Alice and Carol are linked. */
export async function cutOff(world: World, agrees: readonly ("alice" | "bob")[] = ["alice", "bob"]) {
  world.nodes.set(carolsNode, createSimNode(world.clock, carolsNode, world.random.bytes(32)));
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = world.device("carol");
  await carol.start();
  must(await world.run(carol.messenger.start({ name: "Carol", node: carolsNode })));
  world.apart.add("alice bob");
  const ab = await world.befriend(alice, bob);
  const ca = await world.befriend(carol, alice);
  const cb = await world.befriend(carol, bob);
  for (const name of agrees) {
    must(await world.run(carol.messenger.setKeepsFor(profileOf(world, name).account, true)));
  }
  await world.advance(10_000);
  expect((await viewOf(world, alice, ca)).person?.path).toBe("direct");
  bob.setOnline(false);
  world.node.setUp(false);
  await world.advance(5_000);
  return { alice, bob, carol, ab, ca, cb };
}

export async function write(
  world: World,
  who: SimDevice,
  id: ConversationId,
  ...texts: readonly string[]
): Promise<void> {
  for (const text of texts) must(await world.run(who.messenger.sendText(id, text)));
}

export async function newestInfo(world: World, who: SimDevice, id: ConversationId): Promise<MessageInfoView> {
  const { messages } = await world.see(who.messenger.timeline(id, 1));
  return (await world.see(who.messenger.messageInfo(messages[0]!.id)))!;
}

/** Every frame of this kind that leaves a device from now on. */
export function framesOf<K extends LinkFrame["kind"]>(world: World, kind: K): { from: string; to: string }[] {
  const heard: { from: string; to: string }[] = [];
  world.taps.add({
    framed(from, to, bytes) {
      if (must(decodeLinkFrame(bytes)).kind === kind) heard.push({ from, to });
    },
  });
  return heard;
}

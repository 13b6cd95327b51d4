import { expect } from "vitest";
import type { ConversationId, MessageId, MessageInfoView } from "../../core/index.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { homeNode, must, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const unlinked = { storage: "memory", links: false } as const;

async function infoOf(world: World, device: SimDevice, message: MessageId): Promise<MessageInfoView> {
  const info = await world.see(device.messenger.messageInfo(message));
  if (info === undefined) throw new Error(`${device.name} knows nothing of it`);
  return info;
}

const send = async (world: World, from: SimDevice, id: ConversationId, text: string) =>
  must(await world.run(from.messenger.sendText(id, text)));

story(
  "tells of a message every fact with its time, as it becomes one",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await bob.stop();
    world.node.setUp(false);
    await world.advance(1_000);
    const sentAtMs = world.clock.now();
    const message = await send(world, alice, id, "hello");
    const waiting = await infoOf(world, alice, message);
    expect(waiting).toMatchObject({ id: message, mark: { kind: "saved" }, sentAtMs, held: [], underWay: true });
    const nothing = { deliveredAtMs: undefined, readAtMs: undefined, refusedAtMs: undefined };
    expect(waiting.recipients).toEqual([expect.objectContaining({ name: "Bob", ...nothing })]);

    world.node.setUp(true);
    await world.advance(60_000);
    const held = await infoOf(world, alice, message);
    expect(held.mark?.kind).toBe("held");
    expect(held.held).toEqual([expect.objectContaining({ node: homeNode, state: "kept" })]);
    const [promise] = held.held;
    expect(promise!.atMs).toBeGreaterThan(sentAtMs);
    expect(promise!.untilMs).toBeGreaterThan(world.clock.now() + 24 * 3_600_000);
    expect(held.underWay).toBe(true);

    await bob.start();
    await world.advance(10_000);
    const delivered = await infoOf(world, alice, message);
    const [recipient] = delivered.recipients;
    expect(delivered.mark).toEqual({ kind: "delivered", atMs: recipient!.deliveredAtMs });
    expect(recipient!.deliveredAtMs).toBeGreaterThan(promise!.atMs);
    expect(delivered.underWay).toBe(false);

    must(await world.run(bob.messenger.markRead(id)));
    await world.advance(15_000);
    const read = await infoOf(world, alice, message);
    expect(read.recipients[0]).toMatchObject({ deliveredAtMs: recipient!.deliveredAtMs });
    expect(read.mark).toEqual({ kind: "read", atMs: read.recipients[0]!.readAtMs });
    expect(read.held).toEqual(held.held);
  },
  unlinked,
);

story(
  "says when a node's promise is over and nobody came",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    await bob.stop();
    const message = await send(world, alice, id, "too late");
    await world.advance(5_000);
    await alice.stop();
    await world.advance(31 * 24 * 3_600_000);
    world.node.setUp(false);
    await alice.start();
    await world.advance(1_000);
    const { mark, held } = await infoOf(world, alice, message);
    expect(mark).toEqual({ kind: "expired" });
    expect(held.map(({ state }) => state)).toEqual(["over"]);
  },
  unlinked,
);

story(
  "knows nothing of what is no own message",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const id = await world.befriend(alice, bob);
    const message = await send(world, alice, id, "hello");
    await world.advance(5_000);
    expect(await world.see(bob.messenger.messageInfo(message))).toBeUndefined();
    expect(await world.see(alice.messenger.messageInfo("nothing/there" as MessageId))).toBeUndefined();
    expect(await world.see(alice.messenger.messageInfo(message))).toBeDefined();
  },
  unlinked,
);

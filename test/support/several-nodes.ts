// Worlds with more than one node, and people who live on several of them.
import type { ConversationId, NodeUrl } from "../../core/index.ts";
import type { ConversationRecord } from "../../core/ports/conversation-record.ts";
import type { TopicRecord } from "../../core/ports/topic-record.ts";
import type { SimDevice } from "./sim-device.ts";
import { createSimNode, type SimNode } from "./sim-node.ts";
import { homeNode, must, rowsOn, type World } from "./sim-world.ts";
import { marksOf } from "./story.ts";

export const secondNode = "http://second.example" as NodeUrl;
export const thirdNode = "http://third.example" as NodeUrl;

export function addNode(world: World, url: NodeUrl): SimNode {
  const node = createSimNode(world.clock, url, world.random.bytes(32));
  world.nodes.set(url, node);
  return node;
}

/** A started device with a person called `name` on it, who lives on these nodes. */
export async function personAt(world: World, name: string, ...nodes: readonly NodeUrl[]): Promise<SimDevice> {
  const device = await world.person(name);
  must(await world.run(device.messenger.setNodes(nodes)));
  await world.advance(500);
  return device;
}

/** Alice lives on the world's first node and on a second; Bob on the first alone. Their conversation is on both of hers. */
export async function twoNodes(world: World) {
  const second = addNode(world, secondNode);
  const alice = await personAt(world, "alice", homeNode, secondNode);
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(5_000);
  return { first: world.node, second, alice, bob, id };
}

/** Of a memory disk. */
export function topicOn(world: World, device: string, id: ConversationId): TopicRecord {
  const disk = world.disk(device);
  const conversation = rowsOn<ConversationRecord>(disk, "conversations").find(({ key }) => key === id)!;
  return rowsOn<TopicRecord>(disk, "topics").find(({ key }) => key === conversation.topic)!;
}

/** How many engines are connected to the node, or try to be. */
export const callersOf = (node: SimNode) => node.watchers.size;

/** What became of one's own messages, oldest first; whether what has arrived was read is another story. */
export async function fateOf(world: World, device: SimDevice, id: ConversationId): Promise<readonly string[]> {
  return (await marksOf(world, device, id)).map((mark) => (mark === "read" ? "delivered" : mark));
}

// Groups in which somebody new is given what was said before: made through the interface, on memory disks.
import type { AccountId, ConversationId, GroupRules } from "../../core/index.ts";
import type { TopicRecord } from "../../core/ports/topic-record.ts";
import { createGroupOf, profileOn } from "./groups-by-hand.ts";
import type { SimDevice } from "./sim-device.ts";
import { must, rowsOn, type World } from "./sim-world.ts";
import { viewOf } from "./story.ts";

export interface Hikers {
  readonly id: ConversationId;
  readonly alice: SimDevice;
  readonly bob: SimDevice;
  readonly carol: SimDevice;
}

/** Alice and Bob in a group with this rule; Carol is Alice's contact. */
export async function hikers(world: World, history: GroupRules["history"]): Promise<Hikers> {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = await world.person("carol");
  for (const other of [bob, carol]) await world.befriend(alice, other);
  await world.advance(10_000);
  const id = await createGroupOf(world, alice, ["bob"]);
  await world.advance(10_000);
  await ruledBy(world, alice, id, history);
  return { id, alice, bob, carol };
}

/** What who comes from now on is given. */
export async function ruledBy(
  world: World,
  device: SimDevice,
  id: ConversationId,
  history: GroupRules["history"],
): Promise<void> {
  const { group } = await viewOf(world, device, id);
  if (group === undefined) throw new Error("no group");
  if (history === group.rules.history) return;
  const rules = { ...group.rules, history };
  must(await world.run(device.messenger.groups.changeGroup(id, { kind: "rules", rules })));
  await world.advance(10_000);
}

export async function say(world: World, device: SimDevice, id: ConversationId, text: string): Promise<void> {
  must(await world.run(device.messenger.sendText(id, text)));
  await world.advance(2_000);
}

export async function add(world: World, by: SimDevice, id: ConversationId, name: string): Promise<void> {
  const people: readonly AccountId[] = [profileOn(world, name).account];
  must(await world.run(by.messenger.groups.changeGroup(id, { kind: "add", people })));
  await world.advance(60_000);
}

export interface Read {
  readonly text: string;
  /** The name of who said it, and of who shared it; "" where it came from its author. */
  readonly author: string;
  readonly sharedBy: string;
}

/** The words of a timeline, oldest first. */
export async function readBy(world: World, device: SimDevice, id: ConversationId): Promise<readonly Read[]> {
  const { messages } = await world.see(device.messenger.timeline(id, 1_000));
  const names = await world.see(device.messenger.groups.names(id));
  const nameOf = (account: AccountId | undefined) => (account === undefined ? "" : (names.get(account)?.name ?? "?"));
  return messages.flatMap(({ body, author, sharedBy }) =>
    body.kind === "text" ? [{ text: body.text, author: nameOf(author), sharedBy: nameOf(sharedBy) }] : [],
  );
}

export const textsOf = (read: readonly Read[]): readonly string[] => read.map(({ text }) => text);

/** How many messages of before are here, of as many as there are said to be. */
export async function countsOf(world: World, device: SimDevice, id: ConversationId): Promise<string | undefined> {
  const history = (await viewOf(world, device, id)).group?.history;
  return history && `${history.have} of ${history.of}`;
}

export const historyTopics = (world: World, { name }: SimDevice): readonly TopicRecord[] =>
  rowsOn<TopicRecord>(world.disk(name), "topics").filter(({ purpose }) => purpose.kind.startsWith("history"));

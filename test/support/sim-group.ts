// A group that stands on the disks of a world: made with core/group, as if it had been created and joined long ago. And what
// a story wants to know of it and do to it. In memory worlds.

import type { GroupAct } from "../../core/conversation/group-acts.ts";
import { stranger } from "../../core/engine/commit-in-force.ts";
import { freshConversation } from "../../core/engine/conversation-row.ts";
import { firstGroupRecord } from "../../core/engine/group-step.ts";
import { freshPlace } from "../../core/engine/places.ts";
import { makeChange } from "../../core/group/change.ts";
import { createGroup } from "../../core/group/create.ts";
import { joinWithCard } from "../../core/group/join.ts";
import { makeKeyPackage } from "../../core/group/key-package.ts";
import { type GroupState, viewGroup } from "../../core/group/state.ts";
import type { AccountId, ConversationId, NodeUrl, TopicId } from "../../core/lang/brand.ts";
import { toHex } from "../../core/lang/bytes.ts";
import type { ConversationRecord } from "../../core/ports/conversation-record.ts";
import type { GroupOfConversation } from "../../core/ports/group-of-conversation.ts";
import type { GroupRecord } from "../../core/ports/group-records.ts";
import type { MessageRecord } from "../../core/ports/message-record.ts";
import type { ProfileRecord } from "../../core/ports/people-records.ts";
import type { Records, Table } from "../../core/ports/records.ts";
import type { TopicRecord } from "../../core/ports/topic-record.ts";
import type { GroupFacts } from "../../core/wire/group-facts.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import type { SimDevice } from "./sim-device.ts";
import { rowsOn, type World } from "./sim-world.ts";
import { wholeGroup } from "./whole-group.ts";

export const profileOf = (world: World, { name }: Named): ProfileRecord =>
  rowsOn<ProfileRecord>(world.disk(name), "profile")[0]!;

export const accountOf = (world: World, who: Named): AccountId => profileOf(world, who).account;

type Named = Pick<SimDevice, "name">;

const rowOf = <T extends Table>(world: World, { name }: Named, table: T, key: string): Records[T] | undefined =>
  world.disk(name).tables.get(table)?.get(key) as Records[T] | undefined;

export function put<T extends Table>(world: World, { name }: Named, table: T, row: Records[T]): void {
  const { tables } = world.disk(name);
  const rows = tables.get(table) ?? new Map();
  tables.set(table, rows.set(row.key, row));
}

export function keysOf(world: World, who: Named, id: ConversationId): GroupRecord | undefined {
  const row = rowOf(world, who, "groups", id);
  return row && wholeGroup(world.disk(who.name), row);
}

/** As it is known there. */
export function groupAt(world: World, who: Named, id: ConversationId): GroupOfConversation {
  const group = rowOf(world, who, "conversations", id)?.group;
  if (group === undefined) throw new Error(`${who.name} is in no such group`);
  return group;
}

export const conversationAt = (world: World, who: Named, id: ConversationId): ConversationRecord =>
  rowOf(world, who, "conversations", id)!;

export const topicAt = (world: World, who: Named, id: ConversationId): TopicRecord | undefined =>
  rowOf(world, who, "topics", conversationAt(world, who, id).topic);

export const waitingAt = (world: World, { name }: Named, id: ConversationId) =>
  rowsOn<Records["changes"]>(world.disk(name), "changes").filter(({ conversation }) => conversation === id);

/** The timeline, oldest first, in the order that is the same everywhere. */
export function timelineAt(world: World, { name }: Named, id: ConversationId): readonly MessageRecord[] {
  return rowsOn<MessageRecord>(world.disk(name), "messages")
    .filter(({ conversation }) => conversation === id)
    .toSorted((a, b) => (a.order < b.order ? -1 : 1));
}

/** What everybody sees of it alike: words and events, as strings. */
export function storyAt(world: World, who: Named, id: ConversationId): readonly string[] {
  return timelineAt(world, who, id).flatMap(({ body, key }) => {
    if (body.kind === "text") return [`${key} says ${body.text}`];
    return body.kind === "event" ? [`${key} ${JSON.stringify(body.event)}`] : [];
  });
}

export const eventsAt = (world: World, who: Named, id: ConversationId) =>
  timelineAt(world, who, id).flatMap(({ body }) => (body.kind === "event" ? [body.event] : []));

export const endsAt = (world: World, who: Named, id: ConversationId) =>
  timelineAt(world, who, id).flatMap(({ body }) => (body.kind === "change-ended" ? [body] : []));

export const wordsAt = (world: World, who: Named, id: ConversationId) =>
  timelineAt(world, who, id).flatMap(({ body }) => (body.kind === "text" ? [body.text] : []));

/**
 * A group of these; the first is its owner, those named in `admins` are admins. At every node of the world, unless said otherwise.
 * All of them run afterwards.
 */
export async function standGroup(
  world: World,
  devices: readonly SimDevice[],
  admins: readonly SimDevice[] = [],
  nodes: readonly NodeUrl[] = [...world.nodes.keys()],
): Promise<ConversationId> {
  for (const device of devices) if (device.running) await world.run(device.stop());
  const profiles = devices.map((device) => profileOf(world, device));
  const [owner] = profiles;
  if (owner === undefined) throw new Error("a group of nobody");
  const roles = [
    { account: owner.account, role: "owner" } as const,
    ...admins.map((one) => ({ account: accountOf(world, one), role: "admin" }) as const),
  ];
  const facts: GroupFacts = {
    name: "Walkers",
    description: "",
    emoji: "",
    roles: roles.toSorted((a, b) => (a.account < b.account ? -1 : 1)),
    writers: "everybody",
    slowModeS: 0,
    history: "none",
    joining: "approval",
    rotation: 0,
    nodes,
  };
  const id = toHex(world.random.bytes(16)) as ConversationId;
  const states = await statesOf(world, id, facts, profiles);
  const secret = world.random.bytes(32);
  const { topic } = deriveTopic(secret);
  for (const [index, device] of devices.entries()) await join(world, device, states[index]!, { id, topic, secret });
  for (const device of devices) await device.start();
  await world.advance(2_000);
  return id;
}

async function statesOf(
  world: World,
  conversation: ConversationId,
  facts: GroupFacts,
  [owner, ...others]: readonly ProfileRecord[],
): Promise<readonly GroupState[]> {
  const anybody = () => true;
  const pairOf = ({ account, device, deviceSeed }: ProfileRecord) =>
    makeKeyPackage({ account, device, listSequence: 1 }, deviceSeed);
  const context = { conversation, kind: "group", generation: 0, facts } as const;
  const alone = await createGroup(world.random.bytes(16), context, await pairOf(owner!), anybody);
  if (others.length === 0) return [alone];
  const pairs = await Promise.all(others.map(pairOf));
  const add = pairs.map(({ publicPackage }) => publicPackage);
  const made = await makeChange(
    alone,
    { add, removeLeaves: [], note: new Uint8Array(), card: Uint8Array.of(1) },
    anybody,
  );
  if (!made.ok || made.value.welcome === undefined) throw new Error("a group cannot be made");
  const { next, welcome } = made.value;
  const states = [next];
  for (const pair of pairs) {
    const joined = await joinWithCard(welcome, pair, () => anybody);
    if (!joined.ok) throw new Error("a group cannot be joined");
    states.push(joined.value.state);
  }
  return states;
}

interface Standing {
  readonly id: ConversationId;
  readonly topic: TopicId;
  readonly secret: Uint8Array;
}

async function join(
  world: World,
  device: SimDevice,
  state: GroupState,
  { id, topic, secret }: Standing,
): Promise<void> {
  const nowMs = world.clock.now();
  const { context, members } = await viewGroup(state);
  if (context.kind !== "group") throw new Error("no group");
  const { nodes } = context.facts;
  const people = members
    .map(({ credential }) => ({
      account: credential.account,
      devices: [credential.device],
      leaving: undefined,
    }))
    .toSorted((a, b) => (a.account < b.account ? -1 : 1));
  put(world, device, "conversations", {
    ...freshConversation(id, "group", undefined, topic, nodes, nowMs),
    group: { facts: context.facts, people, standing: { kind: "member" } },
  });
  put(world, device, "groups", await firstGroupRecord(id, state, nowMs));
  const purpose = { kind: "conversation", conversation: id } as const;
  put(world, device, "topics", { key: topic, secret, places: nodes.map(freshPlace), due: [], purpose });
  const own = accountOf(world, device);
  for (const name of world.devices.keys()) {
    const { account, deviceList, name: called } = profileOf(world, { name });
    if (account === own || !people.some((one) => one.account === account)) continue;
    if (rowOf(world, device, "contacts", account) === undefined)
      put(world, device, "contacts", stranger(account, deviceList, called, nowMs));
  }
}

/** Wanted by the person of a device that does not run: the engine finds it when it starts. */
export function want(world: World, device: SimDevice, id: ConversationId, act: GroupAct): void {
  if (device.running) throw new Error(`${device.name} runs`);
  const place = 1 + Math.max(0, ...waitingAt(world, device, id).map((one) => one.place));
  const key = toHex(world.random.bytes(16));
  put(world, device, "changes", { key, conversation: id, act, place, sinceMs: world.clock.now() });
}

/** The same of one that runs, which is stopped and started again for it. */
export async function wants(world: World, device: SimDevice, id: ConversationId, act: GroupAct): Promise<void> {
  if (device.running) await world.run(device.stop());
  want(world, device, id, act);
  await device.start();
}

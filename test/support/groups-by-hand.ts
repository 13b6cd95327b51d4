// Groups as they lie on memory disks, and Welcomes that somebody makes by hand with what is on their disk.
import { publicKeyOf } from "../../core/crypto/signature.ts";
import { makeChange } from "../../core/group/change.ts";
import { createGroup } from "../../core/group/create.ts";
import { makeKeyPackage } from "../../core/group/key-package.ts";
import type { GroupState } from "../../core/group/state.ts";
import { accountOf, accountSeed } from "../../core/identity/account.ts";
import type { AccountId, ConversationId } from "../../core/index.ts";
import type { DeviceId } from "../../core/lang/brand.ts";
import { noBytes, toHex } from "../../core/lang/bytes.ts";
import type { ConversationRecord } from "../../core/ports/conversation-record.ts";
import type { GroupOfConversation } from "../../core/ports/group-of-conversation.ts";
import type { GroupRecord } from "../../core/ports/group-records.ts";
import type { MessageRecord } from "../../core/ports/message-record.ts";
import type { KeyPackageRecord, ProfileRecord } from "../../core/ports/people-records.ts";
import type { TopicRecord } from "../../core/ports/topic-record.ts";
import { encodeDeviceList, signDeviceList } from "../../core/wire/device-list.ts";
import { type Payload, sealEnvelope } from "../../core/wire/envelope.ts";
import { encodeGroupCard, type GroupCard } from "../../core/wire/group-card.ts";
import type { GroupFacts } from "../../core/wire/group-facts.ts";
import { deriveTopic } from "../../core/wire/topic.ts";
import type { SimDevice } from "./sim-device.ts";
import { homeNode, must, rowsOn, type World } from "./sim-world.ts";
import { wholeGroup } from "./whole-group.ts";

export function profileOn(world: World, name: string): ProfileRecord {
  const [profile] = rowsOn<ProfileRecord>(world.disk(name), "profile");
  if (profile === undefined) throw new Error(`nobody lives on ${name}'s disk`);
  return profile;
}

export interface GroupOnDisk {
  readonly row: ConversationRecord;
  readonly group: GroupOfConversation;
  readonly keys: GroupRecord | undefined;
  readonly events: readonly Pick<MessageRecord, "key" | "order" | "author" | "body">[];
}

export function groupsOn(world: World, name: string): readonly GroupOnDisk[] {
  const disk = world.disk(name);
  return rowsOn<ConversationRecord>(disk, "conversations").flatMap((row) => {
    if (row.group === undefined) return [];
    const events = rowsOn<MessageRecord>(disk, "messages")
      .filter(({ conversation, body }) => conversation === row.key && body.kind === "event")
      .sort((a, b) => (a.order < b.order ? -1 : 1))
      .map(({ key, order, author, body }) => ({ key, order, author, body }));
    const keys = rowsOn<GroupRecord>(disk, "groups").find(({ key }) => key === row.key);
    return [{ row, group: row.group, keys: keys && wholeGroup(disk, keys), events }];
  });
}

/** The one group there is. */
export function groupOn(world: World, name: string): GroupOnDisk {
  const [one, ...more] = groupsOn(world, name);
  if (one === undefined || more.length > 0) throw new Error(`${name} is not in one group`);
  return one;
}

export async function createGroupOf(
  world: World,
  device: SimDevice,
  names: readonly string[],
): Promise<ConversationId> {
  const people = names.map((name) => profileOn(world, name).account);
  return must(await world.run(device.messenger.groups.createGroup({ name: "Hikers", emoji: "", people })));
}

/** The topic between two people who are contacts. */
export function topicBetween(world: World, name: string, other: AccountId): TopicRecord {
  const row = rowsOn<ConversationRecord>(world.disk(name), "conversations").find(({ contact }) => contact === other);
  const topic = rowsOn<TopicRecord>(world.disk(name), "topics").find(({ key }) => key === row?.topic);
  if (topic === undefined) throw new Error(`${name} has no conversation with them`);
  return topic;
}

export function leave(world: World, topic: TopicRecord, payload: Payload): void {
  const { envelopeKey } = deriveTopic(topic.secret);
  const envelope = must(sealEnvelope(envelopeKey, topic.key, payload, world.random.bytes(24)));
  must(world.node.append(topic.key, envelope, undefined));
}

export interface ByHand {
  /** So many made-up persons are added as well. */
  readonly crowd?: number;
  readonly conversation?: ConversationId;
  readonly roles?: GroupFacts["roles"];
  readonly card?: Partial<GroupCard>;
}

/** A Welcome that `from` makes for `to` with a key package that was left with them. */
export async function welcomeByHand(world: World, from: string, to: string, wish: ByHand = {}): Promise<Uint8Array> {
  return (await groupByHand(world, from, to, wish)).welcome;
}

/** The same, and the group as its maker goes on in it. */
export async function groupByHand(
  world: World,
  from: string,
  to: string,
  wish: ByHand,
): Promise<{ readonly welcome: Uint8Array; readonly next: GroupState }> {
  const [maker, guest] = [profileOn(world, from), profileOn(world, to)];
  const { account, device, deviceList } = maker;
  const left = rowsOn<KeyPackageRecord>(world.disk(from), "keyPackages").find(
    (row) => row.account === guest.account && row.privatePackage === undefined,
  );
  if (left === undefined) throw new Error(`${to} left nothing with ${from}`);
  const own = await makeKeyPackage({ account, device, listSequence: 1 }, maker.deviceSeed);
  const conversation = wish.conversation ?? (toHex(world.random.bytes(16)) as ConversationId);
  const facts: GroupFacts = {
    name: "By hand",
    description: "",
    emoji: "",
    roles: wish.roles ?? [{ account, role: "owner" }],
    writers: "everybody",
    slowModeS: 0,
    history: "none",
    joining: "approval",
    rotation: 0,
    nodes: [homeNode],
  };
  const context = { conversation, kind: "group", generation: 0, facts } as const;
  const alone: GroupState = await createGroup(world.random.bytes(16), context, own, () => true);
  const crowd: Stranger[] = [];
  for (let n = 0; n < (wish.crowd ?? 0); n++) crowd.push(await madeUp(world));
  const card = encodeGroupCard({
    topicSecret: world.random.bytes(32),
    lists: [deviceList, guest.deviceList, ...crowd.map((one) => one.deviceList)],
    names: [],
    leaves: [],
    event: {
      id: toHex(world.random.bytes(8)),
      clockMs: world.clock.now(),
      clockCount: 0,
      added: [guest.account, ...crowd.map((one) => one.account)].sort(),
      link: undefined,
    },
    putOut: [],
    have: [],
    marks: undefined,
    replaced: false,
    ...wish.card,
  });
  const add = [left.publicPackage, ...crowd.map((one) => one.publicPackage)];
  const wanted = { add, removeLeaves: [], note: new Uint8Array(0), card };
  const { welcome, next } = must(await makeChange(alone, wanted, () => true));
  if (welcome === undefined) throw new Error("a commit that adds nobody");
  return { welcome, next };
}

export interface Stranger {
  readonly account: AccountId;
  readonly deviceList: Uint8Array;
  readonly publicPackage: Uint8Array;
  readonly deviceSeed: Uint8Array;
}

export async function madeUp(world: World): Promise<Stranger> {
  const [entropy, deviceSeed] = [world.random.bytes(16), world.random.bytes(32)];
  const account = accountOf(entropy);
  const device = toHex(world.random.bytes(16)) as DeviceId;
  const devices = [{ device, signatureKey: publicKeyOf(deviceSeed), addedAtMs: 1 }];
  const list = encodeDeviceList({ account, sequence: 1, previousHash: noBytes, devices, revoked: [] });
  const { publicPackage } = await makeKeyPackage({ account, device, listSequence: 1 }, deviceSeed);
  return { account, deviceList: signDeviceList(list, accountSeed(entropy)), publicPackage, deviceSeed };
}

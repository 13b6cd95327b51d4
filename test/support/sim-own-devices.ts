// Several devices of one person, as they are once linking has handed over to a new one what it needs: the account with a newer
// signed list, and of a group its conversation and its topic, but no keys. In memory worlds.
import { expect } from "vitest";
import { sha256 } from "../../core/crypto/hash.ts";
import { publicKeyOf } from "../../core/crypto/signature.ts";
import { freshConversation } from "../../core/engine/conversation-row.ts";
import { freshPlace } from "../../core/engine/places.ts";
import { accountSeed } from "../../core/identity/account.ts";
import type { ConversationId, DeviceId } from "../../core/lang/brand.ts";
import { toHex } from "../../core/lang/bytes.ts";
import type { ConversationRecord } from "../../core/ports/conversation-record.ts";
import type { ContactRecord, ProfileRecord } from "../../core/ports/people-records.ts";
import {
  type DeviceList,
  encodeDeviceList,
  type ListedDevice,
  readSignedDeviceList,
  signDeviceList,
} from "../../core/wire/device-list.ts";
import type { SimDevice } from "./sim-device.ts";
import { accountOf, conversationAt, groupAt, keysOf, profileOf, put, topicAt, waitingAt } from "./sim-group.ts";
import { must, rowsOn, type World } from "./sim-world.ts";

type Named = Pick<SimDevice, "name">;

/** A further device of the person on `of`, which knows the newer list as well; not started. */
export async function linkedDevice(world: World, of: SimDevice, name: string): Promise<SimDevice> {
  const seed = world.random.bytes(32);
  const device = toHex(world.random.bytes(16)) as DeviceId;
  const added = { device, signatureKey: publicKeyOf(seed), addedAtMs: world.clock.now() };
  const profile = await withNextList(world, of, ({ devices }) => ({ devices: [...devices, added] }));
  const linked = world.devices.get(name) ?? world.device(name);
  put(world, linked, "profile", { ...profile, device, deviceSeed: seed, revision: 1 });
  return linked;
}

/** The person on `by` takes another device of theirs off their list. */
export async function revokeOn(world: World, by: SimDevice, revoked: Named): Promise<void> {
  const { device } = profileOf(world, revoked);
  await withNextList(world, by, ({ devices, revoked: before }) => ({
    devices: devices.filter((one) => one.device !== device),
    revoked: [...before, device],
  }));
}

/** What linking hands over of a group. Again where the topic is another one by now. */
export function handOver(world: World, from: SimDevice, to: SimDevice, id: ConversationId): void {
  if (to.running) throw new Error(`${to.name} runs`);
  const row = conversationAt(world, from, id);
  const topic = topicAt(world, from, id);
  if (topic === undefined || row.group === undefined) throw new Error(`${from.name} is in no such group`);
  const fresh = freshConversation(id, "group", undefined, topic.key, row.nodes, world.clock.now());
  const before = rowsOn<ConversationRecord>(world.disk(to.name), "conversations").find(({ key }) => key === id);
  // Whoever was asked in a topic that is over is not there any more.
  const now = { group: row.group, topic: topic.key, nodes: row.nodes, healing: undefined };
  put(world, to, "conversations", { ...fresh, ...before, ...now });
  put(world, to, "topics", { ...topic, places: row.nodes.map(freshPlace), due: [] });
  for (const contact of rowsOn<ContactRecord>(world.disk(from.name), "contacts")) {
    if (world.disk(to.name).tables.get("contacts")?.has(contact.key)) continue;
    // Conversations between two have keys of their own, which are not handed over here.
    put(world, to, "contacts", { ...contact, state: "stranger" });
  }
}

/** A further device with a group as linking hands it over; started. */
export async function furtherDevice(world: World, of: SimDevice, name: string, id: ConversationId): Promise<SimDevice> {
  const device = await linkedDevice(world, of, name);
  handOver(world, of, device, id);
  await device.start();
  return device;
}

/** They are in one group, with the same keys, and nothing is left to do. */
export function expectOneGroup(world: World, devices: readonly SimDevice[], id: ConversationId): void {
  const [first] = devices;
  for (const one of devices) {
    expect(conversationAt(world, one, id).healing?.why, one.name).toBeUndefined();
    expect(keysOf(world, one, id)?.epoch, one.name).toBe(keysOf(world, first!, id)?.epoch);
    expect(keysOf(world, one, id)?.epochSecrets[0], one.name).toEqual(keysOf(world, first!, id)?.epochSecrets[0]);
    expect(groupAt(world, one, id), one.name).toEqual(groupAt(world, first!, id));
    expect(waitingAt(world, one, id), one.name).toEqual([]);
  }
}

/** How many of somebody's devices are in the group, as `at` knows it. */
export function devicesIn(world: World, at: SimDevice, id: ConversationId, whose: Named): number {
  const account = accountOf(world, whose);
  return groupAt(world, at, id).people.find((one) => one.account === account)?.devices.length ?? 0;
}

/** A SignedDeviceList that follows the person's own. */
export function nextListOf(
  profile: ProfileRecord,
  change: (list: DeviceList) => { readonly devices: readonly ListedDevice[]; readonly revoked?: readonly DeviceId[] },
): Uint8Array {
  const { list, listBytes } = must(readSignedDeviceList(profile.deviceList));
  const next = { ...list, ...change(list), sequence: list.sequence + 1, previousHash: sha256(listBytes) };
  return signDeviceList(encodeDeviceList(next), accountSeed(profile.entropy));
}

async function withNextList(
  world: World,
  who: SimDevice,
  change: Parameters<typeof nextListOf>[1],
): Promise<ProfileRecord> {
  const isRunning = who.running;
  if (isRunning) await world.run(who.stop());
  const profile = profileOf(world, who);
  const next = { ...profile, deviceList: nextListOf(profile, change), revision: profile.revision + 1 };
  put(world, who, "profile", next);
  if (isRunning) await who.start();
  return next;
}

// Requests for a leaf that nobody answers, lists that nobody takes, and persons who are added with several devices
// (PROTOCOL.md §3.1, §13.2, §13.6, §13.7).
import { expect } from "vitest";
import { sha256 } from "../../core/crypto/hash.ts";
import { labels } from "../../core/crypto/labels.ts";
import { publicKeyOf, sign } from "../../core/crypto/signature.ts";
import { keyOfPackage } from "../../core/engine/key-stock.ts";
import { makeKeyPackage } from "../../core/group/key-package.ts";
import { accountSeed } from "../../core/identity/account.ts";
import type { ConversationId } from "../../core/index.ts";
import type { DeviceId } from "../../core/lang/brand.ts";
import { toHex } from "../../core/lang/bytes.ts";
import type { ContactRecord, ProfileRecord } from "../../core/ports/people-records.ts";
import { encodeDeviceList, readSignedDeviceList, signDeviceList } from "../../core/wire/device-list.ts";
import { healRequestMessage } from "../../core/wire/envelope.ts";
import { createGroupOf, leave } from "../support/groups-by-hand.ts";
import type { SimDevice } from "../support/sim-device.ts";
import { accountOf, groupAt, keysOf, profileOf, put, standGroup, topicAt, waitingAt } from "../support/sim-group.ts";
import {
  devicesIn,
  expectOneGroup,
  furtherDevice,
  handOver,
  linkedDevice,
  nextListOf,
} from "../support/sim-own-devices.ts";
import { must, rowsOn, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

const memory = { storage: "memory" } as const;

interface MadeUp {
  readonly device: DeviceId;
  readonly seed: Uint8Array;
}

function madeUp(world: World): MadeUp {
  return { device: toHex(world.random.bytes(16)) as DeviceId, seed: world.random.bytes(32) };
}

const listed = (world: World, { device, seed }: MadeUp) => ({
  device,
  signatureKey: publicKeyOf(seed),
  addedAtMs: world.clock.now(),
});

interface Asking {
  readonly profile: ProfileRecord;
  readonly who: MadeUp;
  readonly deviceList: Uint8Array;
  readonly listSequence?: number;
  readonly signedBy?: Uint8Array;
}

/** Leaves a request for a leaf in the group's topic, by hand. */
async function ask(world: World, at: SimDevice, id: ConversationId, asking: Asking): Promise<void> {
  const { profile, who, deviceList, listSequence = 2, signedBy = who.seed } = asking;
  const topic = topicAt(world, at, id)!;
  const credential = { account: profile.account, device: who.device, listSequence };
  const { publicPackage: keyPackage } = await makeKeyPackage(credential, who.seed);
  const signature = sign(
    labels.healRequest,
    healRequestMessage({ conversation: id, topic: topic.key }, 0, keyPackage),
    signedBy,
  );
  leave(world, topic, { kind: "heal-request", deviceList, keyPackage, generation: 0, signature, have: [] });
  await world.advance(60_000);
}

function signedBy(account: ProfileRecord, of: ProfileRecord, who: readonly ReturnType<typeof listed>[]): Uint8Array {
  const { list, listBytes } = must(readSignedDeviceList(of.deviceList));
  const next = { ...list, devices: [...list.devices, ...who], sequence: 2, previousHash: sha256(listBytes) };
  return signDeviceList(encodeDeviceList(next), accountSeed(account.entropy));
}

story(
  "a request for a further device that its person did not list as they should is answered by nobody",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const mallory = await world.person("mallory");
    const dave = await world.person("dave");
    const id = await standGroup(world, [alice, bob, mallory]);
    const honest = [alice, bob];
    const [account, forger, stranger] = [bob, mallory, dave].map((one) => profileOf(world, one));
    if (!account || !forger || !stranger) throw new Error("nobody is there");
    const who = madeUp(world);
    const good = nextListOf(account, ({ devices }) => ({ devices: [...devices, listed(world, who)] }));
    const broken = good.with(-1, (good.at(-1) ?? 0) ^ 1);
    const requests: readonly [string, Asking][] = [
      [
        "signed by another account",
        { profile: account, who, deviceList: signedBy(forger, account, [listed(world, who)]) },
      ],
      ["whose signature is broken", { profile: account, who, deviceList: broken }],
      ["that does not name it", { profile: account, who, deviceList: account.deviceList, listSequence: 1 }],
      ["that names another key", { profile: account, who: { ...who, seed: world.random.bytes(32) }, deviceList: good }],
      ["of somebody else", { profile: account, who, deviceList: forger.deviceList }],
      ["older than it says", { profile: account, who, deviceList: good, listSequence: 3 }],
      ["and it did not sign", { profile: account, who, deviceList: good, signedBy: forger.deviceSeed }],
      [
        "of who is no member",
        {
          profile: stranger,
          who,
          deviceList: nextListOf(stranger, ({ devices }) => ({ devices: [...devices, listed(world, who)] })),
        },
      ],
    ];
    for (const [what, request] of requests) {
      await ask(world, alice, id, request);
      for (const one of honest) {
        expect(keysOf(world, one, id)?.epoch, what).toBe(1);
        expect(waitingAt(world, one, id), what).toEqual([]);
      }
    }
    // The very same as it should be.
    await ask(world, alice, id, { profile: account, who, deviceList: good });
    expect(devicesIn(world, alice, id, bob)).toBe(2);
  },
  memory,
);

story(
  "a list with a lower number, or other bytes for the same one, brings no device in and takes none out",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    const carol = await world.person("carol");
    const id = await standGroup(world, [alice, bob, carol]);
    const first = profileOf(world, bob);
    const phone = await furtherDevice(world, bob, "bob-phone", id);
    await world.advance(60_000);
    const [epoch, second] = [keysOf(world, alice, id)?.epoch, profileOf(world, bob)];
    const who = madeUp(world);
    // Another second list: whoever has seen the one takes no other.
    const forked = nextListOf(first, ({ devices }) => ({ devices: [...devices, listed(world, who)] }));
    await ask(world, alice, id, { profile: first, who, deviceList: forked });
    // A third one that does not follow the second.
    const torn = nextListOf({ ...first, deviceList: forked }, ({ devices }) => ({
      devices: devices.slice(1),
      revoked: [first.device],
    }));
    await ask(world, alice, id, { profile: first, who, deviceList: torn, listSequence: 3 });
    const older = { device: second.device, seed: world.random.bytes(32) };
    await ask(world, alice, id, { profile: first, who: older, deviceList: first.deviceList, listSequence: 1 });
    expectOneGroup(world, [alice, bob, carol, phone], id);
    expect(keysOf(world, alice, id)?.epoch).toBe(epoch);
    expect(devicesIn(world, carol, id, bob)).toBe(2);
    const known = rowsOn<ContactRecord>(world.disk("alice"), "contacts").find(({ key }) => key === first.account);
    expect(known?.deviceList).toEqual(second.deviceList);
  },
  memory,
);

story(
  "who is added comes with every device of which keys are there, and the others come by their own request",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    await world.befriend(alice, bob);
    await world.advance(30_000);
    const phone = await linkedDevice(world, bob, "bob-phone");
    const { account, device, deviceSeed, deviceList } = profileOf(world, phone);
    const pair = await makeKeyPackage({ account, device, listSequence: 2 }, deviceSeed);
    // As the phone leaves it with alice, once conversations between two have several devices.
    await world.run(alice.stop());
    const contact = rowsOn<ContactRecord>(world.disk("alice"), "contacts").find(({ key }) => key === account)!;
    put(world, alice, "contacts", { ...contact, deviceList });
    put(world, alice, "keyPackages", {
      key: keyOfPackage(pair.publicPackage),
      account,
      device,
      publicPackage: pair.publicPackage,
      privatePackage: undefined,
      sinceMs: world.clock.now(),
      usedAtMs: undefined,
    });
    await alice.start();
    await world.advance(5_000);
    const id = await createGroupOf(world, alice, ["bob"]);
    await world.advance(60_000);
    expect(devicesIn(world, alice, id, bob)).toBe(2);
    const tablet = await linkedDevice(world, bob, "bob-tablet");
    for (const one of [phone, tablet]) {
      handOver(world, bob, one, id);
      await one.start();
    }
    await world.advance(90_000);
    expectOneGroup(world, [alice, bob, phone, tablet], id);
    expect(devicesIn(world, alice, id, bob)).toBe(3);
    must(await world.run(alice.messenger.groups.changeGroup(id, { kind: "remove", account: accountOf(world, bob) })));
    await world.advance(60_000);
    expect(groupAt(world, alice, id).people).toHaveLength(1);
    for (const one of [bob, phone, tablet]) {
      expect(groupAt(world, one, id).standing, one.name).toMatchObject({
        kind: "removed",
        by: accountOf(world, alice),
      });
      expect(topicAt(world, one, id), one.name).toBeUndefined();
    }
  },
  memory,
);

// What was said quietly and not fetched before its reader lost the keys for it: it is said once more with the new ones
// (PROTOCOL.md §11).
import { expect } from "vitest";
import type { ContactRecord, KeyPackageRecord, ProfileRecord } from "../../core/ports/people-records.ts";
import { must, rowsOn, type World } from "../support/sim-world.ts";
import { marksOf, story, viewOf } from "../support/story.ts";

const unlinked = { storage: "memory", links: false } as const;

async function friends(world: World) {
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const id = await world.befriend(alice, bob);
  await world.advance(5_000);
  return { alice, bob, id };
}

/** Alice is away while `then` happens, and comes back without her keys. */
async function aliceLosesKeys(
  world: World,
  { alice, id }: Awaited<ReturnType<typeof friends>>,
  then: () => Promise<void>,
): Promise<void> {
  await world.run(alice.stop());
  await then();
  await world.advance(20_000);
  world.disk("alice").tables.get("groups")!.delete(id);
  await alice.start();
  await world.advance(60_000);
  expect((await viewOf(world, alice, id)).healingSinceMs).toBeUndefined();
}

story(
  "read marks that were not fetched come with the new keys",
  async (world) => {
    const all = await friends(world);
    const { alice, bob, id } = all;
    for (const text of ["one", "two"]) must(await world.run(alice.messenger.sendText(id, text)));
    await world.advance(5_000);
    expect(await marksOf(world, alice, id)).toEqual(["delivered", "delivered"]);
    await aliceLosesKeys(world, all, async () => must(await world.run(bob.messenger.markRead(id))));
    expect(await marksOf(world, alice, id)).toEqual(["read", "read"]);
  },
  unlinked,
);

story(
  "what was read while receipts were off is told by no new keys",
  async (world) => {
    const all = await friends(world);
    const { alice, bob, id } = all;
    must(await world.run(bob.messenger.setReceipts(false)));
    must(await world.run(alice.messenger.sendText(id, "read in secret")));
    await world.advance(5_000);
    must(await world.run(bob.messenger.markRead(id)));
    must(await world.run(bob.messenger.setReceipts(true)));
    must(await world.run(alice.messenger.sendText(id, "read")));
    await world.advance(5_000);
    await aliceLosesKeys(world, all, async () => must(await world.run(bob.messenger.markRead(id))));
    expect(await marksOf(world, alice, id)).toEqual(["delivered", "read"]);
    must(await world.run(bob.messenger.setReceipts(false)));
    must(await world.run(alice.messenger.sendText(id, "in secret again")));
    await world.advance(5_000);
    await aliceLosesKeys(world, all, async () => must(await world.run(bob.messenger.markRead(id))));
    expect(await marksOf(world, alice, id)).toEqual(["delivered", "read", "delivered"]);
  },
  unlinked,
);

story(
  "that somebody agreed to keep for who was away is known to them with their new keys",
  async (world) => {
    const all = await friends(world);
    const { account } = rowsOn<ProfileRecord>(world.disk("alice"), "profile")[0]!;
    await aliceLosesKeys(world, all, async () => must(await world.run(all.bob.messenger.setKeepsFor(account, true))));
    expect(rowsOn<ContactRecord>(world.disk("alice"), "contacts").map(({ keeper }) => keeper)).toEqual([true]);
  },
  unlinked,
);

story(
  "who lost what others had left for groups, and their keys, is given it again",
  async (world) => {
    const all = await friends(world);
    const left = () =>
      rowsOn<KeyPackageRecord>(world.disk("alice"), "keyPackages")
        .filter(({ privatePackage }) => privatePackage === undefined)
        .map(({ key }) => key);
    const before = left();
    expect(before).toHaveLength(2);
    await aliceLosesKeys(world, all, async () => {
      for (const key of before) world.disk("alice").tables.get("keyPackages")!.delete(key);
    });
    expect(left().toSorted()).toEqual(before.toSorted());
  },
  unlinked,
);

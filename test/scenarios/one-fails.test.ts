// Something about one conversation cannot be done, for a reason nobody thought of: that ends nothing but itself.
import { expect, it } from "vitest";
import type { GroupRecord } from "../../core/ports/group-records.ts";
import type { ContactRecord } from "../../core/ports/people-records.ts";
import { put } from "../support/sim-group.ts";
import { createWorld, must, rowsOn, textsOf } from "../support/sim-world.ts";
import { arrivalsOf, viewOf } from "../support/story.ts";

it("starts and goes on with everybody else where one person's keys can neither be read nor asked for", async () => {
  const world = await createWorld({ storage: "memory" });
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = await world.person("carol");
  const ids = { bob: await world.befriend(alice, bob), carol: await world.befriend(alice, carol) };
  await world.advance(5_000);
  await world.run(alice.stop());
  const disk = world.disk("alice");
  // They are gone through by their keys: the broken one is first.
  const [broken, well] = ids.bob < ids.carol ? [ids.bob, ids.carol] : [ids.carol, ids.bob];
  const friend = well === ids.bob ? bob : carol;
  disk.tables.get("groups")!.delete(broken);
  const { contact } = disk.tables.get("conversations")!.get(broken) as { contact: string };
  const row = rowsOn<ContactRecord>(disk, "contacts").find(({ key }) => key === contact)!;
  put(world, alice, "contacts", { ...row, deviceList: Uint8Array.of(1) });
  await alice.start();
  must(await world.run(alice.messenger.sendText(well, "are you there?")));
  must(await world.run(friend.messenger.sendText(well, "I am")));
  await world.advance(30_000);
  expect(alice.faults.join("\n")).toContain("a kept device list cannot be read");
  expect((await textsOf(world, alice.messenger, well)).toSorted()).toEqual(["I am", "are you there?"]);
  expect(await arrivalsOf(world, alice, well)).toEqual(["delivered"]);
  await world.end();
});

it("says to everybody else that it is here, and carries what is for them, where that cannot be said to one", async () => {
  const world = await createWorld({ storage: "memory" });
  const alice = await world.person("alice");
  const bob = await world.person("bob");
  const carol = await world.person("carol");
  const ids = { bob: await world.befriend(alice, bob), carol: await world.befriend(alice, carol) };
  await world.advance(5_000);
  await world.run(alice.stop());
  const [broken, well] = ids.bob < ids.carol ? [ids.bob, ids.carol] : [ids.carol, ids.bob];
  const friend = well === ids.bob ? bob : carol;
  const group = rowsOn<GroupRecord>(world.disk("alice"), "groups").find(({ key }) => key === broken)!;
  const [newest, ...older] = group.epochSecrets;
  put(world, alice, "groups", { ...group, epochSecrets: [{ ...newest!, secret: "not bytes" as never }, ...older] });
  await alice.start();
  must(await world.run(alice.messenger.sendText(well, "are you there?")));
  await world.advance(5_000);
  expect(alice.faults.join("\n")).toContain("work in the background failed");
  expect((await viewOf(world, friend, well)).presence.kind).toBe("here");
  expect(await arrivalsOf(world, alice, well)).toEqual(["delivered"]);
  await world.end();
});

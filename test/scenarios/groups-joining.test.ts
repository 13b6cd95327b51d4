import { expect } from "vitest";
import type { ConversationRecord, GroupRecord, KeyPackageRecord, MessageRecord } from "../../core/ports/records.ts";
import { must, rowsOn, type World } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

function groupOn(world: World, name: string) {
  const rows = rowsOn<ConversationRecord>(world.disk(name), "conversations").filter(({ kind }) => kind === "group");
  expect(rows, `${name}'s groups`).toHaveLength(1);
  const [row] = rows;
  if (row?.group === undefined) throw new Error("a group without its facts");
  const keys = rowsOn<GroupRecord>(world.disk(name), "groups").find(({ key }) => key === row.key);
  const events = rowsOn<MessageRecord>(world.disk(name), "messages").filter(
    ({ conversation }) => conversation === row.key,
  );
  return { row, group: row.group, keys, events };
}

story(
  "a contact who is added gets a Welcome and is in the group",
  async (world) => {
    const alice = await world.person("alice");
    const bob = await world.person("bob");
    await world.befriend(alice, bob);
    await world.advance(10_000);
    expect(rowsOn<KeyPackageRecord>(world.disk("alice"), "keyPackages")).toHaveLength(4);
    const { account } = rowsOn<{ account: string }>(world.disk("bob"), "profile")[0] as never as { account: never };
    must(await world.run(alice.messenger.groups.createGroup({ name: "Hikers", emoji: "", people: [account] })));
    await world.advance(10_000);
    const [hers, his] = [groupOn(world, "alice"), groupOn(world, "bob")];
    expect(his.group).toEqual(hers.group);
    expect(his.keys?.epoch).toBe(1);
    expect(hers.keys?.epoch).toBe(1);
    expect(rowsOn(world.disk("alice"), "changes")).toEqual([]);
  },
  { storage: "memory" },
);

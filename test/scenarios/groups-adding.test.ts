// Several are added at once, and one of them cannot be (PROTOCOL.md §13.3, §13.6).
import { expect } from "vitest";
import type { MessageRecord } from "../../core/ports/message-record.ts";
import type { KeyPackageRecord } from "../../core/ports/people-records.ts";
import { createGroupOf, groupOn, groupsOn, profileOn } from "../support/groups-by-hand.ts";
import { rowsOn } from "../support/sim-world.ts";
import { story } from "../support/story.ts";

story(
  "whoever left keys that do not hold keeps nobody else out, and it is said of whom nobody could be added",
  async (world) => {
    const alice = await world.person("alice");
    for (const name of ["bob", "carol", "dave", "mallory"]) {
      const one = await world.person(name);
      await world.befriend(alice, one);
    }
    await world.advance(10_000);
    await world.run(alice.stop());
    const { account } = profileOn(world, "mallory");
    const rows = world.disk("alice").tables.get("keyPackages") as Map<string, KeyPackageRecord>;
    for (const [key, row] of rows) {
      if (row.account !== account) continue;
      const publicPackage = row.publicPackage.slice();
      // The end of its signature.
      publicPackage[publicPackage.length - 1]! ^= 1;
      rows.set(key, { ...row, publicPackage });
    }
    await alice.start();
    await createGroupOf(world, alice, ["bob", "mallory", "carol", "dave"]);
    await world.advance(60_000);
    expect(groupOn(world, "alice").group.people).toHaveLength(4);
    for (const name of ["bob", "carol", "dave"]) expect(groupsOn(world, name)).toHaveLength(1);
    expect(groupsOn(world, "mallory")).toEqual([]);
    expect(rowsOn(world.disk("alice"), "changes")).toEqual([]);
    const ended = rowsOn<MessageRecord>(world.disk("alice"), "messages").flatMap(({ body }) =>
      body.kind === "change-ended" ? [body] : [],
    );
    expect(ended).toEqual([
      { kind: "change-ended", act: { kind: "add", people: [account] }, why: "not-allowed", by: undefined },
    ]);
  },
  { storage: "memory" },
);

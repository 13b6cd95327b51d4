// Two admins change the same thing of a group in the same moment, or things beside one another: all end with the same (PROTOCOL.md
// §13.3). And who is blocked while they are added.
import { expect } from "vitest";
import type { GroupAct, Rules } from "../../core/conversation/group-acts.ts";
import type { GroupFacts } from "../../core/wire/group-facts.ts";
import { createGroupOf } from "../support/groups-by-hand.ts";
import {
  accountOf,
  endsAt,
  eventsAt,
  groupAt,
  keysOf,
  standGroup,
  storyAt,
  waitingAt,
  want,
} from "../support/sim-group.ts";
import { homeNode, must } from "../support/sim-world.ts";
import { story, threePeople } from "../support/story.ts";

const memory = { storage: "memory" } as const;

const usual: Rules = { writers: "everybody", slowModeS: 0, history: "none", joining: "approval" };

const pairs: readonly (readonly [
  what: string,
  a: GroupAct,
  b: GroupAct,
  (facts: GroupFacts) => unknown,
  among: unknown[],
])[] = [
  [
    "two pictures",
    { kind: "picture", emoji: "🌲" },
    { kind: "picture", emoji: "⛰️" },
    ({ emoji }) => emoji,
    ["🌲", "⛰️"],
  ],
  [
    "two descriptions",
    { kind: "describe", description: "On Sundays" },
    { kind: "describe", description: "On Mondays" },
    ({ description }) => description,
    ["On Sundays", "On Mondays"],
  ],
  [
    "what is shared with who is new, in two ways",
    { kind: "rules", rules: { ...usual, history: "all" } },
    { kind: "rules", rules: { ...usual, history: "last-7-days" } },
    ({ history }) => history,
    ["all", "last-7-days"],
  ],
];

for (const [what, a, b, factOf, among] of pairs) {
  story(
    `${what}: both come into force, one after the other, and the last one holds for all alike`,
    async (world) => {
      const { alice, bob, all } = await threePeople(world);
      const id = await standGroup(world, all, [bob]);
      for (const one of [alice, bob]) await world.run(one.stop());
      want(world, alice, id, a);
      want(world, bob, id, b);
      await Promise.all([alice.start(), bob.start()]);
      await world.advance(30_000);
      const facts = groupAt(world, alice, id).facts;
      expect(among).toContain(factOf(facts));
      for (const one of all) {
        expect(groupAt(world, one, id).facts).toEqual(facts);
        expect(keysOf(world, one, id)).toMatchObject({ epoch: 3, pending: undefined });
        expect(storyAt(world, one, id)).toEqual(storyAt(world, alice, id));
        expect(eventsAt(world, one, id)).toHaveLength(2);
        expect([...waitingAt(world, one, id), ...endsAt(world, one, id)]).toEqual([]);
      }
    },
    memory,
  );
}

story(
  "of two who change different rules at once neither takes back what the other changed",
  async (world) => {
    const { alice, bob, all } = await threePeople(world);
    const id = await standGroup(world, all, [bob]);
    for (const one of [alice, bob]) await world.run(one.stop());
    want(world, alice, id, { kind: "rules", rules: { ...usual, history: "all" } });
    want(world, bob, id, { kind: "rules", rules: { ...usual, slowModeS: 60 } });
    await Promise.all([alice.start(), bob.start()]);
    await world.advance(30_000);
    for (const one of all) {
      expect(groupAt(world, one, id).facts).toMatchObject({ ...usual, history: "all", slowModeS: 60 });
      expect(storyAt(world, one, id)).toEqual(storyAt(world, alice, id));
      expect(endsAt(world, one, id)).toEqual([]);
    }
  },
  memory,
);

for (const blocks of ["before", "after"] as const) {
  story(
    `who blocks somebody ${blocks} that one's addition of them comes is ${blocks === "before" ? "in no group of theirs" : "in the group, and may leave it"}`,
    async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")];
      await world.befriend(alice, bob);
      await world.advance(10_000);
      const block = async () => must(await world.run(bob.messenger.groups.setBlocked(accountOf(world, alice), true)));
      await world.run(bob.stop());
      const id = await createGroupOf(world, alice, ["bob"]);
      await world.advance(10_000);
      if (blocks === "before") world.split([[homeNode, alice.name], [bob.name]]);
      await bob.start();
      await world.advance(10_000);
      await block();
      world.split([]);
      await world.advance(60_000);
      const row = world.disk(bob.name).tables.get("conversations")?.get(id);
      expect(row === undefined).toBe(blocks === "before");
      expect(keysOf(world, bob, id) === undefined).toBe(blocks === "before");
    },
    memory,
  );
}

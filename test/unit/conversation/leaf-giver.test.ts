import { expect, it } from "vitest";
import { isFollowed } from "../../../core/conversation/leaf-giver.ts";
import type { AccountId } from "../../../core/lang/brand.ts";
import type { GroupFacts } from "../../../core/wire/group-facts.ts";
import { peopleMark } from "../../../core/wire/known-group.ts";
import { groupContexts } from "../wire/samples.ts";

const [alice, bob, carol, dave] = ["a", "b", "c", "d"].map((letter) => letter.repeat(64) as AccountId) as [
  AccountId,
  AccountId,
  AccountId,
  AccountId,
];
const facts: GroupFacts = {
  ...groupContexts.group.facts,
  roles: [
    { account: alice, role: "owner" },
    { account: bob, role: "admin" },
  ],
};
const everybody = [alice, bob, carol];
const known = { facts, people: peopleMark(everybody) };
const all = (now: Partial<GroupFacts>, people: readonly AccountId[] = everybody) =>
  everybody.filter((by) => isFollowed(by, known, { facts: { ...facts, ...now }, people: new Set(people) }));

it("anybody may lead to a group that is as it was", () => {
  expect(all({})).toEqual([alice, bob, carol]);
});

it("nobody may lead to a group whose topic turned, or in which somebody with a role is gone", () => {
  expect(all({ rotation: facts.rotation + 1 })).toEqual([]);
  expect(all({ roles: [{ account: alice, role: "owner" }] }, [alice, carol])).toEqual([]);
  expect(all({ roles: [{ account: bob, role: "owner" }] }, [bob, carol])).toEqual([]);
});

it("only owner and admins, as they were, may lead to other rules, another name or other nodes", () => {
  expect(all({ name: "Climbers" })).toEqual([alice, bob]);
  expect(all({ writers: "admins" })).toEqual([alice, bob]);
  expect(all({ nodes: [...facts.nodes].reverse() })).toEqual([alice, bob]);
});

it("only owner and admins, as they were, may lead to more people", () => {
  expect(all({}, [alice, bob, carol, dave])).toEqual([alice, bob]);
});

it("only the owner, as they were, may lead to other roles", () => {
  expect(all({ roles: [{ account: alice, role: "owner" }] })).toEqual([alice]);
  const handedOver = [
    { account: alice, role: "admin" },
    { account: bob, role: "owner" },
  ] as const;
  expect(all({ roles: handedOver })).toEqual([alice]);
});

it("where no owner is known admins may lead to one", () => {
  const without = { ...known, facts: { ...facts, roles: [{ account: bob, role: "admin" as const }] } };
  const now = { facts: { ...facts, roles: [{ account: bob, role: "owner" as const }] }, people: new Set(everybody) };
  expect(everybody.filter((by) => isFollowed(by, without, now))).toEqual([bob]);
});

it("who lost their keys by themselves follows anybody", () => {
  const now = { facts: { ...facts, roles: [{ account: carol, role: "owner" as const }] }, people: new Set(everybody) };
  expect(everybody.filter((by) => isFollowed(by, undefined, now))).toEqual(everybody);
});

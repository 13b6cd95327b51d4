import { describe, expect, test } from "vitest";
import { type CommitFault, judge } from "../../../core/conversation/authority.ts";
import { groupEvents } from "../../../core/conversation/group-events.ts";
import { absenceOf, quorumOf, rolesAfter, votersOf } from "../../../core/conversation/owner-gone.ts";
import type { CommitNote } from "../../../core/wire/commit-note.ts";
import { type OwnerClaim, type OwnerConfirmation, signOwnerGone } from "../../../core/wire/succession.ts";
import {
  adding,
  changeOf,
  conversation,
  emptyNote,
  groupOf,
  leafOf,
  type Moment,
  noteOfAdding,
  type Person,
  person,
  topic,
  withRoles,
} from "./group-world.ts";

const alice = person("alice", 2);
const bob = person("bob", 2);
const carol = person("carol");
const dave = person("dave");
const mallory = person("mallory");
/** alice owns; bob, carol and dave are admins, mallory is a member. */
const hikers = ((): Moment => {
  const group = groupOf(alice, bob, carol, dave, mallory);
  return { ...group, facts: withRoles(group.facts, [bob, "admin"], [carol, "admin"], [dave, "admin"]) };
})();
const claim: OwnerClaim = { claim: "0a".repeat(16), owner: alice.account, next: bob.account };

function confirmationOf(who: Person, moment: Moment = hikers, of = claim): OwnerConfirmation {
  const [signer] = who.devices;
  const signature = signOwnerGone({ ...of, conversation, absence: absenceOf(moment) }, signer!.seed);
  return { account: who.account, device: signer!.device, signature };
}

const noteOf = (confirmations: readonly OwnerConfirmation[], of = claim): CommitNote => ({
  ...emptyNote,
  succession: { ...of, confirmations: confirmations.toSorted((a, b) => (a.account < b.account ? -1 : 1)) },
});
const succeeded = (moment: Moment, of = claim): Moment => ({
  ...moment,
  facts: { ...moment.facts, roles: rolesAfter(moment.facts, of) },
});
function verdict(by: Person, after: Moment, note: CommitNote, before = hikers): "allowed" | CommitFault {
  const judged = judge(changeOf(before, by, after), note, topic);
  return judged.ok ? "allowed" : judged.error;
}

const two = [confirmationOf(bob), confirmationOf(carol)];

const people = [alice, bob, carol, dave, mallory].map(({ account }) => account);

test("admins decide, or everybody where there is none, and it takes more than half of them", () => {
  expect(votersOf(hikers.facts, people)).toEqual([bob, carol, dave].map(({ account }) => account));
  expect(votersOf(withRoles(hikers.facts, [bob, "member"], [carol, "member"], [dave, "member"]), people)).toEqual(
    [bob, carol, dave, mallory].map(({ account }) => account),
  );
  expect([1, 2, 3, 4, 5].map((count) => quorumOf(people.slice(0, count)))).toEqual([1, 2, 2, 3, 3]);
});

describe("a commit that makes somebody else the owner is allowed", () => {
  test("with confirmations of more than half, by any admin; the owner before is a plain member", () => {
    for (const by of [bob, dave]) expect(verdict(by, succeeded(hikers), noteOf(two))).toBe("allowed");
    expect(succeeded(hikers).facts.roles).toEqual(withRoles(hikers.facts, [alice, "member"], [bob, "owner"]).roles);
  });

  test("by members where there is no admin", () => {
    const three = groupOf(alice, bob, carol);
    const both = [bob, carol].map((one) => confirmationOf(one, three));
    expect(verdict(bob, succeeded(three), noteOf(both), three)).toBe("allowed");
  });

  test("by two admins who agree, whatever the members say", () => {
    const two = { ...hikers, facts: withRoles(hikers.facts, [dave, "member"]) };
    const both = [bob, carol].map((one) => confirmationOf(one, two));
    expect(verdict(carol, succeeded(two), noteOf(both), two)).toBe("allowed");
  });

  test("by one alone only where there is no owner to replace", () => {
    const left: Moment = {
      ...hikers,
      facts: withRoles(hikers.facts, [alice, "member"], [carol, "member"], [dave, "member"]),
    };
    const of = { ...claim, owner: undefined };
    expect(verdict(bob, succeeded(left, of), noteOf([confirmationOf(bob, left, of)], of), left)).toBe("allowed");
  });

  test("where the group has no owner", () => {
    const ownerless: Moment = { ...hikers, facts: withRoles(hikers.facts, [alice, "member"]) };
    const of = { ...claim, owner: undefined };
    const note = noteOf([confirmationOf(bob, ownerless, of), confirmationOf(dave, ownerless, of)], of);
    expect(verdict(bob, succeeded(ownerless, of), note, ownerless)).toBe("allowed");
  });

  test("and the timeline says who is the owner now, and how many agreed", () => {
    expect(groupEvents(changeOf(hikers, bob, succeeded(hikers)), noteOf(two)).map(({ event }) => event)).toEqual([
      {
        kind: "owner-replaced",
        account: bob.account,
        was: alice.account,
        agreed: 2,
        of: 3,
        voters: "admins",
      },
    ]);
  });
});

describe("it is refused by all alike", () => {
  const renewed: Moment = {
    ...hikers,
    members: hikers.members.map((one) =>
      one.credential.device === alice.devices[0]!.device ? leafOf(alice, alice.devices[0]!) : one,
    ),
  };
  const handedOver: Moment = { ...hikers, facts: withRoles(hikers.facts, [alice, "admin"], [carol, "owner"]) };
  const demoted: Moment = { ...hikers, facts: withRoles(hikers.facts, [carol, "member"]) };
  const other = { ...claim, claim: "0b".repeat(16) };
  const forged = { ...confirmationOf(carol), signature: confirmationOf(mallory).signature };
  const asCarol = { ...confirmationOf(mallory), account: carol.account };

  test.each<[string, Person, Moment, CommitNote, Moment?]>([
    ["with too few", bob, succeeded(hikers), noteOf([confirmationOf(bob)])],
    ["by a member", mallory, succeeded(hikers), noteOf(two)],
    ["with a member's among them", bob, succeeded(hikers), noteOf([confirmationOf(bob), confirmationOf(mallory)])],
    ["with a forged one", bob, succeeded(hikers), noteOf([confirmationOf(bob), forged])],
    [
      "with one more than enough that is forged",
      bob,
      succeeded(hikers),
      noteOf([...two, { ...forged, account: dave.account, device: dave.devices[0]!.device }]),
    ],
    ["with a device under another's name", bob, succeeded(hikers), noteOf([confirmationOf(bob), asCarol])],
    ["with those of another claim", bob, succeeded(hikers), noteOf(two, other)],
    [
      "for somebody else than they said",
      carol,
      succeeded(hikers, { ...claim, next: carol.account }),
      noteOf(two, { ...claim, next: carol.account }),
    ],
    ["once the owner's keys are others", bob, succeeded(renewed), noteOf(two), renewed],
    [
      "once somebody else is the owner",
      bob,
      succeeded(handedOver, { ...claim, owner: carol.account }),
      noteOf(two),
      handedOver,
    ],
    ["once one of them is no admin any more", bob, succeeded(demoted), noteOf(two), demoted],
    [
      "for a member",
      bob,
      succeeded(hikers, { ...claim, next: mallory.account }),
      noteOf(
        [bob, carol].map((one) => confirmationOf(one, hikers, { ...claim, next: mallory.account })),
        { ...claim, next: mallory.account },
      ),
    ],
    [
      "with another change of roles",
      bob,
      { ...hikers, facts: withRoles(succeeded(hikers).facts, [mallory, "admin"]) },
      noteOf(two),
    ],
    [
      "with another change of the rules",
      bob,
      { ...hikers, facts: { ...succeeded(hikers).facts, name: "Ours" } },
      noteOf(two),
    ],
    [
      "where the old owner keeps a rank",
      bob,
      { ...hikers, facts: withRoles(hikers.facts, [alice, "admin"], [bob, "owner"]) },
      noteOf(two),
    ],
    ["where nothing changes", bob, hikers, noteOf(two)],
    [
      "where somebody is added along with it",
      bob,
      succeeded(adding(hikers, person("eve"))),
      { ...noteOfAdding(person("eve")), succession: noteOf(two).succession },
    ],
  ])("%s", (_, by, after, note, before) => {
    expect(verdict(by, after, note, before)).toBe("not-succeeded");
  });

  test("by the only admin, whoever says the same", () => {
    const group = { ...hikers, facts: withRoles(hikers.facts, [carol, "member"], [dave, "member"]) };
    const admin = confirmationOf(bob, group);
    expect(votersOf(group.facts, people)).toEqual([]);
    expect(verdict(bob, succeeded(group), noteOf([admin]), group)).toBe("not-succeeded");
    const all = [admin, ...[carol, dave, mallory].map((one) => confirmationOf(one, group))];
    expect(verdict(bob, succeeded(group), noteOf(all), group)).toBe("not-succeeded");
  });

  test("by one of two admins", () => {
    const group = { ...hikers, facts: withRoles(hikers.facts, [dave, "member"]) };
    expect(verdict(bob, succeeded(group), noteOf([confirmationOf(bob, group)]), group)).toBe("not-succeeded");
  });

  test("by the only other member", () => {
    const pair = groupOf(alice, bob);
    expect(verdict(bob, succeeded(pair), noteOf([confirmationOf(bob, pair)]), pair)).toBe("not-succeeded");
  });

  test("without confirmations", () => {
    expect(verdict(bob, succeeded(hikers), emptyNote)).toBe("may-not-change-roles");
  });
});

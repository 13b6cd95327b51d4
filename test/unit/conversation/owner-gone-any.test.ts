/** Of any group and any confirmations: who may be made the owner is counted here once more, in another way (§13.13). */
import fc from "fast-check";
import { expect, test } from "vitest";
import { judge } from "../../../core/conversation/authority.ts";
import { absenceOf, rolesAfter } from "../../../core/conversation/owner-gone.ts";
import { decodeCommitNote, encodeCommitNote } from "../../../core/wire/commit-note.ts";
import { type OwnerClaim, signOwnerGone } from "../../../core/wire/succession.ts";
import {
  changeOf,
  conversation,
  emptyNote,
  groupOf,
  leafOf,
  type Moment,
  person,
  topic,
  withRoles,
} from "./group-world.ts";

const everybody = ["alice", "bob", "carol", "dave", "erin", "frank", "grace"].map((name) => person(name));
const [alice] = everybody;
const said = ["nothing", "that", "another claim", "before the owner was here", "with another's key"] as const;

const cases = fc.record({
  hasOwner: fc.boolean(),
  others: fc.array(
    fc.record({
      isAdmin: fc.boolean(),
      says: fc.oneof({ weight: 4, arbitrary: fc.constant("that" as const) }, fc.constantFrom(...said)),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  by: fc.nat(),
  next: fc.nat(),
});

test("somebody is made the owner by more than half of those who decide, two at least where there is an owner, and never else", () => {
  const seen = { allowed: 0, refused: 0 };
  fc.assert(
    fc.property(cases, ({ hasOwner, others, by, next }) => {
      const people = everybody.slice(1, 1 + others.length);
      const group = groupOf(alice!, ...people);
      const roles = people.map((one, at) => [one, others[at]!.isAdmin ? "admin" : "member"] as const);
      const facts = withRoles(group.facts, [alice!, hasOwner ? "owner" : "member"], ...roles);
      const before: Moment = { ...group, facts };
      const earlier: Moment = {
        facts: { ...facts, rotation: 7 },
        members: group.members.map((leaf) =>
          leaf.credential.account === alice!.account ? leafOf(alice!, alice!.devices[0]!) : leaf,
        ),
      };
      // Without an owner everybody is asked, and she with them.
      const here = hasOwner ? people : [alice!, ...people];
      const chosen = here[next % here.length]!;
      const committer = here[by % here.length]!;
      const owner = hasOwner ? alice!.account : undefined;
      const claim: OwnerClaim = { claim: "0a".repeat(16), owner, next: chosen.account };
      const confirmations = people.flatMap((one, at) => {
        const { says } = others[at]!;
        const signer = says === "with another's key" ? alice! : one;
        const of = says === "another claim" ? { ...claim, claim: "0b".repeat(16) } : claim;
        const absence = absenceOf(says === "before the owner was here" ? earlier : before);
        const signature = signOwnerGone({ ...of, conversation, absence }, signer.devices[0]!.seed);
        return says === "nothing" ? [] : [{ account: one.account, device: one.devices[0]!.device, signature }];
      });
      fc.pre(confirmations.length > 0);
      const ascending = confirmations.toSorted((a, b) => (a.account < b.account ? -1 : 1));
      const bytes = encodeCommitNote({ ...emptyNote, succession: { ...claim, confirmations: ascending } });
      const note = bytes.ok ? decodeCommitNote(bytes.value) : bytes;
      if (!note.ok) throw new Error(note.error);
      const after: Moment = { ...before, facts: { ...facts, roles: rolesAfter(facts, claim) } };
      const isAllowed = judge(changeOf(before, committer, after), note.value, topic).ok;

      const admins = people.filter((_, at) => others[at]!.isAdmin);
      const deciding = admins.length > 0 ? admins : here;
      const confirmed = people.filter((_, at) => others[at]!.says !== "nothing");
      const areSound = people.every(
        (one, at) =>
          ["nothing", "that"].includes(others[at]!.says) && (others[at]!.says === "nothing" || deciding.includes(one)),
      );
      const isEnough = 2 * confirmed.length > deciding.length && confirmed.length >= (hasOwner ? 2 : 1);
      const isExpected = areSound && isEnough && deciding.includes(chosen) && deciding.includes(committer);
      seen[isAllowed ? "allowed" : "refused"]++;
      expect(isAllowed).toBe(isExpected);
    }),
    { numRuns: 300 },
  );
  expect(Math.min(seen.allowed, seen.refused)).toBeGreaterThan(5);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CommitFault, judge, peopleOf } from "../../../core/conversation/authority.ts";
import { rankOf } from "../../../core/conversation/group-rights.ts";
import type { Change } from "../../../core/group/open-in-group.ts";
import type { ConversationId, NodeUrl, TopicId } from "../../../core/lang/brand.ts";
import { type CommitNote, decodeCommitNote, encodeCommitNote } from "../../../core/wire/commit-note.ts";
import { readSignedDeviceList } from "../../../core/wire/device-list.ts";
import type { GroupFacts } from "../../../core/wire/group-facts.ts";
import { signLeave } from "../../../core/wire/leave.ts";
import { valueIn } from "../wire/samples.ts";
import {
  adding,
  changeOf,
  emptyNote,
  groupOf,
  healing,
  leafOf,
  listOf,
  type Moment,
  noteOfAdding,
  type Person,
  person,
  removing,
  statementOf,
  topic,
  withRoles,
} from "./group-world.ts";

const alice = person("alice", 2);
const bob = person("bob", 2);
const carol = person("carol");
const dave = person("dave");
const mallory = person("mallory");
/** alice owns, bob is an admin, carol and mallory are members. */
const hikers = ((): Moment => {
  const group = groupOf(alice, bob, carol, mallory);
  return { ...group, facts: withRoles(group.facts, [bob, "admin"]) };
})();
const facts = hikers.facts;
const [home] = facts.nodes as readonly [NodeUrl];
const other = "https://other.example" as NodeUrl;
const withFacts = (change: Partial<GroupFacts>): Moment => ({ ...hikers, facts: { ...facts, ...change } });

function verdict(by: Person, after: Moment, note: CommitNote = emptyNote, before = hikers): "allowed" | CommitFault {
  const judged = judge(changeOf(before, by, after), note, topic);
  return judged.ok ? "allowed" : judged.error;
}

describe("a commit is allowed that", () => {
  test("renews a leaf, whoever makes it", () => {
    for (const by of [alice, bob, carol]) expect(verdict(by, hikers)).toBe("allowed");
  });

  test("adds somebody, by owner or admin", () => {
    expect(verdict(alice, adding(hikers, dave), noteOfAdding(dave))).toBe("allowed");
    expect(verdict(bob, adding(hikers, dave), noteOfAdding(dave))).toBe("allowed");
    expect(verdict(bob, adding(hikers, dave), { ...noteOfAdding(dave), link: topic })).toBe("allowed");
  });

  test("removes somebody of lower rank", () => {
    expect(verdict(alice, removing(hikers, bob))).toBe("allowed");
    expect(verdict(alice, removing(hikers, bob, carol))).toBe("allowed");
    expect(verdict(bob, removing(hikers, carol))).toBe("allowed");
  });

  test("sees off whoever left, by anybody, even the owner", () => {
    const leaves = [statementOf(alice, hikers)];
    expect(verdict(carol, removing(hikers, alice), { ...emptyNote, leaves })).toBe("allowed");
    expect(verdict(mallory, removing(hikers, bob), { ...emptyNote, leaves: [statementOf(bob, hikers)] })).toBe(
      "allowed",
    );
  });

  test("changes what the group shows and its rules, by owner or admin", () => {
    const change = { name: "Walkers", description: "Slower.", emoji: "🐌", writers: "admins", slowModeS: 60 } as const;
    expect(verdict(bob, withFacts({ ...change, history: "all", joining: "open" }))).toBe("allowed");
  });

  test("moves the group to other nodes, or puts them in another order, by owner or admin", () => {
    for (const by of [alice, bob]) {
      expect(verdict(by, withFacts({ nodes: [other] }))).toBe("allowed");
      expect(verdict(by, withFacts({ nodes: [other, home] }))).toBe("allowed");
      expect(verdict(by, withFacts({ nodes: [home, other] }), emptyNote, withFacts({ nodes: [other, home] }))).toBe(
        "allowed",
      );
    }
    // With who is removed by the same commit.
    const { members, facts: without } = removing(hikers, carol);
    expect(verdict(bob, { members, facts: { ...without, nodes: [other] } })).toBe("allowed");
  });

  test("makes or unmakes admins, or hands over, by the owner", () => {
    expect(verdict(alice, { ...hikers, facts: withRoles(facts, [bob, "member"], [carol, "admin"]) })).toBe("allowed");
    expect(verdict(alice, { ...hikers, facts: withRoles(facts, [alice, "admin"], [carol, "owner"]) })).toBe("allowed");
  });

  test("adds somebody as an admin at once, by the owner", () => {
    const joined = adding(hikers, dave);
    const after = { ...joined, facts: withRoles(facts, [dave, "admin"]) };
    expect(verdict(alice, after, noteOfAdding(dave))).toBe("allowed");
    expect(verdict(bob, after, noteOfAdding(dave))).toBe("may-not-change-roles");
  });

  test("gives a device that asked for it a new leaf, by anybody", () => {
    const { after, note } = healing(hikers, bob, bob.devices[1]!);
    expect(verdict(mallory, after, note)).toBe("allowed");
  });

  test("gives a leaf by a newer list than the one before, if the note has that list", () => {
    const [laptop, phone] = bob.devices;
    const { after, note } = healing(hikers, bob, phone!);
    const raised = (listSequence: number): Moment => ({
      ...after,
      members: after.members.map((one) =>
        one.credential.device === phone!.device ? { ...one, credential: { ...one.credential, listSequence } } : one,
      ),
    });
    const withList = (sequence: number, devices = [laptop!, phone!]) => ({
      ...note,
      lists: [listOf(bob, { devices, sequence })],
    });
    expect(verdict(mallory, raised(2), withList(2))).toBe("allowed");
    expect(verdict(mallory, raised(2), note)).toBe("unlisted-device");
    expect(verdict(mallory, raised(2), withList(3, [laptop!]))).toBe("unlisted-device");
    expect(verdict(mallory, raised(3), withList(2))).toBe("stale-list");
    // Back to an older one, which might name what was revoked since.
    const back = healing(raised(2), bob, phone!);
    const { lists } = withList(2);
    expect(verdict(mallory, back.after, { ...back.note, lists }, raised(2))).toBe("not-healed");
  });

  test("adds a device that a newer list names, or drops one that it revokes, by anybody", () => {
    const [laptop, phone] = bob.devices;
    const list = listOf(bob, { devices: [laptop!], sequence: 2, revoked: [phone!.device] });
    const members = hikers.members.filter(({ credential }) => credential.device !== phone!.device);
    const dropped = { members, facts: { ...facts, rotation: 1 } };
    expect(verdict(mallory, dropped, { ...emptyNote, lists: [list] })).toBe("allowed");
    const grown = { members: [...members, leafOf(bob, phone!, 2)], facts };
    const longer = listOf(bob, { devices: [laptop!, phone!], sequence: 2 });
    const alone = { members, facts };
    expect(verdict(mallory, grown, { ...emptyNote, lists: [longer] }, alone)).toBe("allowed");
  });
});

describe("a commit is refused by all alike that", () => {
  const leaves = [statementOf(carol, hikers)];
  const list = (...lists: Uint8Array[]) => ({ ...emptyNote, lists });
  const phone = bob.devices[1]!;
  const withoutPhone = hikers.members.filter(({ credential }) => credential.device !== phone.device);
  const healed = healing(hikers, bob, phone);
  const twoHealed = healing(healed.after, bob, bob.devices[0]!);
  const imposter = { ...mallory, devices: [{ device: carol.devices[0]!.device, seed: mallory.devices[0]!.seed }] };
  const twice = { ...dave, devices: imposter.devices, list: listOf(dave, { devices: imposter.devices }) };
  const rejoined = adding(removing(hikers, carol), carol);
  const [withoutAlice, withoutCarol] = [removing(hikers, alice), removing(hikers, carol)];
  const carolsLeaf = hikers.members.find(({ credential }) => credential.account === carol.account)!;
  const elsewhere = { account: carol.account, encryptionKey: carolsLeaf.encryptionKey };
  const leftElsewhere = {
    ...leaves[0]!,
    signature: signLeave({ ...elsewhere, conversation: "c1".repeat(16) as ConversationId }, carol.devices[0]!.seed),
  };

  test.each<[CommitFault, string, Person, Moment, CommitNote?, Moment?]>([
    ["may-not-add", "adds somebody, by a member", carol, adding(hikers, dave), noteOfAdding(dave)],
    ["may-not-remove", "removes an admin, by an admin", bob, removing(withFacts({}), alice)],
    ["may-not-remove", "removes a member, by a member", carol, removing(hikers, mallory)],
    [
      "may-not-remove",
      "removes an equal",
      bob,
      removing({ ...hikers, facts: withRoles(facts, [carol, "admin"]) }, carol),
      emptyNote,
      { ...hikers, facts: withRoles(facts, [carol, "admin"]) },
    ],
    ["removes-itself", "removes its committer", bob, removing(hikers, bob)],
    ["may-not-change-facts", "renames, by a member", carol, withFacts({ name: "Mine" })],
    ["may-not-change-facts", "lets everybody write, by a member", carol, withFacts({ slowModeS: 5 })],
    ["may-not-change-facts", "opens the group, by a member", carol, withFacts({ joining: "open" })],
    ["may-not-change-facts", "moves the group, by a member", carol, withFacts({ nodes: [other] })],
    ["may-not-change-facts", "adds a node, by a member", carol, withFacts({ nodes: [home, other] })],
    [
      "may-not-change-facts",
      "makes another node the first, by a member",
      carol,
      withFacts({ nodes: [other, home] }),
      emptyNote,
      withFacts({ nodes: [home, other] }),
    ],
    [
      "may-not-change-facts",
      "moves the group as it sees somebody off, by a member",
      carol,
      { ...removing(hikers, mallory), facts: { ...removing(hikers, mallory).facts, nodes: [other] } },
      { ...emptyNote, leaves: [statementOf(mallory, hikers)] },
    ],
    [
      "may-not-change-roles",
      "makes an admin, by an admin",
      bob,
      { ...hikers, facts: withRoles(facts, [carol, "admin"]) },
    ],
    ["two-owners", "makes itself the owner", bob, { ...hikers, facts: withRoles(facts, [bob, "owner"]) }],
    [
      "may-not-change-roles",
      "takes the group over",
      bob,
      { ...hikers, facts: withRoles(facts, [bob, "owner"], [alice, "admin"]) },
    ],
    ["may-not-change-roles", "leaves no owner", alice, { ...hikers, facts: withRoles(facts, [alice, "admin"]) }],
    [
      "may-not-change-roles",
      "hands over and leaves no admin behind",
      alice,
      { ...hikers, facts: withRoles(facts, [alice, "member"], [carol, "owner"]) },
    ],
    [
      "may-not-change-roles",
      "hands over to somebody new",
      alice,
      { ...adding(hikers, dave), facts: withRoles(facts, [alice, "admin"], [dave, "owner"]) },
      noteOfAdding(dave),
    ],
    [
      "may-not-change-roles",
      "makes an owner where there is none",
      bob,
      { ...hikers, facts: withRoles(facts, [alice, "member"], [bob, "owner"]) },
      emptyNote,
      { ...hikers, facts: withRoles(facts, [alice, "member"]) },
    ],
    [
      "role-of-nobody",
      "keeps the role of who is gone",
      alice,
      { ...removing(hikers, bob), facts: { ...facts, rotation: 1 } },
    ],
    ["wrong-rotation", "removes and keeps the topic", alice, { ...removing(hikers, carol), facts }],
    ["wrong-rotation", "turns the topic for nothing", alice, withFacts({ rotation: 1 })],
    [
      "wrong-rotation",
      "turns the topic when it heals",
      mallory,
      { ...healed.after, facts: { ...facts, rotation: 1 } },
      healed.note,
    ],
    ["bad-names", "adds somebody without a name", alice, adding(hikers, dave), list(dave.list)],
    ["bad-names", "names somebody who is there", alice, hikers, { ...emptyNote, names: noteOfAdding(carol).names }],
    ["bad-names", "names a link with which nobody came", alice, hikers, { ...emptyNote, link: topic }],
    [
      "unlisted-device",
      "adds somebody without a list",
      alice,
      adding(hikers, dave),
      { ...noteOfAdding(dave), lists: [] },
    ],
    [
      "unlisted-device",
      "adds a device under another's name",
      alice,
      adding(hikers, { ...dave, devices: mallory.devices.map((one) => ({ ...one, device: dave.devices[0]!.device })) }),
      noteOfAdding(dave),
    ],
    ["bad-list", "brings a list that nobody needs", alice, hikers, list(carol.list)],
    [
      "bad-list",
      "brings a list twice",
      alice,
      adding(hikers, dave, person("erin")),
      { ...noteOfAdding(dave, person("erin")), lists: [dave.list, dave.list] },
    ],
    [
      "bad-list",
      "brings a list with a signature of somebody else",
      alice,
      adding(hikers, dave),
      {
        ...noteOfAdding(dave),
        lists: [listOf({ account: dave.account, seed: mallory.seed }, { devices: dave.devices })],
      },
    ],
    [
      "stale-list",
      "adds a device by a list older than the one it is of",
      alice,
      { members: [...hikers.members, { ...leafOf(dave, dave.devices[0]!, 2) }], facts },
      noteOfAdding(dave),
    ],
    [
      "not-revoked",
      "drops a device that is listed",
      alice,
      { members: withoutPhone, facts: { ...facts, rotation: 1 } },
      list(bob.list),
    ],
    [
      "not-revoked",
      "drops a device without a list",
      alice,
      { members: withoutPhone, facts: { ...facts, rotation: 1 } },
    ],
    ["not-healed", "replaces a leaf that nobody asked for", mallory, healed.after],
    ["not-healed", "replaces two leaves", mallory, twoHealed.after, twoHealed.note],
    [
      "not-healed",
      "replaces a leaf at the request of another device",
      mallory,
      healed.after,
      { ...healed.note, healed: { ...healed.note.healed!, device: bob.devices[0]!.device } },
    ],
    ["not-healed", "says that it heals and does not", mallory, hikers, healed.note],
    ["not-healed", "replaces a leaf by an earlier request", mallory, healing(hikers, bob, phone).after, healed.note],
    ["not-left", "removes nobody, with a statement", alice, hikers, { ...emptyNote, leaves }],
    [
      "not-left",
      "removes somebody by the statement of another",
      mallory,
      removing(hikers, carol),
      { ...emptyNote, leaves: [{ ...leaves[0]!, signature: statementOf(mallory, hikers).signature }] },
    ],
    [
      "not-left",
      "removes somebody who came back, by what they said before",
      mallory,
      removing(rejoined, carol),
      { ...emptyNote, leaves },
      rejoined,
    ],
    ["device-twice", "gives two persons one device", alice, adding(hikers, twice), noteOfAdding(twice)],
    [
      "may-not-remove",
      "takes somebody along with who left",
      mallory,
      removing(hikers, bob, carol),
      { ...emptyNote, leaves },
    ],
    [
      "not-left",
      "removes somebody by what they said in another group",
      mallory,
      removing(hikers, carol),
      { ...emptyNote, leaves: [leftElsewhere] },
    ],
    [
      "may-not-change-roles",
      "makes itself the owner as it sees the owner off",
      bob,
      { ...withoutAlice, facts: withRoles(withoutAlice.facts, [bob, "owner"]) },
      { ...emptyNote, leaves: [statementOf(alice, hikers)] },
    ],
    [
      "may-not-change-roles",
      "makes an admin as it removes somebody",
      bob,
      { ...withoutCarol, facts: withRoles(withoutCarol.facts, [mallory, "admin"]) },
    ],
    [
      "may-not-change-facts",
      "renames the group as it gives a leaf, by a member",
      mallory,
      { ...healed.after, facts: { ...facts, name: "Mine" } },
      healed.note,
    ],
    [
      "may-not-change-roles",
      "makes itself an admin as it gives a leaf",
      mallory,
      { ...healed.after, facts: withRoles(facts, [mallory, "admin"]) },
      healed.note,
    ],
    [
      "may-not-remove",
      "drops the last device of somebody whose list revokes it, by a member",
      mallory,
      withoutCarol,
      list(listOf(carol, { devices: [], sequence: 2, revoked: carol.devices.map(({ device }) => device) })),
    ],
  ])("%s: %s", (fault, _, by, after, note, before) => {
    expect(verdict(by, after, note, before)).toBe(fault);
  });

  test("heals by a request for another topic", () => {
    const change = changeOf(hikers, mallory, healed.after);
    expect(judge(change, healed.note, "71".repeat(32) as TopicId)).toEqual({ ok: false, error: "not-healed" });
  });

  test("makes the group larger than 100 persons or 256 devices", () => {
    const strangers = Array.from({ length: 97 }, (_, index) => ({
      ...carol,
      account: index.toString(16).padStart(64, "0") as Person["account"],
      devices: [{ ...carol.devices[0]!, device: index.toString(16).padStart(32, "0") as never }],
    }));
    const crowd = adding(hikers, ...strangers.slice(0, 96));
    expect(verdict(alice, crowd, emptyNote, crowd)).toBe("allowed");
    expect(verdict(alice, adding(crowd, strangers[96]!), emptyNote, crowd)).toBe("too-many-people");
    const many = Array.from({ length: 251 }, (_, index) => ({
      ...carol.devices[0]!,
      device: index.toString(16).padStart(32, "0") as never,
    }));
    const pile = adding(hikers, { ...carol, devices: many });
    expect(verdict(alice, pile, emptyNote, pile)).toBe("too-many-devices");
  });
});

/** Persons and commits at random: allowed ones and every kind of forged one. */
const cast = ["alice", "bob", "carol", "dave", "erin", "frank"].map((name) => person(name, 2));
const known = new Map(cast.map(({ list }) => [list, readSignedDeviceList(list)] as const));
const readList = (bytes: Uint8Array) => known.get(bytes) ?? readSignedDeviceList(bytes);
const anyOne = fc.constantFrom(...cast);
const role = fc.constantFrom("owner", "admin", "member");

/** One thing done to what a commit makes of the group and says of it, whoever may do it. */
type Deed = (now: { before: Moment; after: Moment; note: CommitNote }) => { after: Moment; note: CommitNote };
const deed: fc.Arbitrary<Deed> = fc.oneof(
  anyOne.map(
    (who): Deed =>
      ({ before, after, note }) => {
        if (peopleOf(before.members).has(who.account)) return { after, note };
        const more = noteOfAdding(who);
        return {
          after: adding(after, who),
          note: { ...note, lists: [...note.lists, ...more.lists], names: more.names },
        };
      },
  ),
  anyOne.map(
    (who): Deed =>
      ({ after, note }) => ({ after: removing(after, who), note }),
  ),
  anyOne.map(
    (who): Deed =>
      ({ before, after, note }) => {
        if (!peopleOf(before.members).has(who.account)) return { after, note };
        return { after: removing(after, who), note: { ...note, leaves: [statementOf(who, before)] } };
      },
  ),
  fc.tuple(anyOne, role).map(
    ([who, as]): Deed =>
      ({ after, note }) => {
        return { after: { ...after, facts: withRoles(after.facts, [who, as]) }, note };
      },
  ),
  // Two persons: one twice among the roles never comes out of a decoder.
  fc.uniqueArray(anyOne, { minLength: 2, maxLength: 2 }).map(
    ([from = alice, to = bob]): Deed =>
      ({ after, note }) => {
        return { after: { ...after, facts: withRoles(after.facts, [from, "admin"], [to, "owner"]) }, note };
      },
  ),
  fc.constantFrom("Hikers", "Walkers").map(
    (name): Deed =>
      ({ after, note }) => {
        return { after: { ...after, facts: { ...after.facts, name } }, note };
      },
  ),
  fc.constantFrom([home], [other], [other, home]).map(
    (nodes): Deed =>
      ({ after, note }) => {
        return { after: { ...after, facts: { ...after.facts, nodes } }, note };
      },
  ),
  fc.constantFrom(-1, 1).map(
    (by): Deed =>
      ({ after, note }) => {
        return {
          after: { ...after, facts: { ...after.facts, rotation: Math.max(0, after.facts.rotation + by) } },
          note,
        };
      },
  ),
  fc.nat().map(
    (at): Deed =>
      ({ after, note }) => {
        return {
          after: { ...after, members: after.members.filter((_, index) => index !== at % after.members.length) },
          note,
        };
      },
  ),
  fc.nat().map(
    (at): Deed =>
      ({ after, note }) => {
        const old = after.members[at % after.members.length];
        const who = cast.find(({ account }) => account === old?.credential.account);
        const device = who?.devices.find((one) => one.device === old?.credential.device);
        return who && device ? healing(after, who, device) : { after, note };
      },
  ),
);

describe("no sequence of allowed commits", () => {
  test("leaves two owners, lets anybody act on an equal or higher rank, or outgrows the bounds", {
    timeout: 60_000,
  }, () => {
    const count = { allowed: 0, refused: 0 };
    const commit = fc.tuple(fc.nat(), fc.array(deed, { minLength: 0, maxLength: 2 }));
    fc.assert(
      fc.property(fc.array(commit, { maxLength: 12 }), (commits) => {
        let now: Moment = groupOf(...(cast.slice(0, 4) as [Person, ...Person[]]));
        for (const [which, deeds] of commits) {
          const members = cast.filter(({ account }) => peopleOf(now.members).has(account));
          const by = members[which % members.length];
          if (by === undefined) throw new Error("nobody is left");
          const before = now;
          const made = deeds.reduce(({ after, note }, one) => one({ before, after, note }), {
            after: before,
            note: emptyNote,
          });
          const change = changeOf(before, by, made.after);
          if (!judge(change, made.note, topic, readList).ok) {
            count.refused++;
            continue;
          }
          count.allowed++;
          hold(before, by, change, made);
          now = made.after;
        }
      }),
      { numRuns: 800 },
    );
    expect(count.allowed).toBeGreaterThan(500);
    expect(count.refused).toBeGreaterThan(500);
  });
});

/** What holds of every allowed commit, said in another way than the rule says it. */
function hold(before: Moment, by: Person, change: Change, { after, note }: { after: Moment; note: CommitNote }): void {
  const [had, has] = [peopleOf(before.members), peopleOf(after.members)];
  const rank = (moment: Moment, account: Person["account"]) => rankOf(moment.facts, account);
  const owners = after.facts.roles.filter((one) => one.role === "owner");
  const ownersBefore = before.facts.roles.filter((one) => one.role === "owner");
  expect(owners.length).toBeLessThanOrEqual(ownersBefore.length);
  expect(has.size).toBeGreaterThanOrEqual(1);
  for (const { account } of after.facts.roles) expect(has.has(account)).toBe(true);
  for (const account of had) {
    const left = note.leaves.some((one) => one.account === account);
    if (!has.has(account) && !left) expect(rank(before, by.account)).toBeGreaterThan(rank(before, account));
    if (has.has(account) && rank(after, account) !== rank(before, account)) expect(rank(before, by.account)).toBe(3);
  }
  if (owners.length < ownersBefore.length) expect(has.has(ownersBefore[0]!.account)).toBe(false);
  if ([...has].some((account) => !had.has(account))) expect(rank(before, by.account)).toBeGreaterThanOrEqual(2);
  if (`${after.facts.nodes}` !== `${before.facts.nodes}`) expect(rank(before, by.account)).toBeGreaterThanOrEqual(2);
  const devices = (moment: Moment) => moment.members.map(({ credential }) => credential.device);
  const gone = devices(before).some((device) => !devices(after).includes(device));
  expect(after.facts.rotation - before.facts.rotation).toBe(gone ? 1 : 0);
  expect(change.by.credential.account).toBe(by.account);
}

describe("a commit's verdict", () => {
  test("does not depend on who asks, or how often", () => {
    const change = changeOf(hikers, bob, adding(hikers, dave));
    const note = noteOfAdding(dave);
    const travelled = valueIn(decodeCommitNote(valueIn(encodeCommitNote(note))));
    expect(judge(change, note, topic)).toEqual(judge(change, travelled, topic));
    expect(judge(change, note, topic)).toEqual({ ok: true, value: undefined });
  });

  test("falls when any byte of what was signed is another", () => {
    const { after, note } = healing(hikers, bob, bob.devices[1]!);
    const left = removing(hikers, carol);
    const statement = statementOf(carol, hikers);
    const flip = (bytes: Uint8Array, at: number) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
    for (let at = 0; at < 64; at += 9) {
      const healed = { ...note.healed!, signature: flip(note.healed!.signature, at) };
      expect(verdict(mallory, after, { ...note, healed })).toBe("not-healed");
      const leaves = [{ ...statement, signature: flip(statement.signature, at) }];
      expect(verdict(mallory, left, { ...emptyNote, leaves })).toBe("not-left");
    }
    for (let at = 3; at < dave.list.length; at += 31) {
      const forged = verdict(alice, adding(hikers, dave), { ...noteOfAdding(dave), lists: [flip(dave.list, at)] });
      expect(forged).not.toBe("allowed");
    }
  });
});

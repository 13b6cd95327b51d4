/** What becomes of an act in a group that is another one by then, and what a timeline tells (PROTOCOL.md §13). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge } from "../../../core/conversation/authority.ts";
import type { Act, GroupAct, Rules } from "../../../core/conversation/group-acts.ts";
import { arrivalEvents, groupEvents } from "../../../core/conversation/group-events.ts";
import { mayRemoveMessage, mayWrite, permissions, writableAtMs } from "../../../core/conversation/group-rights.ts";
import { factsAfter } from "../../../core/conversation/next-facts.ts";
import { type GroupNow, type Since, stillWanted, type Wanted } from "../../../core/conversation/still-wanted.ts";
import type { AccountId, NodeUrl } from "../../../core/lang/brand.ts";
import type { CommitNote } from "../../../core/wire/commit-note.ts";
import {
  adding,
  changeOf,
  emptyNote,
  groupOf,
  type Moment,
  noteOfAdding,
  type Person,
  person,
  removing,
  statementOf,
  topic,
  withRoles,
} from "./group-world.ts";

const [alice, bob, carol, dave, erin] = ["alice", "bob", "carol", "dave", "erin"].map((name) => person(name));
const hikers = ((): Moment => {
  const group = groupOf(alice!, bob!, carol!);
  return { ...group, facts: withRoles(group.facts, [bob!, "admin"]) };
})();
const { facts } = hikers;
const other = "https://other.example" as NodeUrl;

function now(me: Person, change: Partial<GroupNow> = {}): GroupNow {
  return { facts, people: [alice!, bob!, carol!].map((one) => personOf(one)), me: me.account, ...change };
}
function personOf({ account, devices }: Person, leaving?: object) {
  return { account, devices: devices.map(({ device }) => device), leaving };
}
const by = (who: Person, ...events: Since[number]["event"][]): Since =>
  events.map((event) => ({ by: who.account, event }));
const make = (act: Act): Wanted => ({ kind: "make", act });
const end = (why: string, who?: Person) => ({ kind: "end", why, by: who?.account });
const add = (...people: Person[]): GroupAct => ({ kind: "add", people: people.map(({ account }) => account) });
const rules: Rules = { writers: "everybody", slowModeS: 0, history: "none", joining: "approval" };

describe("an act whose turn has come", () => {
  test("is made as it is where nothing stands against it", () => {
    const acts: GroupAct[] = [
      add(dave!, erin!),
      { kind: "remove", account: carol!.account },
      { kind: "role", account: carol!.account, role: "admin" },
      { kind: "hand-over", account: bob!.account },
      { kind: "rename", name: "Walkers" },
      { kind: "describe", description: "Slower." },
      { kind: "picture", emoji: "🐌" },
      { kind: "rules", rules: { ...rules, slowModeS: 60 } },
      { kind: "move", nodes: [other] },
    ];
    for (const act of acts) expect(stillWanted(act, now(alice!), [])).toEqual(make(act));
    expect(stillWanted({ kind: "renew" }, now(carol!), [])).toEqual(make({ kind: "renew" }));
  });

  test("adds who is not here yet, and ends where all are, by whoever was first", () => {
    const people = [alice!, bob!, carol!, dave!].map((one) => personOf(one));
    const since = by(alice!, { kind: "added", people: [dave!.account] });
    expect(stillWanted(add(dave!, erin!), now(bob!, { people }), since)).toEqual(make(add(erin!)));
    expect(stillWanted(add(dave!), now(bob!, { people }), since)).toEqual(end("moot", alice));
  });

  test("adds as many as there is room for", () => {
    const strangers = Array.from({ length: 98 }, (_, index) => ({
      ...personOf(carol!),
      account: index.toString(16).padStart(64, "0") as AccountId,
    }));
    const people = [personOf(alice!), ...strangers];
    expect(stillWanted(add(dave!, erin!), now(alice!, { people }), [])).toEqual(make(add(dave!)));
    const full = now(alice!, { people: [...people, personOf(bob!)] });
    expect(stillWanted(add(dave!), full, by(bob!, { kind: "joined", account: carol!.account }))).toEqual(
      end("full", bob),
    );
  });

  test("ends where the right to it is gone, by whoever took it", () => {
    const demoted = now(bob!, { facts: withRoles(facts, [bob!, "member"]) });
    const since = by(alice!, { kind: "role", account: bob!.account, role: "member" });
    for (const act of [
      add(dave!),
      { kind: "remove", account: carol!.account },
      { kind: "rename", name: "Mine" },
      { kind: "move", nodes: [other] },
    ] as const) {
      expect(stillWanted(act, demoted, since)).toEqual(end("not-allowed", alice));
    }
    expect(stillWanted({ kind: "let-in", account: dave!.account }, demoted, since)).toEqual(end("not-allowed", alice));
    expect(stillWanted({ kind: "role", account: carol!.account, role: "admin" }, now(bob!), [])).toEqual(
      end("not-allowed"),
    );
  });

  test("removes nobody who rose meanwhile, but sees off who left", () => {
    const risen = { facts: withRoles(facts, [carol!, "admin"]) };
    const since = by(alice!, { kind: "role", account: carol!.account, role: "admin" });
    const act = { kind: "remove", account: carol!.account } as const;
    expect(stillWanted(act, now(bob!, risen), since)).toEqual(end("not-allowed", alice));
    const leaving = { ...risen, people: [personOf(bob!), personOf(carol!, {})] };
    expect(stillWanted(act, now(bob!, leaving), since)).toEqual(make(act));
  });

  test("is moot where somebody else did it, and over where this person is gone", () => {
    const people = [alice!, bob!].map((one) => personOf(one));
    const since = by(alice!, { kind: "removed", people: [carol!.account] });
    expect(stillWanted({ kind: "remove", account: carol!.account }, now(bob!, { people }), since)).toEqual(
      end("moot", alice),
    );
    expect(stillWanted({ kind: "rename", name: "Mine" }, now(carol!, { people }), since)).toEqual(
      end("removed-myself", alice),
    );
    expect(
      stillWanted({ kind: "rename", name: "Hikers" }, now(bob!), by(alice!, { kind: "renamed", name: "Hikers" })),
    ).toEqual(end("moot", alice));
    const there = now(bob!, { facts: { ...facts, nodes: [other] } });
    const sinceMoved = by(alice!, { kind: "moved", nodes: [other] });
    expect(stillWanted({ kind: "move", nodes: [other] }, there, sinceMoved)).toEqual(end("moot", alice));
    expect(stillWanted({ kind: "see-off", account: carol!.account }, now(bob!, { people }), since)).toEqual(
      end("moot", alice),
    );
    expect(stillWanted({ kind: "see-off", account: carol!.account }, now(bob!), [])).toEqual(end("moot"));
  });

  test("about somebody who is gone says so", () => {
    const people = [alice!, bob!].map((one) => personOf(one));
    const since = by(bob!, { kind: "left", account: carol!.account });
    for (const kind of ["role", "hand-over"] as const) {
      const act = { kind, account: carol!.account, role: "admin" } as const;
      expect(stillWanted(act, now(alice!, { people }), since)).toEqual(end("gone", bob));
    }
    const device = carol!.devices[0]!.device;
    const replace = { kind: "give-leaf", account: carol!.account, device, asked: undefined, notBeforeMs: 0 } as const;
    expect(stillWanted(replace, now(bob!, { people }), [])).toEqual(end("gone"));
    expect(stillWanted(replace, now(bob!), [])).toEqual(make(replace));
  });

  test("changes of the rules only those that it meant to", () => {
    const wanted: GroupAct = { kind: "rules", rules: { ...rules, slowModeS: 60 } };
    const after = { ...rules, history: "all" as const };
    const since = by(alice!, { kind: "rules", before: rules, after });
    expect(stillWanted(wanted, now(bob!, { facts: { ...facts, ...after } }), since)).toEqual(
      make({ kind: "rules", rules: { ...after, slowModeS: 60 } }),
    );
    expect(stillWanted({ kind: "rules", rules: after }, now(bob!, { facts: { ...facts, ...after } }), since)).toEqual(
      end("moot", alice),
    );
  });

  test("that is still wanted makes a commit that everybody allows", () => {
    const acts: fc.Arbitrary<Act> = fc.oneof(
      fc
        .constantFrom(alice!, bob!, carol!, dave!, erin!)
        .chain((who) =>
          fc.constantFrom<Act>(
            add(who),
            { kind: "remove", account: who.account },
            { kind: "role", account: who.account, role: "admin" },
            { kind: "role", account: who.account, role: "member" },
            { kind: "hand-over", account: who.account },
          ),
        ),
      fc.constantFrom<Act>({ kind: "rename", name: "Walkers" }, { kind: "rename", name: "Hikers" }, { kind: "renew" }),
    );
    const all = [alice!, bob!, carol!, dave!, erin!];
    let made = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(4), acts), { maxLength: 10 }), (wishes) => {
        let moment = hikers;
        for (const [which, act] of wishes) {
          const people = all.filter(({ account }) => moment.members.some((one) => one.credential.account === account));
          const me = people[which % people.length]!;
          const wanted = stillWanted(
            act,
            { facts: moment.facts, people: people.map((one) => personOf(one)), me: me.account },
            [],
          );
          if (wanted.kind === "end") continue;
          const { after, note } = carriedOut(wanted.act, moment, me);
          expect(judge(changeOf(moment, me, after), note, topic)).toEqual({ ok: true, value: undefined });
          moment = after;
          made++;
        }
      }),
      { numRuns: 150 },
    );
    expect(made).toBeGreaterThan(150);
  });

  function carriedOut(act: Act, before: Moment, me: Person): { after: Moment; note: CommitNote } {
    const next = factsAfter(act, before.facts, me.account);
    if (act.kind === "add") {
      const people = [alice!, bob!, carol!, dave!, erin!].filter(({ account }) => act.people.includes(account));
      return { after: { ...adding(before, ...people), facts: next }, note: noteOfAdding(...people) };
    }
    if (act.kind !== "remove") return { after: { ...before, facts: next }, note: emptyNote };
    const members = before.members.filter(({ credential }) => credential.account !== act.account);
    return { after: { members, facts: next }, note: emptyNote };
  }
});

describe("a timeline tells", () => {
  const told = (by_: Person, after: Moment, note: CommitNote = emptyNote) =>
    groupEvents(changeOf(hikers, by_, after), note).map(({ event }) => event);

  test("who came and who went, and how", () => {
    expect(told(alice!, adding(hikers, dave!), noteOfAdding(dave!))).toEqual([
      { kind: "added", people: [dave!.account] },
    ]);
    expect(told(alice!, adding(hikers, dave!), { ...noteOfAdding(dave!), link: topic })).toEqual([
      { kind: "joined", account: dave!.account },
    ]);
    expect(told(alice!, removing(hikers, carol!))).toEqual([{ kind: "removed", people: [carol!.account] }]);
    const leaves = [statementOf(carol!, hikers)];
    expect(told(alice!, removing(hikers, carol!), { ...emptyNote, leaves })).toEqual([
      { kind: "left", account: carol!.account },
    ]);
    // That bob was an admin goes with him.
    expect(told(alice!, removing(hikers, bob!))).toEqual([{ kind: "removed", people: [bob!.account] }]);
  });

  test("what is called otherwise and who may do what, in one order, each line with an id of its own", () => {
    const next = withRoles(
      { ...facts, name: "Walkers", description: "Slower.", emoji: "🐌", slowModeS: 60, nodes: [other] },
      [alice!, "admin"],
      [bob!, "member"],
      [carol!, "owner"],
    );
    const lines = groupEvents(changeOf(hikers, alice!, { ...hikers, facts: next }), emptyNote);
    expect(lines.map(({ event }) => event)).toEqual([
      { kind: "renamed", name: "Walkers" },
      { kind: "described" },
      { kind: "pictured", emoji: "🐌" },
      { kind: "rules", before: rules, after: { ...rules, slowModeS: 60 } },
      { kind: "moved", nodes: [other] },
      { kind: "role", account: bob!.account, role: "member" },
      { kind: "handed-over", account: carol!.account },
    ]);
    expect(lines[0]?.id).toBe(emptyNote.id);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
    for (const { id } of lines) expect(id).toMatch(/^[0-9a-f]{16}$/);
  });

  test("nothing of new keys", () => {
    expect(told(carol!, hikers)).toEqual([]);
  });

  test("who joins the same as the others", () => {
    const added = [dave!.account, erin!.account].sort();
    for (const link of [undefined, topic]) {
      const note = { ...noteOfAdding(dave!, erin!), link };
      const change = changeOf(hikers, alice!, adding(hikers, dave!, erin!));
      expect(arrivalEvents({ ...note, added }, facts)).toEqual(groupEvents(change, note));
    }
  });

  test("whether somebody let in who joined", () => {
    const event = { id: emptyNote.id, clockMs: 1, clockCount: 0, added: [dave!.account], link: topic };
    const told = (joining: "approval" | "open") => arrivalEvents(event, { ...facts, joining })[0]?.event;
    expect(told("approval")).toEqual({ kind: "joined", account: dave!.account });
    expect(told("open")).toEqual({ kind: "joined", account: dave!.account, open: true });
  });
});

describe("a member may", () => {
  const people = [alice!, bob!, carol!].map(({ account }) => account);

  test("do what their rank allows", () => {
    expect(permissions(facts, people, alice!.account)).toEqual({
      write: true,
      add: true,
      edit: true,
      appoint: true,
      moderate: true,
      replaceOwner: false,
      remove: [bob!.account, carol!.account],
      leave: "hand-over",
    });
    expect(permissions(facts, people, bob!.account)).toMatchObject({ appoint: false, remove: [carol!.account] });
    expect(permissions(facts, people, carol!.account)).toMatchObject({
      add: false,
      moderate: false,
      remove: [],
      leave: "free",
    });
    expect(permissions(facts, people, dave!.account)).toMatchObject({ write: false, remove: [] });
    expect(permissions(facts, [alice!.account], alice!.account).leave).toBe("free");
  });

  test("write where only admins do if they are one, and in slow mode after a while", () => {
    const quiet = { ...facts, writers: "admins" as const, slowModeS: 30 };
    expect([alice!, bob!, carol!].map(({ account }) => mayWrite(quiet, account))).toEqual([true, true, false]);
    expect(writableAtMs(quiet, carol!.account, 1_000)).toBe(31_000);
    expect(writableAtMs(quiet, bob!.account, 1_000)).toBe(0);
  });

  test("remove a message of their own, or as an admin of somebody of lower rank", () => {
    const may = (actor: Person, author: Person) => mayRemoveMessage(facts, actor.account, author.account);
    expect([may(carol!, carol!), may(carol!, bob!), may(bob!, carol!), may(bob!, alice!), may(alice!, bob!)]).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
    expect(may(bob!, dave!)).toBe(true);
  });
});

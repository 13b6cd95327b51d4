// What a group tells of itself, in sentences.
import type {
  AccountId,
  ChangeEndView,
  GroupChangeView,
  GroupEventView,
  GroupRules,
  GroupView,
  MessageMark,
  NodeUrl,
} from "@kith/core";
import { describe, expect, test } from "vitest";
import { type Naming, peopleIn, removedInWords, spanInWords } from "../../../app/i18n/group-words.ts";
import { markInWords } from "../../../app/views/conversation/mark-words.ts";
import { changeInWords, endInWords } from "../../../app/views/group/change-words.ts";
import { eventInWords } from "../../../app/views/group/event-words.ts";
import { historyInWords } from "../../../app/views/group/history-words.ts";
import { reachedPeople } from "../../../app/views/group/reached-people.tsx";
import { reachedInWords } from "../../../app/views/group/reached-words.ts";
import { clockOf } from "../../../app/views/group/slow-mode.ts";

const account = (letter: string) => letter.repeat(64) as AccountId;
const me = account("0");
const [ana, bob, carol, dana, eve, fay] = ["a", "b", "c", "d", "e", "f"].map(account) as [
  AccountId,
  AccountId,
  AccountId,
  AccountId,
  AccountId,
  AccountId,
];
const names = new Map([
  [ana, "Ana"],
  [bob, "Bob"],
  [carol, "Carol"],
  [dana, "Dana"],
  [eve, "Eve"],
  [fay, "Fay"],
]);
const naming: Naming = { me, name: (of) => names.get(of) ?? "Someone" };
const [node, second] = ["https://node.example", "https://b.example"] as [NodeUrl, NodeUrl];
const rules: GroupRules = { writers: "everybody", slowModeS: 0, history: "none", joining: "approval" };

describe("people in a sentence", () => {
  test.each<[string, readonly AccountId[]]>([
    ["Bob", [bob]],
    ["Bob and Carol", [bob, carol]],
    ["Bob, Carol and Dana", [bob, carol, dana]],
    ["Bob, Carol and you", [carol, me, bob]],
    ["Bob and you", [me, bob]],
    ["you", [me]],
    ["Ana, Bob, Carol, Dana and 2 others", [ana, bob, carol, dana, eve, fay]],
    ["Ana, Bob, Carol, Dana, 1 other and you", [ana, bob, carol, dana, eve, me]],
  ])("are %s", (words, people) => {
    expect(peopleIn(naming, people)).toBe(words);
  });
});

describe("what was shared of before", () => {
  const say = (history: GroupView["history"]) =>
    historyInWords({ me, name: naming.name, group: () => ({ history }) as GroupView });

  test("is counted, with what is missing and what is told in two ways", () => {
    expect(say(undefined)).toBe("");
    expect(say({ by: ana, have: 412, of: 420, over: false, disputed: 0 })).toBe(
      "412 of 420 messages from before you came are here, shared by Ana. 8 missing.",
    );
    expect(say({ by: ana, have: 412, of: 420, over: true, disputed: 0 })).toBe(
      "412 of 420 messages from before you came are here, shared by Ana. 8 are lost: nobody sent them within 30 days.",
    );
    expect(say({ by: ana, have: 2, of: 2, over: true, disputed: 1 })).toBe(
      "2 of 2 messages from before you came are here, shared by Ana. Of 1 message members tell different words.",
    );
  });

  test("is said of a copy as what was taken along", () => {
    expect(say({ by: me, have: 3, of: 3, over: false, disputed: 0 })).toBe(
      "3 messages were copied from the old group.",
    );
    expect(say({ by: me, have: 2, of: 3, over: false, disputed: 0 })).toBe(
      "2 of 3 messages were copied from the old group. 1 missing.",
    );
  });
});

describe("an event", () => {
  const say = (author: AccountId, event: GroupEventView) => eventInWords(event, author, naming);
  test.each<[string, AccountId, GroupEventView]>([
    ["Ana created the group", ana, { kind: "created" }],
    ["You created the group", me, { kind: "created" }],
    ["Ana made this group as a copy of “Choir”", ana, { kind: "created", from: "Choir" }],
    ["Ana added Bob and Carol", ana, { kind: "added", people: [bob, carol] }],
    ["Ana added you", ana, { kind: "added", people: [me] }],
    ["Bob removed you", bob, { kind: "removed", people: [me] }],
    ["You left", ana, { kind: "left", account: me }],
    ["Bob left", ana, { kind: "left", account: bob }],
    ["Bob joined by a link", bob, { kind: "joined", account: bob }],
    ["Bob joined by a link, let in by you", me, { kind: "joined", account: bob }],
    ["You joined by a link, let in by Ana", ana, { kind: "joined", account: me }],
    ["You joined by a link", ana, { kind: "joined", account: me, open: true }],
    ["Bob uses a new device", ana, { kind: "new-device", account: bob }],
    ["You use a new device", ana, { kind: "new-device", account: me }],
    ["Ana named the group “Choir”", ana, { kind: "renamed", name: "Choir" }],
    ["You changed the description", me, { kind: "described" }],
    ["Ana made 🌻 the picture of the group", ana, { kind: "pictured", emoji: "🌻" }],
    ["Ana took the picture of the group away", ana, { kind: "pictured", emoji: "" }],
    ["Bob made Carol an admin", bob, { kind: "role", account: carol, role: "admin" }],
    ["Bob made you an admin", bob, { kind: "role", account: me, role: "admin" }],
    ["You took the admin rights of Carol away", me, { kind: "role", account: carol, role: "member" }],
    ["Ana took your admin rights away", ana, { kind: "role", account: me, role: "member" }],
    ["Ana moved the group to node.example", ana, { kind: "moved", nodes: [node] }],
    ["You moved the group to node.example, b.example", me, { kind: "moved", nodes: [node, second] }],
    ["Ana handed the group over to you", ana, { kind: "handed-over", account: me }],
  ])("says: %s", (sentence, author, event) => {
    expect(say(author, event)).toBe(sentence);
  });

  test("names each rule that is another now, and no other", () => {
    const after: GroupRules = { ...rules, writers: "admins", slowModeS: 300 };
    expect(say(ana, { kind: "rules", before: rules, after })).toBe(
      "Ana changed the rules: only owner and admins may write, one message every 5 minutes",
    );
    expect(say(ana, { kind: "rules", before: after, after })).toBe("Ana changed the rules");
    const open: GroupRules = { ...rules, history: "last-100", joining: "open" };
    expect(say(me, { kind: "rules", before: rules, after: open })).toBe(
      "You changed the rules: new members see the last 100 messages, who comes by a link is in at once",
    );
  });
});

describe("an own change", () => {
  const acts: readonly GroupChangeView["act"][] = [
    { kind: "add", people: [dana] },
    { kind: "remove", account: dana },
    { kind: "role", account: dana, role: "admin" },
    { kind: "role", account: dana, role: "member" },
    { kind: "hand-over", account: dana },
    { kind: "rename", name: "Choir" },
    { kind: "describe", description: "We sing" },
    { kind: "picture", emoji: "" },
    { kind: "rules", rules },
    { kind: "move", nodes: [node] },
    { kind: "let-in", account: dana, name: "Dana" },
  ];

  test("has a sentence of its own while it waits", () => {
    const sentences = acts.map((act) => changeInWords(act, naming));
    expect(new Set(sentences).size).toBe(acts.length);
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*…$/);
  });

  const end = (act: GroupChangeView["act"], why: ChangeEndView["why"], by?: "nobody") =>
    endInWords({ act, why, by: by === undefined ? ana : undefined }, naming);
  test.each<[string, string]>([
    [end({ kind: "remove", account: dana }, "not-allowed"), "Dana was not removed: Ana had changed the roles first."],
    [
      end({ kind: "rename", name: "Choir" }, "not-allowed"),
      "The group was not named “Choir”: Ana had taken your admin rights first.",
    ],
    [
      end({ kind: "move", nodes: [node] }, "not-allowed"),
      "The group was not moved: Ana had taken your admin rights first.",
    ],
    [
      end({ kind: "add", people: [bob, dana] }, "not-allowed", "nobody"),
      "Bob and Dana were not added: you had lost the right to it first.",
    ],
    [end({ kind: "add", people: [dana] }, "removed-myself"), "Dana was not added: Ana had removed you first."],
    [end({ kind: "remove", account: dana }, "moot"), "Dana did not have to be removed: Ana had done it first."],
    [end({ kind: "remove", account: dana }, "moot", "nobody"), "Dana did not have to be removed: it was so already."],
    [
      end({ kind: "role", account: dana, role: "member" }, "not-allowed"),
      "Dana kept their admin rights: you were not the owner any more.",
    ],
  ])("that ended says what did not happen and why: %s", (sentence, expected) => {
    expect(sentence).toBe(expected);
  });

  test.each<[string, string]>([
    [
      end({ kind: "add", people: [dana] }, "full", "nobody"),
      "Dana was not added: the group has no room for more people or devices.",
    ],
    [
      end({ kind: "role", account: dana, role: "admin" }, "gone"),
      "Dana was not made an admin: Dana was no member any more.",
    ],
    [
      end({ kind: "hand-over", account: dana }, "gone"),
      "The group was not handed over to Dana: Dana was no member any more.",
    ],
    [
      end({ kind: "let-in", account: dana, name: "Dana" }, "gone"),
      "Dana was not let in: another admin had said no first, or they do not want to join any more.",
    ],
  ])("blames nobody where nobody is to blame: %s", (sentence, expected) => {
    expect(sentence).toBe(expected);
  });

  test("that ended has a sentence for each act and each reason", () => {
    for (const why of ["moot", "not-allowed", "removed-myself", "full", "gone"] as const)
      for (const act of acts) expect(end(act, why)).toMatch(/^[A-Z“].*: .*\.$/);
  });
});

describe("a message that was taken away", () => {
  test.each<[string, AccountId, boolean, AccountId]>([
    ["You removed this message", me, true, me],
    ["Bob removed this message", bob, false, bob],
    ["Ana removed this message of Bob", bob, false, ana],
    ["You removed this message of Bob", bob, false, me],
    ["Ana removed this message of yours", me, true, ana],
  ])("says who did it: %s", (sentence, author, mine, by) => {
    expect(removedInWords(naming, { author, mine }, by)).toBe(sentence);
  });
});

describe("the state of an own message to a group", () => {
  const say = (mark: MessageMark, delivered: number, read: number, of = 5) =>
    reachedInWords(mark, { delivered, read, of }, 0).short;
  const held: MessageMark = { kind: "held", untilMs: new Date(2026, 4, 20).getTime() };

  test("counts persons as soon as it came to one", () => {
    expect(say({ kind: "saved" }, 0, 0)).toBe("Saved on this device");
    expect(say(held, 0, 0)).toBe("Held until 20 May");
    expect(say(held, 3, 0)).toBe("Delivered to 3 of 5");
    expect(say(held, 3, 2)).toBe("Delivered to 3 of 5 · read by 2");
    expect(say({ kind: "delivered", atMs: 1 }, 5, 0)).toBe("Delivered to all 5");
    expect(say({ kind: "delivered", atMs: 1 }, 5, 2)).toBe("Delivered to all 5 · read by 2");
    expect(say({ kind: "read", atMs: 1 }, 5, 5)).toBe("Read by all 5");
  });
  test("that did not get there says so, whoever has it", () => {
    expect(say({ kind: "expired" }, 3, 0)).toBe("Not delivered");
    expect(say({ kind: "refused" }, 3, 0)).toBe("Could not be opened");
    const unsaid = { kind: "unsaid", why: "not-allowed", atMs: 0 } as const;
    expect(say(unsaid, 0, 0)).toBe("Not sent");
    expect(say(unsaid, 2, 1)).toBe("Delivered to 2 of 5, not sent to others");
    expect(markInWords(unsaid, "", 0).long).toContain("only owner and admins");
    expect(markInWords({ ...unsaid, why: "too-soon" }, "", 0).long).toContain("slow mode");
  });

  test("is told per person, with the devices that have it", () => {
    const recipient = (of: AccountId, deliveredAtMs?: number, readAtMs?: number, refusedAtMs?: number) => ({
      account: of,
      name: "",
      device: `${of}-${deliveredAtMs}` as never,
      deliveredAtMs,
      readAtMs,
      refusedAtMs,
    });
    expect(
      reachedPeople([
        recipient(ana, 4, 9),
        recipient(ana),
        recipient(bob, 5),
        recipient(carol, undefined, undefined, 7),
        recipient(dana),
      ]),
    ).toEqual([
      { account: ana, kind: "read", atMs: 9, has: 1, devices: 2 },
      { account: bob, kind: "delivered", atMs: 5, has: 1, devices: 1 },
      { account: carol, kind: "refused", atMs: 7, has: 0, devices: 1 },
      { account: dana, kind: "waiting", atMs: undefined, has: 0, devices: 1 },
    ]);
  });
});

describe("lengths of time", () => {
  test("are said in the largest unit that fits", () => {
    expect([1, 30, 60, 90, 300, 3_600, 86_400, 604_800].map(spanInWords)).toEqual([
      "1 second",
      "30 seconds",
      "1 minute",
      "90 seconds",
      "5 minutes",
      "1 hour",
      "1 day",
      "7 days",
    ]);
  });
  test("are counted down like a clock", () => {
    expect([42, 60, 299, 3_900].map(clockOf)).toEqual(["0:42", "1:00", "4:59", "1:05:00"]);
  });
});

describe("an owner who is gone", () => {
  const replaced = { kind: "owner-replaced", account: bob, was: ana, agreed: 3, of: 4, voters: "admins" } as const;
  test.each<[string, GroupEventView, AccountId]>([
    ["Bob is the owner now: Ana was away, and 3 of 4 admins agreed", replaced, carol],
    [
      "You are the owner now: the group had none, and 1 of 1 members agreed",
      { ...replaced, account: me, was: undefined, agreed: 1, of: 1, voters: "members" },
      me,
    ],
    ["Bob is the owner now: you were away, and 3 of 4 admins agreed", { ...replaced, was: me }, carol],
    [
      "Carol said that Ana is gone, and that Bob should be the owner",
      { kind: "owner-gone", owner: ana, next: bob },
      carol,
    ],
    [
      "Carol said that you are gone, and that Bob should be the owner",
      { kind: "owner-gone", owner: me, next: bob },
      carol,
    ],
    ["Carol said that you should be the owner", { kind: "owner-gone", owner: undefined, next: me }, carol],
    ["Carol took back that there should be another owner", { kind: "owner-gone-withdrawn", owner: ana }, carol],
    ["Ana was here: there is no new owner", { kind: "owner-here", account: ana }, me],
    ["You were here: there is no new owner", { kind: "owner-here", account: me }, me],
  ])("%s", (words, event, author) => {
    expect(eventInWords(event, author, naming)).toBe(words);
  });
});

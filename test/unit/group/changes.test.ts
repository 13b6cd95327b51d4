import { describe, expect, it } from "vitest";
import { makeChange } from "../../../core/group/change.ts";
import { joinWithCard } from "../../../core/group/join.ts";
import { sealContent } from "../../../core/group/messages.ts";
import { openInGroup } from "../../../core/group/open-in-group.ts";
import { type GroupState, viewGroup } from "../../../core/group/state.ts";
import {
  anybody,
  type Crowd,
  credentialOf,
  crowd,
  facts,
  follow,
  groupContext,
  leafOf,
  must,
  packageOf,
  untouched,
  wish,
  words,
} from "./party.ts";

const renamed = { ...groupContext, facts: { ...facts, name: "Climbers", rotation: 1 } };
const accounts = (list: readonly { readonly credential: { readonly account: string } }[]) =>
  list.map(({ credential }) => credential.account.slice(0, 1)).join("");

async function opened(state: GroupState, message: Uint8Array) {
  return must(await untouched(openInGroup, state, message, () => anybody));
}

async function changeAt(state: GroupState, commit: Uint8Array) {
  const one = await opened(state, commit);
  if (one.kind !== "change") throw new Error(one.kind);
  return one;
}

/** That all of them are in one epoch, and that what each of them says is heard by all the others. */
async function expectTogether(group: Crowd): Promise<void> {
  const views = await Promise.all([...group.values()].map(viewGroup));
  for (const view of views) {
    expect(view.epochSecret).toEqual(views[0]!.epochSecret);
    expect(view.context).toEqual(views[0]!.context);
    expect(view.members).toEqual(views[0]!.members);
  }
  expect(accounts(views[0]!.members).split("").sort()).toEqual([...group.keys()].sort());
  for (const [by, state] of group) {
    const { message } = await sealContent(state, words(by));
    for (const [letter, reader] of group) {
      if (letter === by) continue;
      expect(await opened(reader, message)).toMatchObject({
        kind: "content",
        sender: { credential: credentialOf(by) },
      });
    }
  }
}

describe("a change of a group", () => {
  it("adds devices, tells the members why and gives the newcomers a card, signed by who added them", async () => {
    const group = await crowd("ab");
    const [c, d] = [await packageOf("c"), await packageOf("d")];
    const add = [c.publicPackage, d.publicPackage];
    const asked = wish({ add, note: words("hello"), card: words("your card") });
    const made = must(await untouched(makeChange, group.get("b")!, asked, anybody));
    const { change, next } = await changeAt(group.get("a")!, made.commit);
    expect(new TextDecoder().decode(change.note)).toBe("hello");
    expect(change.by.credential).toEqual(credentialOf("b"));
    expect([change.added, change.removed, change.before.members, change.after.members].map(accounts)).toEqual([
      "cd",
      "",
      "ab",
      "abcd",
    ]);
    const joined = await Promise.all(
      [c, d].map(async (pair) => must(await untouched(joinWithCard, made.welcome!, pair, () => anybody))),
    );
    for (const { card, signer } of joined) {
      expect(new TextDecoder().decode(card)).toBe("your card");
      expect(signer.credential).toEqual(credentialOf("b"));
    }
    const [atC, atD] = joined;
    await expectTogether(
      new Map([
        ["a", next],
        ["b", made.next],
        ["c", atC!.state],
        ["d", atD!.state],
      ]),
    );
  });

  it("changes what the group agrees on, and says what it was before", async () => {
    const group = await crowd("abc");
    const made = must(await untouched(makeChange, group.get("a")!, wish({ context: renamed }), anybody));
    expect(made.welcome).toBeUndefined();
    const { change } = await changeAt(group.get("c")!, made.commit);
    expect(change.before.context).toEqual(groupContext);
    expect(change.after.context).toEqual(renamed);
    expect(change.before.epoch).toBe(1);
    await expectTogether(await follow(group, "a", { context: renamed }));
  });

  it("is only new keys when nothing is asked for", async () => {
    const group = await crowd("ab");
    const made = must(await makeChange(group.get("b")!, wish({}), anybody));
    const { change } = await changeAt(group.get("a")!, made.commit);
    expect([change.added, change.removed]).toEqual([[], []]);
    expect(change.after).toEqual({ members: change.before.members, context: change.before.context });
  });

  it("leaves no way into the next epoch for one device removed alone, which learns that it was removed and by whom", async () => {
    const group = await crowd("abc");
    const [a, b, c] = [group.get("a")!, group.get("b")!, group.get("c")!];
    const asked = wish({ removeLeaves: [await leafOf(a, "c")], context: renamed, note: words("off you go") });
    const made = must(await untouched(makeChange, a, asked, anybody));
    const atC = await opened(c, made.commit);
    if (atC.kind !== "removed") throw new Error(atC.kind);
    expect(accounts([atC.change.by, ...atC.change.removed])).toBe("ac");
    expect(accounts(atC.change.after.members)).toBe("ab");
    expect(new TextDecoder().decode(atC.change.note)).toBe("off you go");
    const { message } = await sealContent(made.next, words("without c"));
    expect(await openInGroup(c, message, () => anybody)).toEqual({ ok: false, error: "later-epoch" });
    await expectTogether(
      new Map([
        ["a", made.next],
        ["b", (await changeAt(b, made.commit)).next],
      ]),
    );
  });

  it("removes several devices and changes the agreement in one", async () => {
    const group = await crowd("abcdef");
    const b = group.get("b")!;
    const removeLeaves = await Promise.all(["a", "d", "f"].map((letter) => leafOf(b, letter)));
    const after = await follow(group, "b", { removeLeaves, context: renamed });
    expect([...after.keys()].sort().join("")).toBe("bce");
    await expectTogether(after);
  });

  it("still reaches those who are left when everybody in the first half of the tree has gone", async () => {
    let group = await crowd("abcd");
    const c = group.get("c")!;
    group = await follow(group, "c", { removeLeaves: [await leafOf(c, "a"), await leafOf(c, "b")] });
    group = await follow(group, "d", {});
    group = await follow(group, "c", { context: renamed });
    await expectTogether(group);
  });

  it("lets newcomers in at any place of a tree in which some have renewed their keys and some have not", async () => {
    let group = await crowd("abcdef01");
    for (const letter of "ace") group = await follow(group, letter, {});
    group = await follow(group, "a", {
      removeLeaves: [await leafOf(group.get("a")!, "d"), await leafOf(group.get("a")!, "0")],
    });
    group = await follow(group, "e", {});
    group = await follow(group, "1", {}, "2");
    group = await follow(group, "c", {}, "34");
    group = await follow(group, "3", {}, "5");
    await expectTogether(group);
  });

  it("replaces the leaf of a device that lost its keys, which its old keys learn", async () => {
    const group = await crowd("abc");
    const [a, b, c] = [group.get("a")!, group.get("b")!, group.get("c")!];
    const fresh = await packageOf("b");
    const asked = wish({ add: [fresh.publicPackage], removeLeaves: [await leafOf(a, "b")], card: words("again") });
    const made = must(await untouched(makeChange, a, asked, anybody));
    const { change, next } = await changeAt(c, made.commit);
    expect([change.added, change.removed].map(accounts)).toEqual(["b", "b"]);
    expect((await opened(b, made.commit)).kind).toBe("removed");
    const healed = must(await joinWithCard(made.welcome!, fresh, () => anybody));
    await expectTogether(
      new Map([
        ["a", made.next],
        ["b", healed.state],
        ["c", next],
      ]),
    );
  });

  it("is refused to its maker when it asks for what cannot be", async () => {
    const a = (await crowd("ab")).get("a")!;
    const [again, c] = [await packageOf("b"), await packageOf("c")];
    const notC = ({ account }: { account: string }) => account !== credentialOf("c").account;
    const asked = async (part: Parameters<typeof wish>[0], check = anybody as typeof notC) =>
      await untouched(makeChange, a, wish(part), check);
    const refused = { ok: false, error: "refused" };
    expect(await asked({ add: [again.publicPackage] })).toEqual(refused);
    expect(await asked({ add: [c.publicPackage, c.publicPackage] })).toEqual(refused);
    expect(await asked({ add: [c.publicPackage] }, notC)).toEqual(refused);
    expect(await asked({ add: [words("no key package")] })).toEqual(refused);
    expect(await asked({ removeLeaves: [7] })).toEqual(refused);
    expect(await asked({ removeLeaves: [0] })).toEqual(refused);
    expect(await asked({ removeLeaves: [1, 1] })).toEqual(refused);
    expect(await asked({ removeLeaves: [1], add: [c.publicPackage] })).toEqual({ ok: false, error: "add-and-remove" });
    for (const large of [
      { add: new Array<Uint8Array>(255).fill(c.publicPackage) },
      { note: new Uint8Array(48 * 1_024 + 1) },
      { add: [c.publicPackage], card: new Uint8Array(1_024 * 1_024 + 1) },
    ]) {
      expect(await asked(large)).toEqual({ ok: false, error: "too-large" });
    }
  });
});

import { clientStateEncoder, encode } from "ts-mls";
import { describe, expect, it } from "vitest";
import { makeChange } from "../../../core/group/change.ts";
import { sealContent, withLiveKeys } from "../../../core/group/messages.ts";
import { openInGroup } from "../../../core/group/open-in-group.ts";
import { decodeState, encodeState, type GroupState, isReadable, viewGroup } from "../../../core/group/state.ts";
import { anybody, crowd, facts, follow, groupContext, must, untouched, wish, words } from "./party.ts";

/** Two devices of a group with four past epochs, of which all have something to say yet. */
async function aged() {
  let group = await crowd("abc");
  const late: Uint8Array[] = [];
  for (const by of "abcab") {
    const { next, message } = await sealContent(group.get("a")!, words(`before ${by} renewed`));
    group.set("a", next);
    late.push(message);
    group = await follow(group, by, { context: { ...groupContext, facts: { ...facts, name: `of ${by}` } } });
  }
  return { a: group.get("a")!, b: group.get("b")!, late };
}

const open = (state: GroupState, message: Uint8Array) => untouched(openInGroup, state, message, () => anybody);

async function opened(state: GroupState, message: Uint8Array): Promise<GroupState> {
  const one = must(await open(state, message));
  if (one.kind === "removed") throw new Error(one.kind);
  return one.next;
}

/** The same from a disk: no byte string is the one that was written. */
const reread = ({ live, trees }: GroupState): GroupState => ({
  live: live.slice(),
  trees: new Map([...trees].map(([epoch, bytes]) => [epoch, bytes.slice()])),
});

describe("a state cut in two", () => {
  it("is the state it was cut from", async () => {
    const { b } = await aged();
    const state = decodeState(b);
    expect(encode(clientStateEncoder, decodeState(reread(b)))).toEqual(encode(clientStateEncoder, state));
    expect(encodeState(decodeState(reread(b)))).toEqual(b);
    expect([...b.trees.keys()]).toEqual([2, 3, 4, 5, 6]);
  });

  it("is cut with the next step where it was written whole", async () => {
    const { a, b } = await aged();
    const whole = { live: encode(clientStateEncoder, decodeState(b)), trees: new Map() };
    expect(await viewGroup(whole)).toEqual(await viewGroup(b));
    const { message } = await sealContent(a, words("to an old disk"));
    expect(await opened(whole, message)).toEqual(await opened(b, message));
  });

  it("leaves the trees as they are when a message is sealed or opened, late ones too", async () => {
    let { a, b, late } = await aged();
    const [trees, written] = [b.trees, b];
    for (const message of late.slice(-4)) b = await opened(b, message);
    const said = await untouched(sealContent, a, words("now"));
    expect(said.next.trees).toBe(a.trees);
    a = said.next;
    b = await opened(b, said.message);
    expect(b.trees).toBe(trees);
    expect(b.live).not.toEqual(written.live);
    // From what is live now and the trees as they were stored, it goes on; nothing opens twice.
    const again = reread({ live: b.live, trees });
    expect((await open(again, said.message)).ok).toBe(false);
    expect((await open(again, late.at(-1)!)).ok).toBe(false);
    const more = await sealContent(reread(a), words("more"));
    expect((await open(again, more.message)).ok).toBe(true);
  });

  it("has one tree more, the same others, and not the oldest when an epoch begins", async () => {
    const { a, b } = await aged();
    const made = must(await untouched(makeChange, a, wish({}), anybody));
    const next = await opened(b, made.commit);
    expect([...next.trees.keys()]).toEqual([3, 4, 5, 6, 7]);
    for (const epoch of [3, 4, 5, 6]) expect(next.trees.get(epoch), String(epoch)).toBe(b.trees.get(epoch));
    expect(made.next.trees.get(7)).toEqual(next.trees.get(7));
    expect((await viewGroup(made.next)).epochSecret).toEqual((await viewGroup(reread(next))).epochSecret);
  });

  it("takes over the keys that were used while its commit waited", async () => {
    const { a, b, late } = await aged();
    const pending = must(await makeChange(b, wish({}), anybody)).next;
    const { message } = await sealContent(a, words("meanwhile"));
    const live = await opened(await opened(b, message), late.at(-1)!);
    expect((await open(reread(pending), message)).ok, "as things were").toBe(true);
    const merged = withLiveKeys(reread(pending), reread(live));
    expect((await open(merged, message)).ok).toBe(false);
    expect((await open(merged, late.at(-1)!)).ok).toBe(false);
    expect((await open(merged, late.at(-2)!)).ok).toBe(true);
  });

  it("is damaged without one of its trees, or with that of another epoch or group", async () => {
    const { b } = await aged();
    const other = (await crowd("ab")).get("a")!;
    const damages = [...b.trees.keys()].flatMap((epoch) => {
      const without = new Map(b.trees);
      without.delete(epoch);
      return [
        without,
        new Map(b.trees).set(epoch, b.trees.get(epoch === 2 ? 3 : 2)!),
        new Map(b.trees).set(epoch, words("?")),
      ];
    });
    for (const trees of damages) expect(isReadable({ ...b, trees })).toBe(false);
    expect(isReadable({ ...b, live: other.live })).toBe(false);
    expect(isReadable({ ...b, live: words("?") })).toBe(false);
    const { message } = await sealContent(b, words("to nobody"));
    expect(await open({ ...b, trees: new Map() }, message)).toEqual({ ok: false, error: "damaged-state" });
  });
});

import fc from "fast-check";
import { createProposal, decode, defaultProposalTypes, encode, mlsMessageDecoder, mlsMessageEncoder } from "ts-mls";
import { describe, expect, it } from "vitest";
import { addDevices } from "../../../core/group/create.ts";
import { openMessage, renewLeaf, sealContent, withLiveKeys } from "../../../core/group/messages.ts";
import { decodeState, type GroupState, viewGroup } from "../../../core/group/state.ts";
import { mlsContext } from "../../../core/group/suite.ts";
import { anybody, credentialOf, must, packageOf, party, untouched } from "./party.ts";

const text = (words: string) => new TextEncoder().encode(words);
const seal = (state: GroupState, words: string) => untouched(sealContent, state, text(words));
const open = (state: GroupState, message: Uint8Array) => untouched(openMessage, state, message, anybody);

async function content(state: GroupState, message: Uint8Array) {
  const opened = must(await open(state, message));
  if (opened.kind !== "content") throw new Error("not content");
  return opened;
}

describe("a message", () => {
  it("says what was sealed, and by which leaf, for the first message of every member", async () => {
    const [a, b, c] = await party("a", "b", "c");
    for (const [letter, sender, readers] of [
      ["a", a!, [b!, c!]],
      ["b", b!, [a!, c!]],
      ["c", c!, [a!, b!]],
    ] as const) {
      const { message } = await seal(sender, `from ${letter}`);
      for (const reader of readers) {
        const opened = await content(reader, message);
        expect(new TextDecoder().decode(opened.content)).toBe(`from ${letter}`);
        expect(opened.sender.credential).toEqual(credentialOf(letter));
      }
    }
  });

  it("opens once", async () => {
    const [a, b] = await party("a", "b");
    const { message, next } = await seal(a!, "once");
    const opened = await content(b!, message);
    expect(await open(opened.next, message)).toEqual({ ok: false, error: "unopenable" });
    // Nor does its sender open it.
    expect(await open(next, message)).toEqual({ ok: false, error: "unopenable" });
  });

  it("opens in any order, each by its own sender", async () => {
    let [a, b, c] = await party("a", "b", "c");
    const sent: { readonly message: Uint8Array; readonly words: string; readonly by: string }[] = [];
    for (let n = 0; n < 12; n++) {
      const byB = n % 3 === 0;
      const { next, message } = await seal((byB ? b : a)!, `number ${n}`);
      if (byB) b = next;
      else a = next;
      sent.push({ message, words: `number ${n}`, by: byB ? "b" : "a" });
    }
    for (const { message, words, by } of sent.toReversed()) {
      const opened = await content(c!, message);
      expect(new TextDecoder().decode(opened.content)).toBe(words);
      expect(opened.sender.credential).toEqual(credentialOf(by));
      c = opened.next;
    }
  });

  it("opens up to a thousand steps ahead and not beyond, and what was passed over opens still", async () => {
    let [a, b] = await party("a", "b");
    const sent: Uint8Array[] = [];
    for (let n = 0; n <= 1_001; n++) {
      const { next, message } = await sealContent(a!, text(`${n}`));
      a = next;
      sent.push(message);
    }
    expect(await open(b!, sent[1_001]!)).toEqual({ ok: false, error: "unopenable" });
    b = (await content(b!, sent[1_000]!)).next;
    for (const late of [1, 999, 500]) {
      const opened = await content(b, sent[late]!);
      expect(new TextDecoder().decode(opened.content)).toBe(`${late}`);
      b = opened.next;
    }
    expect((await content(b, sent[1_001]!)).sender.credential).toEqual(credentialOf("a"));
  }, 60_000);

  it("is the sender's alone: another member cannot change a byte of it", async () => {
    const [a, b] = await party("a", "b");
    const { message } = await seal(a!, "as it was said");
    await fc.assert(
      fc.asyncProperty(fc.nat(message.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = message.slice();
        changed[at]! ^= change;
        const opened = await open(b!, changed);
        expect(opened.ok).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  it("is refused when it is noise, cut off, too long, or of another group", async () => {
    const [, b] = await party("a", "b");
    const [stranger] = await party("e", "f");
    const refused = { ok: false, error: "unopenable" };
    const foreign = (await seal(stranger!, "hello")).message;
    expect(await open(b!, foreign)).toEqual(refused);
    expect(await open(b!, foreign.subarray(0, 40))).toEqual(refused);
    expect(await open(b!, new Uint8Array(65_537))).toEqual(refused);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (noise) => {
        expect(await open(b!, noise)).toEqual(refused);
        const behindAHeader = Uint8Array.from([...foreign.subarray(0, 30), ...noise]);
        expect((await open(b!, behindAHeader)).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a renewal", () => {
  async function renewed(by: GroupState, reader: GroupState) {
    const { next, commit } = await untouched(renewLeaf, by, anybody);
    const opened = must(await open(reader, commit));
    expect(opened.kind).toBe("commit");
    return { by: next, reader: opened.next, commit };
  }

  it("brings both to the same next epoch, with other secrets", async () => {
    const [a, b] = await party("a", "b");
    const before = await viewGroup(a!);
    const after = await renewed(b!, a!);
    const [atB, atA] = [await viewGroup(after.by), await viewGroup(after.reader)];
    expect(atA.epoch).toBe(before.epoch + 1);
    expect(atA.epochSecret).toEqual(atB.epochSecret);
    expect(atA.epochSecret).not.toEqual(before.epochSecret);
    expect(atA.members).toEqual(atB.members);
    expect(atA.members.map(({ credential }) => credential)).toEqual(before.members.map(({ credential }) => credential));
    const { message } = await seal(after.by, "under new keys");
    expect((await content(after.reader, message)).sender.credential).toEqual(credentialOf("b"));
  });

  it("cannot be opened by the device that made it, from the state before", async () => {
    const [, b] = await party("a", "b");
    const { commit } = await renewLeaf(b!, anybody);
    expect(await open(b!, commit)).toEqual({ ok: false, error: "unopenable" });
  });

  it("is waited for by what was said after it", async () => {
    const [a, b] = await party("a", "b");
    const { by, commit, reader } = await renewed(b!, a!);
    const { message } = await seal(by, "after");
    expect(await open(a!, message)).toEqual({ ok: false, error: "later-epoch" });
    expect((await content(reader, message)).sender.credential).toEqual(credentialOf("b"));
    expect(await open(reader, commit)).toEqual({ ok: false, error: "past-commit" });
  });

  it("leaves late messages of the last four epochs open, each by its sender, and no older ones", async () => {
    let [a, b, c] = await party("a", "b", "c");
    const late: { readonly message: Uint8Array; readonly by: string }[] = [];
    for (let epoch = 0; epoch < 6; epoch++) {
      for (const by of ["a", "c"]) {
        const { next, message } = await seal((by === "a" ? a : c)!, `epoch ${epoch}`);
        if (by === "a") a = next;
        else c = next;
        late.push({ message, by });
      }
      const { next, commit } = await renewLeaf(a!, anybody);
      a = next;
      b = must(await open(b!, commit)).next;
      c = must(await open(c!, commit)).next;
    }
    for (const { message, by } of late.slice(4)) {
      const opened = await content(b!, message);
      expect(opened.sender.credential).toEqual(credentialOf(by));
      b = opened.next;
      expect((await open(b, message)).ok).toBe(false);
    }
    for (const { message } of late.slice(0, 4)) {
      expect(await open(b!, message)).toEqual({ ok: false, error: "unopenable" });
    }
  });

  it("brings back no key that was used between its making and its slot, and none that was not is lost", async () => {
    let [a, b, c] = await party("a", "b", "c");
    const sent: Uint8Array[] = [];
    const say = async () => {
      for (const letter of ["b", "c"] as const) {
        const { next, message } = await seal((letter === "b" ? b : c)!, `number ${sent.length}`);
        if (letter === "b") b = next;
        else c = next;
        sent.push(message);
      }
    };
    // Some of these belong to the epoch before the renewal's.
    await say();
    const first = await renewed(a!, b!);
    [a, b, c] = [first.by, first.reader, must(await open(c!, first.commit)).next];
    await say();
    await say();
    const { next: pending, commit } = await renewLeaf(a!, anybody);
    const [used, late] = [sent.slice(0, 4), sent.slice(4)];
    for (const message of used) a = (await content(a, message)).next;
    for (const message of used) expect((await open(pending, message)).ok, "as things were").toBe(true);
    a = await untouched(async (one, other) => withLiveKeys(one, other), pending, a);
    for (const message of used) expect(await open(a, message)).toEqual({ ok: false, error: "unopenable" });
    for (const message of late) a = (await content(a, message)).next;
    for (const message of sent) expect(await open(a, message)).toEqual({ ok: false, error: "unopenable" });
    // And the renewal is what it was.
    const reader = must(await open(b, commit)).next;
    expect((await viewGroup(a)).epochSecret).toEqual((await viewGroup(reader)).epochSecret);
    const { message } = await seal(reader, "after");
    expect((await content(a, message)).sender.credential).toEqual(credentialOf("b"));
  });

  it("is refused from a leaf that may not be there any more", async () => {
    const [a, b] = await party("a", "b");
    const { commit } = await renewLeaf(b!, anybody);
    const noLongerB = (credential: { account: string }) => credential.account !== credentialOf("b").account;
    expect(await untouched(openMessage, a!, commit, noLongerB)).toEqual({ ok: false, error: "unopenable" });
  });
});

describe("what changes who is in the group", () => {
  it("is refused as a commit that adds somebody", async () => {
    const [a, b] = await party("a", "b");
    const { publicPackage } = await packageOf("d");
    const { commit } = must(await untouched(addDevices, b!, [publicPackage], anybody));
    expect(await open(a!, commit)).toEqual({ ok: false, error: "unopenable" });
  });

  it("is refused as a proposal, and does not slip in with the next renewal", async () => {
    const [a, b] = await party("a", "b", "c");
    const proposed = await createProposal({
      context: await mlsContext(anybody),
      state: decodeState(b!),
      proposal: { proposalType: defaultProposalTypes.remove, remove: { removed: 2 } },
    });
    const message = encode(mlsMessageEncoder, proposed.message);
    expect(decode(mlsMessageDecoder, message)).toBeDefined();
    expect(await open(a!, message)).toEqual({ ok: false, error: "unopenable" });
    const { next } = await renewLeaf(a!, anybody);
    expect((await viewGroup(next)).members).toHaveLength(3);
  });
});

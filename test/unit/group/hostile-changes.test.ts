// Commits that an honest Kith never makes, made with the MLS library itself from the state of a member.
import fc from "fast-check";
import {
  createCommit,
  createProposal,
  decode,
  defaultCredentialTypes,
  defaultExtensionTypes,
  defaultProposalTypes,
  encode,
  keyPackageDecoder,
  makeCustomExtension,
  mlsMessageDecoder,
  mlsMessageEncoder,
  type Proposal,
  pskTypes,
  wireformats,
} from "ts-mls";
import { describe, expect, it } from "vitest";
import { makeChange } from "../../../core/group/change.ts";
import { joinWithCard } from "../../../core/group/join.ts";
import type { KeyPackagePair } from "../../../core/group/key-package.ts";
import { openInGroup } from "../../../core/group/open-in-group.ts";
import { decodeState, type GroupState } from "../../../core/group/state.ts";
import { conversationExtension, groupCardExtension, mlsContext } from "../../../core/group/suite.ts";
import { encodeConversationContext } from "../../../core/wire/conversation-context.ts";
import { encodeCredential } from "../../../core/wire/credential.ts";
import {
  anybody,
  credentialOf,
  crowd,
  groupContext,
  leafOf,
  must,
  packageOf,
  untouched,
  wish,
  words,
} from "./party.ts";

const unopenable = { ok: false, error: "unopenable" };
const refused = { ok: false, error: "refused" };
const open = (state: GroupState, message: Uint8Array) => untouched(openInGroup, state, message, () => anybody);

type ForgedOptions = Omit<Parameters<typeof createCommit>[0], "context" | "state">;

/** A commit, and a Welcome if it adds somebody, as the library makes them from a member's state. */
async function forge(state: GroupState, options: ForgedOptions, meddle = (one: ReturnType<typeof decodeState>) => one) {
  const made = await createCommit({
    context: await mlsContext(anybody),
    state: meddle(decodeState(state)),
    ratchetTreeExtension: true,
    ...options,
  });
  return {
    commit: encode(mlsMessageEncoder, made.commit),
    welcome: made.welcome ? encode(mlsMessageEncoder, made.welcome) : undefined,
  };
}

function adding({ publicPackage }: KeyPackagePair): Proposal {
  const keyPackage = decode(keyPackageDecoder, publicPackage)!;
  return { proposalType: defaultProposalTypes.add, add: { keyPackage } };
}

const removing = (removed: number): Proposal => ({ proposalType: defaultProposalTypes.remove, remove: { removed } });

const ours = (context = groupContext) =>
  makeCustomExtension({ extensionType: conversationExtension, extensionData: encodeConversationContext(context) });

describe("a commit", () => {
  it("is refused when its note is another than the committer's, or any byte of it is", async () => {
    const group = await crowd("ab");
    const { commit } = must(await makeChange(group.get("b")!, wish({ note: words("I said this") }), anybody));
    const decoded = decode(mlsMessageDecoder, commit);
    if (decoded?.wireformat !== wireformats.mls_private_message) throw new Error("not private");
    const privateMessage = { ...decoded.privateMessage, authenticatedData: words("I said that") };
    expect(await open(group.get("a")!, encode(mlsMessageEncoder, { ...decoded, privateMessage }))).toEqual(unopenable);
    await fc.assert(
      fc.asyncProperty(fc.nat(commit.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = commit.slice();
        changed[at]! ^= change;
        expect((await open(group.get("a")!, changed)).ok).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it("counts once, and not from a device that was removed", async () => {
    const before = await crowd("abc");
    const removed = before.get("c")!;
    const removeLeaves = [await leafOf(removed, "c")];
    const made = must(await makeChange(before.get("a")!, wish({ removeLeaves }), anybody));
    const first = must(await open(before.get("b")!, made.commit));
    if (first.kind !== "change") throw new Error(first.kind);
    expect(await open(first.next, made.commit)).toEqual({ ok: false, error: "past-commit" });
    const late = must(await makeChange(removed, wish({}), anybody));
    expect(await open(first.next, late.commit)).toEqual({ ok: false, error: "past-commit" });
    // Nor with the epoch number of the others on it.
    const claimed = await forge(removed, {}, (state) => ({
      ...state,
      groupContext: { ...state.groupContext, epoch: state.groupContext.epoch + 1n },
    }));
    expect(await open(first.next, claimed.commit)).toEqual(unopenable);
  });

  it("can be looked at, refused, and the other one taken: the state stays what it was", async () => {
    const group = await crowd("abc");
    const [one, other] = await Promise.all(["a", "b"].map((by) => makeChange(group.get(by)!, wish({}), anybody)));
    expect(must(await open(group.get("c")!, must(one!).commit)).kind).toBe("change");
    expect(must(await open(group.get("c")!, must(other!).commit)).kind).toBe("change");
  });

  it("is refused with anything in it but additions, removals and the group's agreement", async () => {
    const group = await crowd("abc");
    const [a, b] = [group.get("a")!, group.get("b")!];
    const state = decodeState(b);
    const strange: readonly (readonly [string, Proposal])[] = [
      [
        "psk",
        {
          proposalType: defaultProposalTypes.psk,
          psk: { preSharedKeyId: { psktype: pskTypes.external, pskId: words("psk"), pskNonce: new Uint8Array(64) } },
        },
      ],
      [
        "reinit",
        {
          proposalType: defaultProposalTypes.reinit,
          reinit: {
            groupId: words("new"),
            version: state.groupContext.version,
            cipherSuite: state.groupContext.cipherSuite,
            extensions: [],
          },
        },
      ],
      ["custom", { proposalType: 0xf00d, proposalData: words("?") }],
    ];
    for (const [name, proposal] of strange) {
      const context = { ...(await mlsContext(anybody)), externalPsks: { [btoa("psk")]: new Uint8Array(64) } };
      const made = await createCommit({ context, state, extraProposals: [proposal] });
      expect(await open(a, encode(mlsMessageEncoder, made.commit)), name).toEqual(unopenable);
    }
  });

  it("is refused with a proposal by reference, which is refused by itself as well", async () => {
    const group = await crowd("abc");
    const [a, b] = [group.get("a")!, group.get("b")!];
    const proposed = await createProposal({
      context: await mlsContext(anybody),
      state: decodeState(b),
      proposal: removing(2),
    });
    expect(await open(a, encode(mlsMessageEncoder, proposed.message))).toEqual(unopenable);
    const made = await createCommit({ context: await mlsContext(anybody), state: proposed.newState });
    expect(await open(a, encode(mlsMessageEncoder, made.commit))).toEqual(unopenable);
  });

  it("is refused when it makes another conversation of the group, or an agreement with more in it than ours", async () => {
    const group = await crowd("ab");
    const agreed = async (...extensions: ReturnType<typeof ours>[]) => {
      const proposalType = defaultProposalTypes.group_context_extensions;
      const { commit } = await forge(group.get("b")!, {
        extraProposals: [{ proposalType, groupContextExtensions: { extensions } }],
      });
      return await open(group.get("a")!, commit);
    };
    expect((await agreed(ours())).ok, "as it is").toBe(true);
    const elsewhere = "d0".repeat(16) as typeof groupContext.conversation;
    expect(await agreed(ours({ ...groupContext, conversation: elsewhere }))).toEqual(unopenable);
    expect(await agreed(ours(), ours())).toEqual(unopenable);
    const data = words("no context");
    expect(await agreed(makeCustomExtension({ extensionType: conversationExtension, extensionData: data }))).toEqual(
      unopenable,
    );
    const required = {
      extensionType: defaultExtensionTypes.required_capabilities,
      extensionData: { extensionTypes: [], proposalTypes: [], credentialTypes: [] },
    } as unknown as ReturnType<typeof ours>;
    expect(await agreed(ours(), required)).toEqual(unopenable);
  });

  it("is refused when it adds somebody and removes somebody else, or adds whom the note does not speak for", async () => {
    const group = await crowd("abc");
    const both = await forge(group.get("b")!, { extraProposals: [removing(2), adding(await packageOf("d"))] });
    expect(await open(group.get("a")!, both.commit)).toEqual(unopenable);
    const { publicPackage } = await packageOf("d");
    const made = must(
      await makeChange(group.get("b")!, wish({ add: [publicPackage], note: words("d is in") }), anybody),
    );
    const spokenFor = (note: Uint8Array) => (credential: { readonly account: string }) =>
      new TextDecoder().decode(note) !== "d is in" && credential.account === credentialOf("d").account;
    expect(await untouched(openInGroup, group.get("a")!, made.commit, spokenFor)).toEqual(unopenable);
    // Who is a member already is not asked for again: all must judge alike.
    const renewal = must(await makeChange(group.get("b")!, wish({}), anybody));
    expect((await untouched(openInGroup, group.get("a")!, renewal.commit, () => () => false)).ok).toBe(true);
  });

  it("is refused when the committer makes another of themselves by it", async () => {
    const group = await crowd("ab");
    const { commit } = await forge(group.get("b")!, {}, (state) => ({
      ...state,
      ratchetTree: state.ratchetTree.map((node, at) =>
        at === 2 && node?.nodeType === 1
          ? {
              ...node,
              leaf: {
                ...node.leaf,
                credential: {
                  credentialType: defaultCredentialTypes.basic,
                  identity: encodeCredential(credentialOf("d")),
                },
              },
            }
          : node,
      ),
    }));
    expect(await open(group.get("a")!, commit)).toEqual(unopenable);
  });

  it("is refused when its committer's new leaf would keep the others from changing the group after it", async () => {
    const group = await crowd("abc");
    type Leaf = Extract<ReturnType<typeof decodeState>["ratchetTree"][number], { nodeType: 1 }>["leaf"];
    const renewedAs = async (change: (leaf: Leaf) => Partial<Leaf>) => {
      const { commit } = await forge(group.get("b")!, {}, (state) => {
        const ratchetTree = state.ratchetTree.slice();
        const own = ratchetTree[2];
        if (own?.nodeType !== 1) throw new Error("b is elsewhere");
        ratchetTree[2] = { ...own, leaf: { ...own.leaf, ...change(own.leaf) } as Leaf };
        return { ...state, ratchetTree };
      });
      return await open(group.get("a")!, commit);
    };
    const able = (of: Partial<Leaf["capabilities"]>) => (leaf: Leaf) => ({
      capabilities: { ...leaf.capabilities, ...of },
    });
    expect((await renewedAs(() => ({}))).ok, "as it is").toBe(true);
    expect((await renewedAs(able({ proposals: [0xf00d] }))).ok, "of a newer Kith").toBe(true);
    // Whose own kind of credential it does not know: MLS refuses every path of the others from then on.
    expect(await renewedAs(able({ credentials: [] }))).toEqual(unopenable);
    expect(await renewedAs(able({ extensions: [] }))).toEqual(unopenable);
    // No Welcome would have room for it.
    const extensions = [makeCustomExtension({ extensionType: 0xf00d, extensionData: new Uint8Array(500_000) })];
    const large = (leaf: Leaf) => ({ ...able({ extensions: [conversationExtension, 0xf00d] })(leaf), extensions });
    expect(await renewedAs(large)).toEqual(unopenable);
    expect(await renewedAs(able({ proposals: Array.from({ length: 30_000 }, () => 0xf00d) }))).toEqual(unopenable);
  });

  it("is refused when its signature, its new keys or what it makes of the secrets is not as it should be", async () => {
    const group = await crowd("abc");
    const a = group.get("a")!;
    type State = ReturnType<typeof decodeState>;
    const meddled = async (meddle: (state: State) => State) =>
      await open(a, (await forge(group.get("b")!, {}, meddle)).commit);
    expect((await meddled((state) => state)).ok, "as it should be").toBe(true);
    expect(await meddled((state) => ({ ...state, signaturePrivateKey: new Uint8Array(32).fill(9) }))).toEqual(
      unopenable,
    );
    const initSecret = new Uint8Array(64);
    expect(await meddled((state) => ({ ...state, keySchedule: { ...state.keySchedule, initSecret } }))).toEqual(
      unopenable,
    );
    // In the name of c, whose leaf it would sit on.
    expect(await meddled((state) => ({ ...state, privatePath: { ...state.privatePath, leafIndex: 2 } }))).toEqual(
      unopenable,
    );
    // Sealed to a key that c does not have: c cannot follow, and takes no part of it.
    const foreign = decodeState(a).ratchetTree[0];
    const { commit } = await forge(group.get("b")!, {}, (state) => ({
      ...state,
      ratchetTree: state.ratchetTree.map((node, at) =>
        at === 4 && node?.nodeType === 1 && foreign?.nodeType === 1
          ? { ...node, leaf: { ...node.leaf, hpkePublicKey: foreign.leaf.hpkePublicKey } }
          : node,
      ),
    }));
    expect(await open(group.get("c")!, commit)).toEqual(unopenable);
  });

  it("is refused unread when it is larger than any can be", async () => {
    const group = await crowd("ab");
    expect(await openInGroup(group.get("a")!, new Uint8Array(2 * 1_024 * 1_024), () => anybody)).toEqual(unopenable);
    const { commit } = await forge(group.get("b")!, { authenticatedData: new Uint8Array(48 * 1_024 + 1) });
    expect(await open(group.get("a")!, commit)).toEqual(unopenable);
  });
});

describe("a Welcome with a card", () => {
  const card = makeCustomExtension({ extensionType: groupCardExtension, extensionData: words("card") });

  it("is refused by whom it is not for, from whom it may not come, and with a leaf that may not be there", async () => {
    const group = await crowd("ab");
    const [c, d] = [await packageOf("c"), await packageOf("d")];
    const asked = wish({ add: [c.publicPackage], card: words("card") });
    const { welcome, commit } = must(await makeChange(group.get("b")!, asked, anybody));
    expect((await untouched(joinWithCard, welcome!, c, () => anybody)).ok).toBe(true);
    expect(await untouched(joinWithCard, welcome!, d, () => anybody)).toEqual(refused);
    expect(await untouched(joinWithCard, commit, c, () => anybody)).toEqual(refused);
    expect(await joinWithCard(new Uint8Array(2 * 1_024 * 1_024), c, () => anybody)).toEqual(refused);
    expect(
      await untouched(joinWithCard, welcome!, c, (_card, signer) =>
        signer.credential.account === credentialOf("a").account ? anybody : undefined,
      ),
    ).toEqual(refused);
    for (const letter of "abc") {
      const without = ({ account }: { account: string }) => account !== credentialOf(letter).account;
      expect(await untouched(joinWithCard, welcome!, c, () => without), letter).toEqual(refused);
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(welcome!.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = welcome!.slice();
        changed[at]! ^= change;
        expect(await untouched(joinWithCard, changed, c, () => anybody)).toEqual(refused);
      }),
      { numRuns: 60 },
    );
  });

  it("is refused without a card, with two, and when somebody else than the signer is named in it", async () => {
    const group = await crowd("ab");
    const c = await packageOf("c");
    const sent = async (options: ForgedOptions, meddle?: Parameters<typeof forge>[2]) => {
      const extraProposals = [adding(c)];
      const { welcome } = await forge(group.get("b")!, { extraProposals, ...options }, meddle);
      return await untouched(joinWithCard, welcome!, c, () => anybody);
    };
    expect((await sent({ groupInfoExtensions: [card] })).ok).toBe(true);
    expect(await sent({})).toEqual(refused);
    expect(await sent({ groupInfoExtensions: [card, card] })).toEqual(refused);
    expect(await sent({ groupInfoExtensions: [card], ratchetTreeExtension: false })).toEqual(refused);
    // b signs, and says that a did.
    const asA = await sent({ groupInfoExtensions: [card] }, (state) => ({
      ...state,
      privatePath: { ...state.privatePath, leafIndex: 0 },
    }));
    expect(asA).toEqual(refused);
  });
});

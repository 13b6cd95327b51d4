// Groups of more leaves than there may be, made with the MLS library itself from the state of a member (PROTOCOL.md §13.1).
import {
  createCommit,
  decode,
  defaultProposalTypes,
  encode,
  keyPackageDecoder,
  makeCustomExtension,
  mlsMessageEncoder,
} from "ts-mls";
import { expect, test } from "vitest";
import { createGroup } from "../../../core/group/create.ts";
import { joinWithCard } from "../../../core/group/join.ts";
import { type KeyPackagePair, makeKeyPackage } from "../../../core/group/key-package.ts";
import { openInGroup } from "../../../core/group/open-in-group.ts";
import { decodeState, encodeState, type GroupState, viewGroup } from "../../../core/group/state.ts";
import { groupCardExtension, mlsContext } from "../../../core/group/suite.ts";
import type { AccountId, DeviceId } from "../../../core/lang/brand.ts";
import { anybody, groupContext, must, packageOf, words } from "./party.ts";

async function adds(state: GroupState, packages: readonly Uint8Array[]) {
  const made = await createCommit({
    context: await mlsContext(anybody),
    state: decodeState(state),
    ratchetTreeExtension: true,
    groupInfoExtensions: [makeCustomExtension({ extensionType: groupCardExtension, extensionData: words("card") })],
    extraProposals: packages.map((one) => ({
      proposalType: defaultProposalTypes.add,
      add: { keyPackage: decode(keyPackageDecoder, one)! },
    })),
  });
  const [commit, welcome] = [encode(mlsMessageEncoder, made.commit), encode(mlsMessageEncoder, made.welcome!)];
  return { commit, welcome, next: encodeState(made.newState) };
}

function strangerOf(n: number): Promise<KeyPackagePair> {
  const hex = n.toString(16).padStart(4, "0");
  const credential = { account: hex.repeat(16) as AccountId, device: hex.repeat(8) as DeviceId, listSequence: 1 };
  return makeKeyPackage(credential, new Uint8Array(32).fill(n).fill(255, 0, 1));
}

test("who is in a group of 256 devices refuses a commit that adds one more, and who is to be the 257th the Welcome", async () => {
  const alone = await createGroup(new Uint8Array(16).fill(1), groupContext, await packageOf("a"), anybody);
  const bob = await packageOf("b");
  const strangers: Uint8Array[] = [];
  for (let n = 0; n < 255; n++) strangers.push((await strangerOf(n)).publicPackage);
  const full = await adds(alone, [bob.publicPackage, ...strangers.slice(1)]);
  const joined = must(await joinWithCard(full.welcome, bob, () => anybody));
  expect((await viewGroup(joined.state)).members).toHaveLength(256);
  const carol = await packageOf("c");
  const more = await adds(full.next, [carol.publicPackage]);
  expect(await openInGroup(joined.state, more.commit, () => anybody)).toEqual({ ok: false, error: "unopenable" });
  expect(await joinWithCard(more.welcome, carol, () => anybody)).toEqual({ ok: false, error: "refused" });
});

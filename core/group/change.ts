/**
 * One commit of a group: who is added, whose leaf goes, what the group agrees on (§13.2). Knows what MLS allows; whether the
 * committer may do it is judged in `conversation`.
 */

import {
  type ClientState,
  createCommit,
  defaultProposalTypes,
  encode,
  leafNodeSources,
  makeCustomExtension,
  mlsMessageEncoder,
  nodeTypes,
  type Proposal,
} from "ts-mls";
import { equalBytes } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { maxCommitNoteBytes, maxDevicesOfGroup, maxGroupCardBytes } from "../wire/bounds.ts";
import { type ConversationContext, encodeConversationContext } from "../wire/conversation-context.ts";
import { isRefusal } from "./create.ts";
import { readKeyPackage } from "./key-package.ts";
import { decodeState, encodeState, type GroupState, type LeafIdentity, membersOf } from "./state.ts";
import { conversationExtension, groupCardExtension, type LeafCheck, mlsContext } from "./suite.ts";

export interface ChangeWish {
  /** One for each new leaf. */
  readonly add: readonly Uint8Array[];
  /** Indexes of leaves, never the own one. */
  readonly removeLeaves: readonly number[];
  /** Only where it is another than now. */
  readonly context?: ConversationContext;
  /** Says what is done and why; up to 48 KiB, read by every member, and by whoever is removed. */
  readonly note: Uint8Array;
  /** For those who are added, up to 1 MiB. */
  readonly card?: Uint8Array;
}

/** MLSMessage bytes; `next` holds once the commit's slot is granted (§13.3). One Welcome for all who are added. */
export interface MadeChange {
  readonly next: GroupState;
  readonly commit: Uint8Array;
  readonly welcome: Uint8Array | undefined;
}

/**
 * `refused`: a key package is malformed, wrongly signed, not accepted by `check`, or of a device that has a leaf and keeps
 * it; a leaf to remove is not there or is the own one; or the state is of a group that this device was removed from.
 * `too-large`: more than 256 leaves, or the note or card over its bound.
 * `add-and-remove`: who is removed may not know the topic of those who stay, and the card for who is added would name it, but
 * it comes from the epoch that this commit begins (§13.4): these are two commits. A leaf may be replaced by one of its device.
 */
export type ChangeFault = "refused" | "too-large" | "add-and-remove";

/** With nothing to add or remove and no context it is new keys for the own leaf. */
export async function makeChange(
  state: GroupState,
  wish: ChangeWish,
  check: LeafCheck,
): Promise<Result<MadeChange, ChangeFault>> {
  const { note, card } = wish;
  if (note.length > maxCommitNoteBytes || (card?.length ?? 0) > maxGroupCardBytes) return err("too-large");
  const before = decodeState(state);
  const planned = plan(before, wish, check);
  if (!planned.ok) return planned;
  let made: Awaited<ReturnType<typeof createCommit>>;
  try {
    made = await createCommit({
      context: await mlsContext(check),
      state: before,
      extraProposals: planned.value,
      authenticatedData: note,
      ratchetTreeExtension: true,
      groupInfoExtensions:
        card === undefined ? [] : [makeCustomExtension({ extensionType: groupCardExtension, extensionData: card })],
    });
  } catch (error) {
    if (isRefusal(error)) return err("refused");
    throw error;
  }
  if (!onlyAdds(planned.value) && !hasPath(before, made.newState, before.privatePath.leafIndex)) {
    throw new Error("the MLS library made a commit without new keys: its mends are missing");
  }
  return ok({
    next: encodeState(made.newState, state),
    commit: encode(mlsMessageEncoder, made.commit),
    welcome: made.welcome && encode(mlsMessageEncoder, made.welcome),
  });
}

function plan(state: ClientState, wish: ChangeWish, check: LeafCheck): Result<Proposal[], ChangeFault> {
  const members = membersOf(state);
  if (members.length - wish.removeLeaves.length + wish.add.length > maxDevicesOfGroup) return err("too-large");
  const proposals: Proposal[] = [];
  const added: Whose[] = [];
  const removed: Whose[] = [];
  for (const leaf of wish.removeLeaves) {
    const member = members.find((one) => one.leaf === leaf);
    if (member === undefined) return err("refused");
    removed.push(member);
    proposals.push({ proposalType: defaultProposalTypes.remove, remove: { removed: leaf } });
  }
  for (const bytes of wish.add) {
    const read = readKeyPackage(bytes);
    if (!read.ok || !check(read.value.credential, read.value.signatureKey)) return err("refused");
    added.push(read.value);
    proposals.push({ proposalType: defaultProposalTypes.add, add: { keyPackage: read.value.keyPackage } });
  }
  if (!addsOrRemoves(added, removed)) return err("add-and-remove");
  if (wish.context !== undefined) {
    proposals.push({
      proposalType: defaultProposalTypes.group_context_extensions,
      groupContextExtensions: { extensions: [extensionOf(wish.context)] },
    });
  }
  return ok(proposals);
}

function extensionOf(context: ConversationContext) {
  return makeCustomExtension({
    extensionType: conversationExtension,
    extensionData: encodeConversationContext(context),
  });
}

type Whose = Pick<LeafIdentity, "credential">;

/** That no leaf goes for good in a commit that adds one. */
export function addsOrRemoves(added: readonly Whose[], removed: readonly Whose[]): boolean {
  return (
    added.length === 0 ||
    removed.every(({ credential: gone }) =>
      added.some(({ credential }) => credential.account === gone.account && credential.device === gone.device),
    )
  );
}

/** Only what adds may do without new keys on the committer's path (RFC 9420 §12.4): who is removed would follow otherwise. */
export function onlyAdds(proposals: readonly Proposal[]): boolean {
  return proposals.length > 0 && proposals.every(({ proposalType }) => proposalType === defaultProposalTypes.add);
}

/** Whether the committer's leaf got new keys from the commit, and nothing else that is another. */
export function hasPath(before: ClientState, after: ClientState, committer: number): boolean {
  const [was, is] = [before, after].map((state) => state.ratchetTree[2 * committer]);
  if (was?.nodeType !== nodeTypes.leaf || is?.nodeType !== nodeTypes.leaf) return false;
  return (
    is.leaf.leafNodeSource === leafNodeSources.commit &&
    equalBytes(is.leaf.signaturePublicKey, was.leaf.signaturePublicKey) &&
    !equalBytes(is.leaf.hpkePublicKey, was.leaf.hpkePublicKey)
  );
}

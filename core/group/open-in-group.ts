/**
 * Opening what comes in a group of many (§13.2): content, or a commit with all that it changes, so that it can be judged before
 * it is accepted. Nothing is accepted here: `next` is a value, and whoever refuses the commit keeps the state that they have.
 */

import {
  type ClientState,
  contentTypes,
  decode,
  defaultProposalTypes,
  encode,
  keyPackageEncoder,
  type MlsContext,
  mlsMessageDecoder,
  type PrivateMessage,
  type Proposal,
  processPrivateMessage,
  wireformats,
} from "ts-mls";
import { sha256 } from "../crypto/hash.ts";
import { equalBytes, toHex } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { maxCommitNoteBytes, maxDevicesOfGroup, maxWholeBytes } from "../wire/bounds.ts";
import type { ConversationContext } from "../wire/conversation-context.ts";
import { addsOrRemoves, hasPath, onlyAdds } from "./change.ts";
import { isRefusal } from "./create.ts";
import { decodeWhole } from "./key-package.ts";
import { type OpenFault, senderOf } from "./messages.ts";
import { areSoundNodes, isSoundLeaf } from "./sound-nodes.ts";
import {
  contextIn,
  contextOf,
  encodeState,
  type GroupState,
  type LeafIdentity,
  leafIdentity,
  type Member,
  membersOf,
  readState,
} from "./state.ts";
import { type LeafCheck, mlsContext } from "./suite.ts";

/** What a commit would make of the group. Its committer's signature has been verified, and that they have a leaf. */
export interface Change {
  readonly by: Member;
  /** As the committer gave it, up to 48 KiB; not decoded here. */
  readonly note: Uint8Array;
  /** A leaf that is replaced is in both. `packageHash`: SHA-256 of the KeyPackage it was made of. */
  readonly added: readonly (LeafIdentity & { readonly packageHash: Uint8Array })[];
  readonly removed: readonly Member[];
  readonly before: {
    readonly epoch: number;
    readonly members: readonly Member[];
    readonly context: ConversationContext;
  };
  readonly after: { readonly members: readonly LeafIdentity[]; readonly context: ConversationContext };
}

/** The group in the epoch that a message was sealed in, which may be over: kept as long as its keys are. */
export interface EpochThen {
  readonly members: readonly Member[];
  readonly context: ConversationContext;
}

/**
 * `removed`: the commit takes the own leaf away (and may add a new one for the same device). MLS shows who is removed the
 * signature and the proposals, but neither the new epoch nor whether the committer's new keys are sound: those who stay may
 * still refuse it.
 */
export type OpenedInGroup =
  | {
      readonly kind: "content";
      readonly next: GroupState;
      readonly content: Uint8Array;
      readonly sender: Member;
      readonly then: EpochThen;
    }
  | { readonly kind: "change"; readonly next: GroupState; readonly change: Change }
  | { readonly kind: "removed"; readonly change: Change };

/** The check for leaves that a commit adds, made with what its note says. The note is not authenticated yet. */
export type NoteCheck = (note: Uint8Array) => LeafCheck | Promise<LeafCheck>;

/**
 * `message` is MLSMessage bytes, a commit of up to 2 MB. A commit is `unopenable` for every member alike when MLS refuses it, when
 * it holds a proposal by reference or any other than add, remove and group context, when `checkOf` refuses an added leaf, when a
 * node that it brings is none that others can go on with,
 * when it makes the group another conversation or larger than 256 leaves, or adds somebody and removes somebody else.
 * Leaves that are there already are not checked: what one member knows of a device must not divide the group.
 */
export async function openInGroup(
  state: GroupState,
  message: Uint8Array,
  checkOf: NoteCheck,
): Promise<Result<OpenedInGroup, OpenFault>> {
  if (message.length > maxWholeBytes) return err("unopenable");
  const decoded = decodeWhole(() => decode(mlsMessageDecoder, message));
  if (decoded === undefined || decoded.wireformat !== wireformats.mls_private_message) return err("unopenable");
  const before = readState(state);
  if (before === undefined) return err("damaged-state");
  const { epoch, groupId, contentType, authenticatedData } = decoded.privateMessage;
  if (!equalBytes(groupId, before.groupContext.groupId)) return err("other-group");
  if (contentType === contentTypes.commit && epoch < before.groupContext.epoch) return err("past-commit");
  if (epoch > before.groupContext.epoch) return err("later-epoch");
  if (authenticatedData.length > maxCommitNoteBytes) return err("unopenable");
  try {
    const members = membersOf(before);
    const check = await checkOf(authenticatedData);
    // Nobody is asked about where words are opened, and the names of many take longer than that.
    let present: ReadonlySet<string> | undefined;
    const context = await mlsContext((credential, signatureKey) => {
      present ??= namesOf(members);
      return present.has(nameOf({ credential, signatureKey })) || check(credential, signatureKey);
    });
    const opened = await open(state, before, members, decoded.privateMessage, context);
    if (opened === "own-commit") return err(opened);
    return opened === undefined ? err("unopenable") : ok(opened);
  } catch (error) {
    if (isRefusal(error)) return err("unopenable");
    throw error;
  }
}

async function open(
  state: GroupState,
  before: ClientState,
  members: readonly Member[],
  privateMessage: PrivateMessage,
  context: MlsContext,
): Promise<OpenedInGroup | "own-commit" | undefined> {
  let change: Change | undefined;
  let pathless = false;
  let isOwn = false;
  const result = await processPrivateMessage({
    context,
    state: before,
    privateMessage,
    callback(incoming) {
      if (incoming.kind === "proposal") return "reject";
      isOwn = incoming.senderLeafIndex === before.privatePath.leafIndex;
      if (isOwn) return "reject";
      const by = members.find(({ leaf }) => leaf === incoming.senderLeafIndex);
      const proposals = incoming.proposals.map(({ proposal }) => proposal);
      pathless = onlyAdds(proposals);
      change = by && changeOf(before, members, by, privateMessage.authenticatedData, proposals);
      return change === undefined ? "reject" : "accept";
    },
  });
  const { newState } = result;
  if (isOwn) return "own-commit";
  if (result.kind === "applicationMessage") {
    const sender = senderOf(before, newState, privateMessage.epoch);
    const then = thenOf(before, privateMessage.epoch);
    if (sender === undefined || then === undefined) return undefined;
    return { kind: "content", next: encodeState(newState, state), content: result.message, sender, then };
  }
  if (result.actionTaken === "reject" || change === undefined) return undefined;
  if (newState.groupActiveState.kind === "removedFromGroup") return { kind: "removed", change };
  const sound =
    (pathless || hasPath(before, newState, change.by.leaf)) &&
    hasBecome(newState, change) &&
    areSoundNodes(newState.ratchetTree, before.ratchetTree);
  return sound ? { kind: "change", next: encodeState(newState, state), change } : undefined;
}

function changeOf(
  state: ClientState,
  members: readonly Member[],
  by: Member,
  note: Uint8Array,
  proposals: readonly Proposal[],
): Change | undefined {
  const added: Change["added"][number][] = [];
  const removed: Member[] = [];
  const was = contextOf(state);
  let is = was;
  for (const proposal of proposals) {
    if (isOf(proposal, defaultProposalTypes.add)) {
      const { keyPackage } = proposal.add;
      const leaf = leafIdentity(keyPackage.leafNode);
      if (leaf === undefined || !isSoundLeaf(keyPackage.leafNode)) return undefined;
      added.push({ ...leaf, packageHash: sha256(encode(keyPackageEncoder, keyPackage)) });
    } else if (isOf(proposal, defaultProposalTypes.remove)) {
      const member = members.find(({ leaf }) => leaf === proposal.remove.removed);
      if (member === undefined) return undefined;
      removed.push(member);
    } else if (isOf(proposal, defaultProposalTypes.group_context_extensions)) {
      is = contextIn(proposal.groupContextExtensions.extensions);
    } else return undefined;
  }
  if (was === undefined || is === undefined || !isSameConversation(was, is)) return undefined;
  const stay: LeafIdentity[] = members.filter((member) => !removed.includes(member));
  const after = { members: [...stay, ...added], context: is };
  if (after.members.length > maxDevicesOfGroup || !addsOrRemoves(added, removed)) return undefined;
  return {
    by,
    note,
    added,
    removed,
    before: { epoch: Number(state.groupContext.epoch), members, context: was },
    after,
  };
}

function thenOf(before: ClientState, epoch: bigint): EpochThen | undefined {
  const { groupContext, ratchetTree } = before.historicalReceiverData.get(epoch) ?? before;
  const context = contextIn(groupContext.extensions);
  return context && { context, members: membersOf({ ratchetTree }) };
}

function isOf<T extends number>(
  proposal: Proposal,
  type: T,
): proposal is Extract<Proposal, { readonly proposalType: T; readonly proposalData?: never }> {
  return proposal.proposalType === type;
}

function isSameConversation(a: ConversationContext, b: ConversationContext): boolean {
  return a.conversation === b.conversation && a.kind === b.kind && a.generation === b.generation;
}

/** That MLS made of the commit what its proposals say. */
function hasBecome(state: ClientState, { after }: Change): boolean {
  const members = membersOf(state);
  const known = namesOf(after.members);
  return (
    members.length === after.members.length &&
    members.every((member) => known.has(nameOf(member))) &&
    known.size === members.length
  );
}

/** Two leaves with the same name are of the same device with the same signature key. */
function nameOf({ credential, signatureKey }: Pick<LeafIdentity, "credential" | "signatureKey">): string {
  return `${toHex(signatureKey)} ${credential.account} ${credential.device} ${credential.listSequence}`;
}

function namesOf(members: readonly LeafIdentity[]): ReadonlySet<string> {
  return new Set(members.map(nameOf));
}

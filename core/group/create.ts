/** Beginning a group, adding devices to it, and joining from a Welcome. `(state, input) -> next state` throughout. */

import {
  createCommit,
  decode,
  defaultProposalTypes,
  encode,
  MlsError,
  makeCustomExtension,
  createGroup as mlsCreateGroup,
  joinGroup as mlsJoinGroup,
  mlsMessageDecoder,
  mlsMessageEncoder,
  wireformats,
} from "ts-mls";
import { err, ok, type Result } from "../lang/result.ts";
import { maxEnvelopeBytes } from "../wire/bounds.ts";
import { type ConversationContext, encodeConversationContext } from "../wire/conversation-context.ts";
import { decodeWhole, type KeyPackagePair, readKeyPackage, readOwnKeyPackage } from "./key-package.ts";
import { contextOf, decodeState, encodeState, type GroupState, membersOf } from "./state.ts";
import { conversationExtension, type LeafCheck, mlsContext, suiteId } from "./suite.ts";

/** A group of this device alone, epoch 0. `groupId`: 16 random bytes. */
export async function createGroup(
  groupId: Uint8Array,
  context: ConversationContext,
  own: KeyPackagePair,
  check: LeafCheck,
): Promise<GroupState> {
  const { publicPackage, privatePackage } = readOwnKeyPackage(own);
  const state = await mlsCreateGroup({
    context: await mlsContext(check),
    groupId,
    keyPackage: publicPackage,
    privateKeyPackage: privatePackage,
    extensions: [
      makeCustomExtension({ extensionType: conversationExtension, extensionData: encodeConversationContext(context) }),
    ],
  });
  return encodeState(state);
}

/** `welcome` and `commit` are MLSMessage bytes; `next` holds once the commit's slot is granted (§10). */
export interface Addition {
  readonly next: GroupState;
  readonly commit: Uint8Array;
  readonly welcome: Uint8Array;
}

/** Adds one leaf for each key package. `refused`: one is malformed, wrongly signed or not listed by its account. */
export async function addDevices(
  state: GroupState,
  keyPackages: readonly Uint8Array[],
  check: LeafCheck,
): Promise<Result<Addition, "refused">> {
  const proposals = [];
  for (const bytes of keyPackages) {
    const read = readKeyPackage(bytes);
    if (!read.ok || !check(read.value.credential, read.value.signatureKey)) return err("refused");
    proposals.push({ proposalType: defaultProposalTypes.add, add: { keyPackage: read.value.keyPackage } });
  }
  try {
    const made = await createCommit({
      context: await mlsContext(check),
      state: decodeState(state),
      extraProposals: proposals,
      ratchetTreeExtension: true,
    });
    if (made.welcome === undefined) return err("refused");
    return ok({
      next: encodeState(made.newState, state),
      commit: encode(mlsMessageEncoder, made.commit),
      welcome: encode(mlsMessageEncoder, made.welcome),
    });
  } catch (error) {
    if (isRefusal(error)) return err("refused");
    throw error;
  }
}

/**
 * `refused`: not a Welcome, not for this key package, a group that is no Kith conversation, or a leaf that `check` does not
 * accept. Every leaf is checked, the own one too.
 */
export async function joinGroup(
  welcome: Uint8Array,
  own: KeyPackagePair,
  check: LeafCheck,
): Promise<Result<GroupState, "refused">> {
  if (welcome.length > maxEnvelopeBytes) return err("refused");
  const message = decodeWhole(() => decode(mlsMessageDecoder, welcome));
  if (message === undefined || message.wireformat !== wireformats.mls_welcome) return err("refused");
  // The library opens it with our suite, whatever it says.
  if (message.welcome.cipherSuite !== suiteId) return err("refused");
  const { publicPackage, privatePackage } = readOwnKeyPackage(own);
  try {
    const state = await mlsJoinGroup({
      context: await mlsContext(check),
      welcome: message.welcome,
      keyPackage: publicPackage,
      privateKeys: privatePackage,
    });
    // MLS has validated the credentials of the tree; asked again here so that no leaf rests on one library's reading.
    const listed = membersOf(state).every((member) => check(member.credential, member.signatureKey));
    return listed && contextOf(state) !== undefined ? ok(encodeState(state)) : err("refused");
  } catch (error) {
    if (isRefusal(error)) return err("refused");
    throw error;
  }
}

/**
 * Whether an exception of the MLS library speaks of the input. Its decoders, HPKE and WebCrypto throw plain errors on
 * hostile bytes as well, so only what can be nothing but a bug of ours passes through.
 */
export function isRefusal(error: unknown): boolean {
  if (error instanceof MlsError) return true;
  return error instanceof Error && !(error instanceof ReferenceError) && !(error instanceof SyntaxError);
}

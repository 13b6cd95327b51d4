/**
 * Sealing content for a group, opening what comes, and renewing the own leaf. A failed open answers with a fault and the
 * caller's state is what it was (invariant 3): states are values.
 */

import {
  type ClientState,
  contentTypes,
  createApplicationMessage,
  createCommit,
  decode,
  encode,
  type IncomingMessageCallback,
  mlsMessageDecoder,
  mlsMessageEncoder,
  processPrivateMessage,
  type SecretTree,
  wireformats,
} from "ts-mls";
import { equalBytes } from "../lang/bytes.ts";
import { assertNever, err, ok, type Result } from "../lang/result.ts";
import { maxEnvelopeBytes } from "../wire/bounds.ts";
import { isRefusal } from "./create.ts";
import { decodeWhole } from "./key-package.ts";
import { decodeState, encodeState, type GroupState, type Member, membersOf, readState } from "./state.ts";
import { type LeafCheck, mlsContext } from "./suite.ts";

/** The epoch that an MLS message says it belongs to. */
export function epochOfMessage(message: Uint8Array): number | undefined {
  const decoded = decodeWhole(() => decode(mlsMessageDecoder, message));
  return decoded?.wireformat === wireformats.mls_private_message ? Number(decoded.privateMessage.epoch) : undefined;
}

/** What an MLS message says of itself before it is opened. Nothing of it is authenticated. */
export interface MessageHeader {
  readonly epoch: number;
  readonly kind: "content" | "commit";
  /** Of a group's commit its note. */
  readonly authenticatedData: Uint8Array;
}

export function headerOf(message: Uint8Array): MessageHeader | undefined {
  const decoded = decodeWhole(() => decode(mlsMessageDecoder, message));
  if (decoded?.wireformat !== wireformats.mls_private_message) return undefined;
  const { epoch, contentType, authenticatedData } = decoded.privateMessage;
  return { epoch: Number(epoch), kind: contentType === contentTypes.commit ? "commit" : "content", authenticatedData };
}

const noLeafIsNew: LeafCheck = () => false;

/** `message` is MLSMessage bytes. Never seal twice from one state: keep `next` before anything is sent (invariant 2). */
export async function sealContent(
  state: GroupState,
  content: Uint8Array,
): Promise<{ readonly next: GroupState; readonly message: Uint8Array }> {
  const made = await createApplicationMessage({
    context: await mlsContext(noLeafIsNew),
    state: decodeState(state),
    message: content,
  });
  return { next: encodeState(made.newState, state), message: encode(mlsMessageEncoder, made.message) };
}

/** New keys for the own leaf, as a commit. `next` holds only once the commit's slot is granted (§10). */
export async function renewLeaf(
  state: GroupState,
  check: LeafCheck,
): Promise<{ readonly next: GroupState; readonly commit: Uint8Array }> {
  const made = await createCommit({ context: await mlsContext(check), state: decodeState(state) });
  return { next: encodeState(made.newState, state), commit: encode(mlsMessageEncoder, made.commit) };
}

export type Opened =
  | { readonly kind: "content"; readonly next: GroupState; readonly content: Uint8Array; readonly sender: Member }
  | { readonly kind: "commit"; readonly next: GroupState };

/**
 * `later-epoch`: a commit that this device has not seen lies between. `other-group`: not of this group at all. `own-commit`: of
 * the own leaf, which cannot process it; only in groups.
 * `past-commit`: it ends an epoch that has ended. `damaged-state`: the own state cannot be read. `unopenable`: used before, too old, forged, or against the
 * rules; no key of this state will ever open it.
 */
export type OpenFault = "later-epoch" | "other-group" | "own-commit" | "past-commit" | "damaged-state" | "unopenable";

export async function openMessage(
  state: GroupState,
  message: Uint8Array,
  check: LeafCheck,
): Promise<Result<Opened, OpenFault>> {
  if (message.length > maxEnvelopeBytes) return err("unopenable");
  const decoded = decodeWhole(() => decode(mlsMessageDecoder, message));
  if (decoded === undefined || decoded.wireformat !== wireformats.mls_private_message) return err("unopenable");
  const before = readState(state);
  if (before === undefined) return err("damaged-state");
  const { epoch, groupId, contentType } = decoded.privateMessage;
  if (!equalBytes(groupId, before.groupContext.groupId)) return err("other-group");
  if (contentType === contentTypes.commit && epoch < before.groupContext.epoch) return err("past-commit");
  if (epoch > before.groupContext.epoch) return err("later-epoch");
  try {
    const result = await processPrivateMessage({
      context: await mlsContext(check),
      state: before,
      privateMessage: decoded.privateMessage,
      callback: onlyLeafRenewals,
    });
    switch (result.kind) {
      case "applicationMessage": {
        const sender = senderOf(before, result.newState, epoch);
        if (sender === undefined) return err("unopenable");
        return ok({ kind: "content", next: encodeState(result.newState, state), content: result.message, sender });
      }
      case "newState":
        if (result.actionTaken === "reject") return err("unopenable");
        return ok({ kind: "commit", next: encodeState(result.newState, state) });
      default:
        return assertNever(result);
    }
  } catch (error) {
    if (isRefusal(error)) return err("unopenable");
    throw error;
  }
}

/** The rule for direct conversations: nobody is added or removed, a device may renew its own leaf. */
const onlyLeafRenewals: IncomingMessageCallback = (incoming) =>
  incoming.kind === "commit" && incoming.proposals.length === 0 ? "accept" : "reject";

/**
 * The library verifies the sender's signature but does not say whose it was. Opening moves the application ratchet of
 * exactly one leaf, the sender's, so the leaf whose ratchet is another object now is the one that signed.
 */
export function senderOf(before: ClientState, after: ClientState, epoch: bigint): Member | undefined {
  const past = epoch < before.groupContext.epoch;
  const old = past ? before.historicalReceiverData.get(epoch) : before;
  const now = past ? after.historicalReceiverData.get(epoch) : after;
  if (old === undefined || now === undefined) return undefined;
  const [moved, ...others] = movedLeaves(old.secretTree, now.secretTree);
  if (moved === undefined || others.length > 0) return undefined;
  return membersOf({ ...before, ratchetTree: old.ratchetTree }).find((member) => member.leaf === moved);
}

function movedLeaves(before: SecretTree, after: SecretTree): readonly number[] {
  return Object.keys(after.leafNodes)
    .map(Number)
    .filter((node) => after.leafNodes[node]?.application !== before.leafNodes[node]?.application)
    .map((node) => node / 2);
}

/**
 * An own commit is made from the state of its moment, and messages go on until its slot is granted. This puts the keys as
 * they are now into what the next epoch keeps of this one, so that no key that was used meanwhile comes back.
 */
export function withLiveKeys(pending: GroupState, live: GroupState): GroupState {
  const next = decodeState(pending);
  const now = decodeState(live);
  const kept = new Map(next.historicalReceiverData);
  for (const [epoch, data] of kept) {
    const secretTree =
      epoch === now.groupContext.epoch ? now.secretTree : now.historicalReceiverData.get(epoch)?.secretTree;
    if (secretTree !== undefined) kept.set(epoch, { ...data, secretTree });
  }
  return encodeState({ ...next, historicalReceiverData: kept }, pending);
}

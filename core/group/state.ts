/**
 * What can be read off a group state, and its way to bytes and back. What changes in it is decoded anew for each step and never
 * kept, so no two steps can share it, and nothing here mutates what it was given. What is only looked at is kept with the bytes.
 */

import {
  type ClientState,
  defaultCredentialTypes,
  type GroupContextExtension,
  isDefaultCredential,
  type LeafNode,
  mlsExporter,
  nodeTypes,
  type RatchetTree,
} from "ts-mls";
import { noBytes, toHex } from "../lang/bytes.ts";
import { type ConversationContext, decodeConversationContext } from "../wire/conversation-context.ts";
import { type Credential, decodeCredential } from "../wire/credential.ts";
import { areSame, type GroupState, joinClientState, splitClientState } from "./split-state.ts";
import { cipherSuite, conversationExtension } from "./suite.ts";

export type { GroupState } from "./split-state.ts";

/** Whose a leaf is. */
export interface LeafIdentity {
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  /** HPKE public key: another one whenever the leaf is new or renewed. */
  readonly encryptionKey: Uint8Array;
}

/** One device in a group. `leaf` is its index in the ratchet tree. */
export interface Member extends LeafIdentity {
  readonly leaf: number;
}

export interface GroupView {
  readonly epoch: number;
  readonly context: ConversationContext;
  readonly members: readonly Member[];
  readonly own: Member;
  /** 32 bytes, the same for all members of the epoch (§2). */
  readonly epochSecret: Uint8Array;
}

/** What was read off a state that can be read. */
interface Seen {
  readonly trees: GroupState["trees"];
  readonly groupId: string;
  readonly view: Omit<GroupView, "epochSecret">;
  readonly exporterSecret: Uint8Array;
}

/** By what is live of a state, for as long as that is held: at 128 devices it takes a millisecond to decode. */
const seen = new WeakMap<Uint8Array, Seen>();

/** Throws where there is nothing to see. */
function see(state: GroupState): Seen {
  const before = seen.get(state.live);
  if (before !== undefined && areSame(before.trees, state.trees)) return before;
  const decoded = decodeState(state);
  const members = membersOf(decoded);
  const own = members.find((member) => member.leaf === decoded.privatePath.leafIndex);
  if (own === undefined) throw new Error("a group state without its own leaf");
  const context = contextOf(decoded);
  if (context === undefined) throw new Error("a group state without its conversation");
  const now: Seen = {
    trees: state.trees,
    groupId: toHex(decoded.groupContext.groupId),
    view: { epoch: Number(decoded.groupContext.epoch), context, members, own },
    exporterSecret: decoded.keySchedule.exporterSecret.slice(),
  };
  seen.set(state.live, now);
  return now;
}

function seenIfReadable(state: GroupState): Seen | undefined {
  try {
    return see(state);
  } catch {
    return undefined;
  }
}

export async function viewGroup(state: GroupState): Promise<GroupView> {
  const { view, exporterSecret } = see(state);
  return { ...view, epochSecret: await mlsExporter(exporterSecret, "kith epoch", noBytes, 32, await cipherSuite()) };
}

/** The state, or `undefined` where these bytes are none that an engine can go on with: a damaged disk. */
export function readState(state: GroupState): ClientState | undefined {
  try {
    const decoded = decodeState(state);
    const isMember = membersOf(decoded).some(({ leaf }) => leaf === decoded.privatePath.leafIndex);
    return isMember && contextOf(decoded) !== undefined ? decoded : undefined;
  } catch {
    return undefined;
  }
}

/** Nobody where the state cannot be read: whoever asks who speaks must not fail because a disk did. */
export function membersIfReadable(state: GroupState): readonly Member[] {
  return seenIfReadable(state)?.view.members ?? [];
}

/** Hex; who makes a group chooses it. `undefined` where the state cannot be read. */
export function groupIdOf(state: GroupState): string | undefined {
  return seenIfReadable(state)?.groupId;
}

export function isReadable(state: GroupState): boolean {
  return seenIfReadable(state) !== undefined;
}

/** `before`: the state it came from, whose trees are the same in most. */
export function encodeState(state: ClientState, before?: GroupState): GroupState {
  return splitClientState(state, before);
}

/** Throws on what this engine did not write: a damaged disk. */
export function decodeState(state: GroupState): ClientState {
  return joinClientState(state);
}

/** Of trees that were read: asked for with every message, and 256 credentials take 7 ms to decode. */
const membersOfTree = new WeakMap<RatchetTree, readonly Member[]>();

export function membersOf({ ratchetTree }: Pick<ClientState, "ratchetTree">): readonly Member[] {
  const known = membersOfTree.get(ratchetTree);
  if (known !== undefined) return known;
  const members = ratchetTree.flatMap((node, nodeIndex) => {
    if (node === undefined || node.nodeType !== nodeTypes.leaf) return [];
    const identity = leafIdentity(node.leaf);
    return identity === undefined ? [] : [{ leaf: nodeIndex / 2, ...identity }];
  });
  membersOfTree.set(ratchetTree, members);
  return members;
}

/** `undefined`: not a credential of ours. */
export function leafIdentity(leaf: LeafNode): LeafIdentity | undefined {
  const { credential } = leaf;
  if (!isDefaultCredential(credential) || credential.credentialType !== defaultCredentialTypes.basic) return undefined;
  const decoded = decodeCredential(credential.identity);
  if (!decoded.ok) return undefined;
  return { credential: decoded.value, signatureKey: leaf.signaturePublicKey, encryptionKey: leaf.hpkePublicKey };
}

/** `undefined` when the group is not a Kith conversation. */
export function contextOf(state: ClientState): ConversationContext | undefined {
  return contextIn(state.groupContext.extensions);
}

/** Ours and no other: the rest of what MLS knows would let strangers propose, or keep members out. */
export function contextIn(extensions: readonly GroupContextExtension[]): ConversationContext | undefined {
  const [extension, ...others] = extensions;
  if (extension?.extensionType !== conversationExtension || others.length > 0) return undefined;
  if (!(extension.extensionData instanceof Uint8Array)) return undefined;
  const context = decodeConversationContext(extension.extensionData);
  return context.ok ? context.value : undefined;
}

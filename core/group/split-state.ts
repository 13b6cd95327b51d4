/**
 * A group state as bytes, cut in two, so that a message writes little (§10): `live`, which every message changes, and for each
 * epoch that is kept its tree with the group's context, which no message changes. At 256 devices a tree is 0.37 MB and five are
 * kept; what is live is a few KB. Decoded trees are remembered for as long as their bytes are: hold on to the same bytes, and
 * they are neither decoded nor encoded again. Knows no storage.
 */

import {
  type ClientState,
  clientStateDecoder,
  clientStateEncoder,
  decode,
  encode,
  nodeTypes,
  type RatchetTree,
} from "ts-mls";
import { equalBytes, noBytes } from "../lang/bytes.ts";

/** Encoded MLS client state. */
export interface GroupState {
  /** Secret, never leaves the device. */
  readonly live: Uint8Array;
  /** By epoch; none in a state from before schema 3, where `live` is all of it. The very same map as before, unless an epoch has begun or been forgotten. */
  readonly trees: ReadonlyMap<number, Uint8Array>;
}

/** What is the same for a whole epoch: public, as far as the group goes. */
type Still = Pick<ClientState, "groupContext" | "ratchetTree">;

/** Trees are never changed in place: ours are values, and the library copies before it writes. */
const decodedOf = new WeakMap<Uint8Array, Still>();
const encodedOf = new WeakMap<RatchetTree, Uint8Array>();

export function splitClientState(state: ClientState, before?: GroupState): GroupState {
  const trees = new Map<number, Uint8Array>();
  for (const still of [...state.historicalReceiverData.values(), state]) {
    trees.set(Number(still.groupContext.epoch), encodeStill(still));
  }
  const historicalReceiverData = new Map(
    [...state.historicalReceiverData].map(([epoch, data]) => [epoch, { ...data, ...without(data) }]),
  );
  const live = encode(clientStateEncoder, { ...state, ...without(state), historicalReceiverData });
  return { live, trees: before !== undefined && areSame(before.trees, trees) ? before.trees : trees };
}

/** Throws on what this engine did not write, or where a tree is missing: a damaged disk. */
export function joinClientState({ live, trees }: GroupState): ClientState {
  const state = decode(clientStateDecoder, live);
  if (state === undefined) throw new Error("the live part of a group state cannot be read");
  const historicalReceiverData = new Map(
    [...state.historicalReceiverData].map(([epoch, data]) => [epoch, { ...data, ...stillOf(data, trees) }]),
  );
  return { ...state, ...stillOf(state, trees), historicalReceiverData };
}

/** The library's encoding of trees has no place of its own; it is that of a state with nothing else in it. */
function encodeStill({ groupContext, ratchetTree }: Still): Uint8Array {
  const known = encodedOf.get(ratchetTree);
  if (known !== undefined && decodedOf.get(known)?.groupContext === groupContext) return known;
  const bytes = encode(clientStateEncoder, { ...nothing, groupContext, ratchetTree });
  remember(bytes, { groupContext, ratchetTree });
  return bytes;
}

function stillOf(of: Still, trees: GroupState["trees"]): Still {
  const isCut = of.ratchetTree[0]?.nodeType === nodeTypes.parent;
  if (!isCut) return { groupContext: of.groupContext, ratchetTree: of.ratchetTree };
  const { epoch, groupId } = of.groupContext;
  const bytes = trees.get(Number(epoch));
  const still = bytes && (decodedOf.get(bytes) ?? decode(clientStateDecoder, bytes));
  if (still?.groupContext.epoch !== epoch || !equalBytes(still.groupContext.groupId, groupId) || bytes === undefined) {
    throw new Error("the tree of an epoch is missing");
  }
  const { groupContext, ratchetTree } = still;
  remember(bytes, { groupContext, ratchetTree });
  return { groupContext, ratchetTree };
}

function remember(bytes: Uint8Array, still: Still): void {
  decodedOf.set(bytes, still);
  encodedOf.set(still.ratchetTree, bytes);
}

/** Stands where a tree was: the codec refuses a tree without a node, and the first of a real one is a leaf or blank. */
const noTree: RatchetTree = [
  { nodeType: nodeTypes.parent, parent: { hpkePublicKey: noBytes, parentHash: noBytes, unmergedLeaves: [] } },
];

/** Keeps which epoch of which group it is of. */
function without({ groupContext }: Still): Still {
  const bare = { ...groupContext, treeHash: noBytes, confirmedTranscriptHash: noBytes, extensions: [] };
  return { groupContext: bare, ratchetTree: noTree };
}

const nothing: Omit<ClientState, keyof Still> = {
  keySchedule: {
    senderDataSecret: noBytes,
    exporterSecret: noBytes,
    externalSecret: noBytes,
    confirmationKey: noBytes,
    membershipKey: noBytes,
    resumptionPsk: noBytes,
    epochAuthenticator: noBytes,
    initSecret: noBytes,
  },
  secretTree: { leafWidth: 1, intermediateNodes: {}, leafNodes: {} },
  privatePath: { leafIndex: 0, privateKeys: {} },
  signaturePrivateKey: noBytes,
  unappliedProposals: {},
  confirmationTag: noBytes,
  historicalReceiverData: new Map(),
  groupActiveState: { kind: "active" },
};

export function areSame(a: GroupState["trees"], b: GroupState["trees"]): boolean {
  return a.size === b.size && [...a].every(([epoch, bytes]) => b.get(epoch) === bytes);
}

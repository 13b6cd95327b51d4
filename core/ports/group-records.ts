/** Rows with the keys of groups, and of changes to groups that are under way. */

import type { Act } from "../conversation/group-acts.ts";
import type { GroupState } from "../group/state.ts";
import type { AccountId, ConversationId, TopicId } from "../lang/brand.ts";

/** Key: conversation id. Compare-and-set on `revision`. */
export interface GroupRecord {
  readonly key: ConversationId;
  readonly revision: number;
  /** How many groups the conversation had before this one. */
  readonly generation: number;
  /** MLS state. On the disk it has of each tree the SHA-256, by which rows of `trees` have them. */
  readonly state: GroupState;
  readonly epoch: number;
  /** The first epoch whose keys were ever here: what is of an earlier one was said before this device was there. */
  readonly joinedEpoch: number;
  /** Newest 4, newest first. `endedBy`: hash of the commit that ended it, "" while it lasts. */
  readonly epochSecrets: readonly { readonly epoch: number; readonly secret: Uint8Array; readonly endedBy: string }[];
  /** Of a group's newest epochs in a row, 16 bytes each, the last of `epoch`; those before `joinedEpoch` as others told them. */
  readonly marks?: Uint8Array;
  /** Own application messages since the last own commit, for the update rule. */
  readonly sealedSinceUpdate: number;
  readonly updatedAtMs: number;
  /** A commit of this device whose slot is not decided yet. */
  readonly pending: PendingCommit | undefined;
}

/** Key: conversation id and SHA-256 of `bytes`. A tree that the row in `groups` names. */
export interface TreeRecord {
  readonly key: string;
  readonly bytes: Uint8Array;
}

export interface PendingCommit {
  /** The state if it comes into force. */
  readonly state: GroupState;
  /** Goes to the topic after its `parts`, which are none where it is small enough. */
  readonly envelope: Uint8Array;
  readonly parts: readonly Uint8Array[];
  /** `undefined`: left without one, since that of the epoch went to something that everybody refuses (§13.3). */
  readonly slot: Uint8Array | undefined;
  /** MLSMessage bytes, of a group; between two people the envelope has it. */
  readonly commit: Uint8Array | undefined;
  /** The row of `changes` that it carries out; none for what the device does by itself. */
  readonly change: string | undefined;
  /** MLSMessage bytes for who is added, and who that is. */
  readonly welcome: { readonly bytes: Uint8Array; readonly people: readonly AccountId[] } | undefined;
}

/** Key: 16 random bytes as hex. What this device wants of a group and has not got yet; of a conversation the lowest `place` is next. */
export interface ChangeRecord {
  readonly key: string;
  readonly conversation: ConversationId;
  readonly act: Act;
  /** Counts up in its conversation. */
  readonly place: number;
  readonly sinceMs: number;
}

/** Key: topic, hash of the whole and index. A piece of something that does not fit an envelope (PROTOCOL.md §13.8). */
export interface PartRecord {
  readonly key: string;
  readonly topic: TopicId;
  readonly bytes: Uint8Array;
  readonly atMs: number;
}

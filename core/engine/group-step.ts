/** Turns a step of an MLS state into the row that is written with it: revision, epoch and the epoch secrets kept (§2). */

import { marksWith } from "../conversation/epoch-marks.ts";
import { sha256 } from "../crypto/hash.ts";
import { type GroupState, type GroupView, viewGroup } from "../group/state.ts";
import { keptEpochs } from "../group/suite.ts";
import type { ConversationId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import type { Expectation } from "../ports/storage.ts";
import { type EpochRun, epochMark, epochMarkBytes } from "../wire/epoch-marks.ts";

/** `before`: marks of earlier epochs, as whoever added this device knows them. */
export async function firstGroupRecord(
  key: ConversationId,
  state: GroupState,
  nowMs: number,
  before?: EpochRun,
): Promise<GroupRecord> {
  const view = await viewGroup(state);
  return {
    key,
    revision: 1,
    generation: view.context.generation,
    state,
    epoch: view.epoch,
    joinedEpoch: view.epoch,
    epochSecrets: [{ epoch: view.epoch, secret: view.epochSecret, endedBy: "" }],
    ...markedWith(before && isUpTo(before, view.epoch) ? before.marks : undefined, view),
    sealedSinceUpdate: 0,
    updatedAtMs: nowMs,
    pending: undefined,
  };
}

/** The group that takes the place of `before`, of which nothing may be left. */
export async function successorRecord(
  key: ConversationId,
  before: GroupRecord | undefined,
  state: GroupState,
  nowMs: number,
  marks?: EpochRun,
): Promise<GroupRecord> {
  return { ...(await firstGroupRecord(key, state, nowMs, marks)), revision: (before?.revision ?? 0) + 1 };
}

/** A step within the epoch: a message was sealed or opened. */
export function stepWithin(group: GroupRecord, state: GroupState, sealed: 0 | 1): GroupRecord {
  return { ...group, revision: group.revision + 1, state, sealedSinceUpdate: group.sealedSinceUpdate + sealed };
}

/** A step to the next epoch. Whatever commit of ours was waiting has lost, or is this one. */
export function stepEpoch(
  group: GroupRecord,
  state: GroupState,
  view: GroupView,
  /** MLSMessage bytes. */
  commit: Uint8Array,
  own: boolean,
  nowMs: number,
): GroupRecord {
  const [last, ...older] = group.epochSecrets;
  const ended = last === undefined ? older : [{ ...last, endedBy: commitHash(commit) }, ...older];
  return {
    ...group,
    revision: group.revision + 1,
    state,
    epoch: view.epoch,
    epochSecrets: [{ epoch: view.epoch, secret: view.epochSecret, endedBy: "" }, ...ended].slice(0, keptEpochs),
    ...markedWith(group.marks, view),
    sealedSinceUpdate: own ? 0 : group.sealedSinceUpdate,
    updatedAtMs: own ? nowMs : group.updatedAtMs,
    pending: undefined,
  };
}

/** Between two people a second winner of a slot is seen in the topic itself (§11). */
function markedWith(
  marks: Uint8Array | undefined,
  { context, epoch, epochSecret }: GroupView,
): Pick<GroupRecord, "marks"> {
  return context.kind === "group" ? { marks: marksWith(marks, epochMark(epochSecret, epoch)) } : {};
}

/** Whether they are those of before `epoch`, to the last. */
export function isUpTo({ first, marks }: EpochRun, epoch: number): boolean {
  return first + marks.length / epochMarkBytes === epoch;
}

/**
 * Of the epochs that this device had keys of, and before them as it was told when it came. `undefined`: none are kept, as of a
 * conversation between two.
 */
export function epochRunOf({ marks, epoch }: GroupRecord): EpochRun | undefined {
  return marks && { first: epoch - marks.length / epochMarkBytes + 1, marks };
}

/**
 * Whether this commit claims an epoch that ended with another one. Of an epoch that is not kept any more nobody can say:
 * it is then only old.
 */
export function claimsEndedEpoch(group: GroupRecord, epoch: number, commit: Uint8Array): boolean {
  const endedBy = group.epochSecrets.find((kept) => kept.epoch === epoch)?.endedBy ?? "";
  return endedBy !== "" && endedBy !== commitHash(commit);
}

function commitHash(commit: Uint8Array): string {
  return toHex(sha256(commit));
}

export function unchanged(group: GroupRecord): Expectation {
  return { table: "groups", key: group.key, revision: group.revision };
}

/** That the group is still `before`, or still not there. */
export function unchangedOrNone(key: ConversationId, before: GroupRecord | undefined): Expectation {
  return { table: "groups", key, revision: before?.revision };
}

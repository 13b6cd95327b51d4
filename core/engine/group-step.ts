/** Turns a step of an MLS state into the row that is written with it: revision, epoch and the epoch secrets kept (§2). */

import { type GroupState, type GroupView, viewGroup } from "../group/state.ts";
import { keptEpochs } from "../group/suite.ts";
import type { ConversationId, EnvelopeHash } from "../lang/brand.ts";
import type { GroupRecord } from "../ports/records.ts";
import type { Expectation } from "../ports/storage.ts";

/** `origin`: hash of the envelope that brought a successor; "" for a conversation's first group. */
export async function firstGroupRecord(
  key: ConversationId,
  state: GroupState,
  nowMs: number,
  origin: EnvelopeHash | "" = "",
): Promise<GroupRecord> {
  const view = await viewGroup(state);
  return {
    key,
    revision: 1,
    generation: view.context.generation,
    origin,
    state,
    epoch: view.epoch,
    epochSecrets: [{ epoch: view.epoch, secret: view.epochSecret }],
    sealedSinceUpdate: 0,
    updatedAtMs: nowMs,
    pending: undefined,
  };
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
  own: boolean,
  nowMs: number,
): GroupRecord {
  return {
    ...group,
    revision: group.revision + 1,
    state,
    epoch: view.epoch,
    epochSecrets: [{ epoch: view.epoch, secret: view.epochSecret }, ...group.epochSecrets].slice(0, keptEpochs),
    sealedSinceUpdate: own ? 0 : group.sealedSinceUpdate,
    updatedAtMs: own ? nowMs : group.updatedAtMs,
    pending: undefined,
  };
}

export function unchanged(group: GroupRecord): Expectation {
  return { table: "groups", key: group.key, revision: group.revision };
}

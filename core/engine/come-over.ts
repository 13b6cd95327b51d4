/**
 * Coming over to the part of a group that stays (§13.15): in which one a device is that was given a leaf, and what of the other
 * one does not hold any more. Writes nothing.
 */

import { markAt, type Split } from "../conversation/epoch-marks.ts";
import type { GroupEvent } from "../conversation/group-acts.ts";
import type { AccountId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupOfConversation } from "../ports/group-of-conversation.ts";
import type { ProfileRecord } from "../ports/people-records.ts";
import type { Change } from "../ports/storage.ts";
import type { EpochRun } from "../wire/epoch-marks.ts";
import { endedRow } from "./change-ended.ts";
import type { Context } from "./context.ts";

/** Newest lines of the timeline in which somebody may have come meanwhile. */
const lookedThrough = 500;

/** By the marks that whoever gave the leaf knows; `undefined`: these do not tell. */
export function splitWithin(split: Split | undefined, marks: EpochRun | undefined): Split | undefined {
  const mark = split && marks && markAt(marks, split.epoch);
  if (split === undefined || mark === undefined || split.side === "unknown") return undefined;
  const { asked: _, ...known } = split;
  return { ...known, side: toHex(mark) === split.mark ? "over" : "asks" };
}

/** Who came to the part that does not stay has to be added again, which is for a person to decide. */
export async function leftBehind(
  context: Context,
  conversation: ConversationRecord,
  { people }: GroupOfConversation,
  profile: ProfileRecord,
): Promise<readonly Change[]> {
  const here = new Set(people.map(({ account }) => account));
  const rows = await context.storage.ofConversation("messages", conversation.key, { limit: lookedThrough });
  const came = new Set(rows.flatMap(({ body }) => (body.kind === "event" ? arrivedBy(body.event) : [])));
  const gone = (conversation.group?.people ?? []).map(({ account }) => account).filter((one) => !here.has(one));
  const lost = gone.filter((account) => came.has(account) && account !== profile.account);
  if (lost.length === 0) return [];
  return [endedRow(context, { conversation, profile }, { kind: "add", people: lost }, "other-part", undefined)];
}

function arrivedBy(event: GroupEvent): readonly AccountId[] {
  if (event.kind === "added") return event.people;
  return event.kind === "joined" ? [event.account] : [];
}

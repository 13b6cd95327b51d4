/**
 * Content that waits in a group, sealed again for its epoch of now: the topic turned, or somebody it is for has a new leaf
 * (§13.4, §13.7). Who had it already knows it by its id. Writes nothing.
 */

import type { DeviceId, EnvelopeHash } from "../lang/brand.ts";
import { noBytes } from "../lang/bytes.ts";
import type { GroupRecord, MessageRecord, OutboxRecord, TopicRecord } from "../ports/records.ts";
import type { Change } from "../ports/storage.ts";
import { envelopeHash } from "../wire/envelope.ts";
import type { Context } from "./context.ts";
import { messageChanges } from "./message-row.ts";
import { sealSaid } from "./seal-said.ts";

export interface Now {
  readonly group: GroupRecord;
  readonly topic: TopicRecord;
  /** Devices with a leaf. Who has none any more is waited for no longer, and counts in no mark. */
  readonly here: ReadonlySet<DeviceId>;
  readonly wanted: (row: OutboxRecord) => boolean;
  /** Whether the keys may be used already: not with damaged ones, nor before it is known that they are the newest (§11). */
  readonly mayUse: boolean;
  /** Rows, by their key, of which the content got another number. */
  readonly renumbered?: ReadonlyMap<EnvelopeHash, OutboxRecord>;
}

/** The last row of the group among the changes is the one with every step in it. */
export async function sealedForNow(context: Context, about: Now): Promise<readonly Change[]> {
  const { group, topic, here, wanted, mayUse, renumbered } = about;
  const changes: Change[] = [];
  let now = group;
  for (const was of await context.storage.ofConversation("outbox", group.key)) {
    const row = renumbered?.get(was.key) ?? was;
    const waitingFor = row.waitingFor.filter((device) => here.has(device));
    if (waitingFor.length < row.waitingFor.length) changes.push(...(await withoutGone(context, row, here)));
    if (row.content === undefined || !wanted(row)) {
      // About keys or a commit in a topic that is none of this conversation's any more. Shared history has a topic of its own.
      const purpose = (await context.storage.get("topics", row.topic))?.purpose;
      if (row.topic !== topic.key && purpose?.kind !== "history-left")
        changes.push({ kind: "delete", table: "outbox", key: row.key });
      continue;
    }
    changes.push({ kind: "delete", table: "outbox", key: was.key });
    // Whoever it was still for is gone, and everybody else has it.
    if (waitingFor.length === 0 && row.ends === "acknowledged") continue;
    if (!mayUse) {
      changes.push({ kind: "put", table: "outbox", row: unsealed({ ...row, waitingFor }, row.content, topic) });
      continue;
    }
    const sealed = await sealSaid(context, now, topic, row.content, { ...row, waitingFor });
    now = sealed.group;
    changes.push(...sealed.changes.map((change) => stillFor(change, row, waitingFor, here)));
  }
  return changes;
}

/** It is sealed once the keys may be used. */
function unsealed(row: OutboxRecord, content: Uint8Array, { key: topic }: TopicRecord): OutboxRecord {
  return { ...row, key: envelopeHash(content), topic, envelope: noBytes, custodies: [], keepings: [] };
}

function stillFor(
  change: Change,
  before: OutboxRecord,
  waitingFor: readonly DeviceId[],
  here: ReadonlySet<DeviceId>,
): Change {
  if (change.kind === "put" && change.table === "messages") return { ...change, row: onlyHere(change.row, here) };
  if (change.kind !== "put" || change.table !== "outbox") return change;
  return { ...change, row: { ...change.row, waitingFor, sinceMs: before.sinceMs } };
}

function withoutGone(context: Context, row: OutboxRecord, here: ReadonlySet<DeviceId>): Promise<readonly Change[]> {
  return messageChanges(context, { message: row.message }, (message) => onlyHere(message, here));
}

function onlyHere(message: MessageRecord, here: ReadonlySet<DeviceId>): MessageRecord {
  const kept = Object.entries(message.deliveries).filter(([device]) => here.has(device as DeviceId));
  return { ...message, deliveries: Object.fromEntries(kept) };
}

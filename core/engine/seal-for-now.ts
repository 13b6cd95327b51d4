/**
 * Content that waits in a group, sealed again for its epoch of now: the topic turned, or somebody it is for has a new leaf
 * (§13.4, §13.7). Who had it already knows it by its id. Writes nothing.
 */

import type { DeviceId } from "../lang/brand.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import type { MessageRecord } from "../ports/message-record.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import type { Context } from "./context.ts";
import type { Renumbered } from "./have.ts";
import { messageChanges } from "./message-row.ts";
import { rowUnsealed } from "./outbox-row.ts";
import { overlayOn } from "./overlay.ts";
import { sealSaid } from "./seal-said.ts";

export interface Now {
  readonly group: GroupRecord;
  readonly topic: TopicRecord;
  /** Devices with a leaf. Who has none any more is waited for no longer, and counts in no mark. */
  readonly here: ReadonlySet<DeviceId>;
  readonly wanted: (row: OutboxRecord) => boolean;
  /** Whether the keys may be used already: not with damaged ones, nor before it is known that they are the newest (§11). */
  readonly mayUse: boolean;
  /** Of which the content got another number; their messages are among the changes. */
  readonly renumbered?: Pick<Renumbered, "messages" | "rows"> | undefined;
}

/** The row of the group among the changes is the one with every step in it. */
export async function sealedForNow(context: Context, about: Now): Promise<readonly Change[]> {
  const { group, renumbered } = about;
  // Several may carry one message, and what one of them changes there the next one must not take back.
  const overlay = overlayOn(context.storage);
  const within = { ...context, storage: overlay.storage };
  const moved = new Map(renumbered?.rows.map(({ before, after }) => [before.key, after]));
  overlay.add({ changes: (renumbered?.messages ?? []).map((row) => ({ kind: "put", table: "messages", row })) });
  let now = group;
  for (const { key } of await context.storage.ofConversation("outbox", group.key)) {
    const was = await within.storage.get("outbox", key);
    if (was === undefined) continue;
    const next = await rowForNow(within, { ...about, group: now }, was, moved.get(key) ?? was);
    now = next.group;
    overlay.add(next);
  }
  return overlay.batch.changes;
}

interface Next {
  readonly group: GroupRecord;
  readonly changes: readonly Change[];
}

/** `row`: what `was` is, or with another number. */
async function rowForNow(
  context: Context,
  { group, topic, here, wanted, mayUse }: Now,
  was: OutboxRecord,
  row: OutboxRecord,
): Promise<Next> {
  const waitingFor = row.waitingFor.filter((device) => here.has(device));
  const gone = waitingFor.length < row.waitingFor.length ? await withoutGone(context, row, here) : [];
  if (row.content === undefined || !wanted(row)) {
    // About keys or a commit in a topic that is none of this conversation's any more. Shared history has a topic of its own.
    const purpose = (await context.storage.get("topics", row.topic))?.purpose;
    const isOver = row.topic !== topic.key && purpose?.kind !== "history-left";
    return { group, changes: isOver ? [...gone, { kind: "delete", table: "outbox", key: row.key }] : gone };
  }
  const changes: Change[] = [...gone, { kind: "delete", table: "outbox", key: was.key }];
  // Whoever it was still for is gone, and everybody else has it.
  if (waitingFor.length === 0 && row.ends === "acknowledged") return { group, changes };
  if (!mayUse) {
    // It is sealed once the keys may be used.
    const waits = await rowUnsealed(context.storage, { ...row, content: row.content, topic: topic.key, waitingFor });
    return { group, changes: [...changes, { kind: "put", table: "outbox", row: waits }] };
  }
  const sealed = await sealSaid(context, group, topic, row.content, { ...row, waitingFor });
  const stillThere = sealed.changes.map((change) => stillFor(change, row, waitingFor, here));
  return { group: sealed.group, changes: [...changes, ...stillThere] };
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

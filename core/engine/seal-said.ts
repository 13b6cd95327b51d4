/**
 * Sealing what was said before: for the first time, because it waited, or once more. In a group a text is sealed only where it
 * may be said in the epoch of now (§13.10). Of one that may not, its number goes out without its words, so that nobody waits for
 * it (§8.2), and its author is told whom it does not reach. Writes nothing.
 */

import { mayWrite } from "../conversation/group-rights.ts";
import type { Delivery, Unsaid } from "../conversation/marks.ts";
import { viewGroup } from "../group/state.ts";
import type { DeviceId } from "../lang/brand.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import type { MessageRecord } from "../ports/message-record.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { decodeContent, encodeContent } from "../wire/content.ts";
import type { Context } from "./context.ts";
import { messageChanges } from "./message-row.ts";
import { type Carried, onlyFor, type Sealed, sealForConversation } from "./seal.ts";
import { isTooSoon, spacingOf } from "./slow-mode.ts";

type Row = Carried & Pick<OutboxRecord, "waitingFor"> & Partial<Pick<OutboxRecord, "refusals">>;

/** `row.waitingFor`: who is not known to have it. */
export async function sealSaid(
  context: Context,
  group: GroupRecord,
  topic: TopicRecord,
  bytes: Uint8Array,
  row: Row,
): Promise<Sealed> {
  const content = decodeContent(bytes);
  const message = row.message && (await context.storage.get("messages", row.message));
  const isText = content.ok && content.value.body.kind === "text";
  const why = message && isText ? await whyUnsaid(context, group, message) : undefined;
  if (!content.ok || why === undefined) return sealForConversation(context, group, topic, bytes, row);
  const unsaid = encodeContent({ ...content.value, body: { kind: "unsaid" } });
  const sealed = await sealForConversation(context, group, topic, unsaid, { ...row, unsaid: true });
  const about: Unsaid = { why, atMs: context.clock.now() };
  const told = await messageChanges(context, row, (one) => notFor(one, row.waitingFor, about));
  return { ...sealed, changes: [...sealed.changes, ...told] };
}

/** Why the text of this person may not be sealed in the group's epoch of now; `undefined`: it may. */
export async function whyUnsaid(
  context: Context,
  group: GroupRecord,
  message: MessageRecord,
): Promise<Unsaid["why"] | undefined> {
  const { context: about } = await viewGroup(group.state);
  if (about.kind !== "group") return undefined;
  const { facts } = about;
  if (!mayWrite(facts, message.author)) return "not-allowed";
  // One that was known to be too soon is shown to nobody, and said all the same: others are judged by it.
  const spacingMs = spacingOf(facts, message.author);
  if (message.body.kind === "too-soon" || spacingMs <= (message.spacingMs ?? 0)) return undefined;
  return (await isTooSoon(context.storage, message, spacingMs)) ? "too-soon" : undefined;
}

function notFor(message: MessageRecord, devices: readonly DeviceId[], unsaid: Unsaid): MessageRecord {
  const told = Object.entries(message.deliveries).map(([device, copy]): [string, Delivery] => {
    const isBarred = copy.deliveredAtMs === undefined && devices.includes(device as DeviceId);
    return [device, isBarred ? { ...copy, unsaid } : copy];
  });
  return { ...message, deliveries: Object.fromEntries(told) };
}

/**
 * The same content once more, for the group's epoch of now: what was sealed long ago and never left this device would be
 * refused by members who have dropped that epoch's keys. They recognise the message by its id if they had it after all.
 */
export async function sealAgain(
  context: Context,
  group: GroupRecord,
  topic: TopicRecord,
  row: OutboxRecord & { readonly content: Uint8Array },
): Promise<Sealed> {
  const sealed = await sealSaid(context, group, topic, row.content, row);
  const gone: Change = { kind: "delete", table: "outbox", key: row.key };
  const conversation = await context.storage.get("conversations", group.key);
  // Between two a successor group may have other devices of the same person. Who joined a group since is not waited for.
  const here = sealed.recipients.filter((device) => row.waitingFor.includes(device));
  const changes =
    conversation?.kind === "group" ? sealed.changes.map((change) => onlyFor(change, here)) : sealed.changes;
  return { ...sealed, changes: [gone, ...changes] };
}

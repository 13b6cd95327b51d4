/** Sending (DESIGN §6): seal, write everything in one batch, only then let the courier carry. */

import { tick } from "../conversation/clock.ts";
import { nothingHeard } from "../conversation/marks.ts";
import { messageIdOf, orderOf } from "../conversation/order.ts";
import type { ConversationId, DeviceId, MessageId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import { done, err, ok, type Result } from "../lang/result.ts";
import type { ConversationRecord, GroupRecord, MessageRecord, TopicRecord } from "../ports/records.ts";
import type { Batch, Change } from "../ports/storage.ts";
import { type Content, checkText, encodeContent } from "../wire/content.ts";
import { type Context, commit, conversationWithContact, me } from "./context.ts";
import type { SendFault, WriteFaultView } from "./face.ts";
import { unchanged } from "./group-step.ts";
import { sealForConversation } from "./seal.ts";

/** `kick` tells the courier that the conversation has something to carry. */
export async function sendText(
  context: Context,
  id: ConversationId,
  raw: string,
  kick: (id: ConversationId) => void,
): Promise<Result<MessageId, SendFault>> {
  const text = checkText(raw);
  if (!text.ok) return text;
  const sent = await context.turns(id, async (): Promise<Result<MessageId, SendFault>> => {
    const found = await conversationWithContact(context, id);
    if (!found.ok) return found;
    const { conversation, contact } = found.value;
    if (conversation.kind === "direct" && contact?.state !== "accepted") return err("not-allowed");
    const profile = await me(context);
    const number = conversation.sentNumber + 1;
    const body = { kind: "text", text: text.value } as const;
    const { content, order } = nextContent(context, conversation, profile.device, body, number);
    const message = messageIdOf(profile.device, content.id);
    const keys = await conversationKeys(context, conversation);
    // A note to self is sealed for nobody while this is the person's only device; everything else needs its keys.
    if (keys === undefined && conversation.kind !== "self") return err("not-allowed");
    const sealed =
      keys &&
      (await sealForConversation(context, keys.group, keys.topic, encodeContent(content), {
        order,
        ends: "acknowledged",
        message,
      }));
    const row: MessageRecord = {
      key: message,
      conversation: id,
      order,
      author: profile.account,
      authorDevice: profile.device,
      sentAtMs: content.clockMs,
      receivedAtMs: context.clock.now(),
      number,
      body,
      deliveries: Object.fromEntries((sealed?.recipients ?? []).map((device) => [device, nothingHeard])),
      held: [],
      trouble: undefined,
    };
    const written = await commit(context, {
      expect: keys ? [unchanged(keys.group)] : [],
      changes: [
        ...(sealed?.changes ?? []),
        { kind: "put", table: "messages", row },
        { kind: "put", table: "conversations", row: afterOwn(conversation, row, text.value, content) },
      ],
    });
    return written.ok ? ok(message) : written;
  });
  if (sent.ok) kick(id);
  return sent;
}

/** Sends content that is no message: a name, an acknowledgement. Its row ends with custody. Call within the conversation's turn. */
export async function sendQuiet(
  context: Context,
  id: ConversationId,
  body: Content["body"],
  alongside: (topic: TopicRecord) => readonly Change[] = () => [],
): Promise<Result<void, WriteFaultView>> {
  const batch = await quietBatch(context, id, body, alongside);
  return batch === undefined ? done : commit(context, batch);
}

/** What `sendQuiet` writes, for whoever writes more along with it. `undefined` where there are no keys to say it with. */
export async function quietBatch(
  context: Context,
  id: ConversationId,
  body: Content["body"],
  alongside: (topic: TopicRecord) => readonly Change[] = () => [],
): Promise<Required<Batch> | undefined> {
  const conversation = await context.storage.get("conversations", id);
  const keys = conversation && (await conversationKeys(context, conversation));
  if (conversation === undefined || keys === undefined) return undefined;
  const profile = await me(context);
  const { content, order } = nextContent(context, conversation, profile.device, body);
  const encoded = encodeContent(content);
  const row = { order, ends: "custody", message: undefined } as const;
  const sealed = await sealForConversation(context, keys.group, keys.topic, encoded, row);
  const { clockMs, clockCount } = content;
  return {
    expect: [unchanged(keys.group)],
    changes: [
      ...sealed.changes,
      { kind: "put", table: "conversations", row: { ...conversation, clockMs, clockCount } },
      ...alongside(keys.topic),
    ],
  };
}

/** The conversation's keys, or `undefined` while it has none that work. */
export async function conversationKeys(
  context: Context,
  conversation: ConversationRecord,
): Promise<{ readonly group: GroupRecord; readonly topic: TopicRecord } | undefined> {
  const group = await context.storage.get("groups", conversation.key);
  const topic = await context.storage.get("topics", conversation.topic);
  return group && topic && { group, topic };
}

/** The next content of this device and its place in the timeline; `number` where it is a message. */
export function nextContent(
  context: Context,
  conversation: ConversationRecord,
  device: DeviceId,
  body: Content["body"],
  number = 0,
): { readonly content: Content; readonly order: string } {
  const time = tick(conversation, context.clock.now());
  const id = toHex(context.random.bytes(8));
  return { content: { id, ...time, number, body }, order: orderOf(time, device, id) };
}

/** Sending clears the draft and counts as having read everything above. */
function afterOwn(
  conversation: ConversationRecord,
  row: MessageRecord,
  text: string,
  time: { clockMs: number; clockCount: number },
): ConversationRecord {
  return {
    ...conversation,
    clockMs: time.clockMs,
    clockCount: time.clockCount,
    draft: "",
    unread: 0,
    sentNumber: row.number,
    readUpTo: row.order,
    last: { order: row.order, text: preview(text), mine: true, atMs: row.sentAtMs },
  };
}

const previewCharacters = 140;

/** One line for the chat list. */
export function preview(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, previewCharacters);
}

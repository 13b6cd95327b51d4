/** Sending (invariant 2): seal, write everything in one batch, only then let the courier carry. */

import { nothingHeard } from "../conversation/marks.ts";
import { messageIdOf } from "../conversation/order.ts";
import { isReadable } from "../group/state.ts";
import type { ConversationId, DeviceId, MessageId } from "../lang/brand.ts";
import { done, err, ok, type Result } from "../lang/result.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { MessageRecord } from "../ports/message-record.ts";
import type { Batch, Change, Expectation } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { type Content, checkText, encodeContent } from "../wire/content.ts";
import { type Context, commit, me } from "./context.ts";
import type { SendFault, WriteFaultView } from "./face.ts";
import { unchanged } from "./group-step.ts";
import { maySeal } from "./keys-in-use.ts";
import { nextContent } from "./own-content.ts";
import { allRead } from "./reading.ts";
import { type Carried, sealForConversation, waitUnsealed } from "./seal.ts";
import { slowed, spaced, spacingOf } from "./slow-mode.ts";
import { audienceOf } from "./talking.ts";
import { whyNotSaid } from "./who-may-write.ts";

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
    const conversation = await context.storage.get("conversations", id);
    if (conversation === undefined) return err("no-such-conversation");
    const profile = await me(context);
    const number = conversation.sentNumber + 1;
    const body = { kind: "text", text: text.value } as const;
    const { content, order } = nextContent(context, conversation, profile.device, body, number);
    const barred = await whyNotSaid(context, conversation, profile.account, content.clockMs);
    if (barred !== undefined) return err(barred);
    const message = messageIdOf(profile.device, content.id);
    const about = { order, ends: "acknowledged", message } as const;
    const sealed = await sealOrWait(context, conversation, encodeContent(content), about);
    const { group } = conversation;
    const spacingMs = group === undefined ? 0 : spacingOf(group.facts, profile.account);
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
      deliveries: Object.fromEntries(sealed.recipients.map((device) => [device, nothingHeard])),
      held: [],
      keepings: [],
      trouble: undefined,
      ...spaced(spacingMs),
    };
    const written = await commit(context, {
      expect: sealed.expect,
      changes: [
        ...sealed.changes,
        { kind: "put", table: "messages", row },
        { kind: "put", table: "conversations", row: await afterOwn(context, conversation, row, text.value, content) },
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

/** What `sendQuiet` writes, for whoever writes more along with it; `also` into the conversation's row. `undefined` where there is nobody to say it to. */
export async function quietBatch(
  context: Context,
  id: ConversationId,
  body: Content["body"],
  alongside: (topic: TopicRecord) => readonly Change[] = () => [],
  also: Partial<ConversationRecord> = {},
): Promise<Required<Batch> | undefined> {
  const conversation = await context.storage.get("conversations", id);
  if (conversation === undefined || (await audienceOf(context, conversation)) === undefined) return undefined;
  const topic = await context.storage.get("topics", conversation.topic);
  if (topic === undefined) return undefined;
  const profile = await me(context);
  const { content, order } = nextContent(context, conversation, profile.device, body);
  const row = { order, ends: "custody", message: undefined } as const;
  const sealed = await sealOrWait(context, conversation, encodeContent(content), row);
  const { clockMs, clockCount } = content;
  return {
    expect: sealed.expect,
    changes: [
      ...sealed.changes,
      { kind: "put", table: "conversations", row: { ...conversation, ...also, clockMs, clockCount } },
      ...alongside(topic),
    ],
  };
}

export interface Prepared {
  readonly recipients: readonly DeviceId[];
  readonly expect: readonly Expectation[];
  readonly changes: readonly Change[];
}

/**
 * Sealed with the conversation's keys. With damaged ones nothing is sealed, it waits for the successor group; nor with keys
 * of which it is not known yet that an earlier run of a profile that was rolled back has not used them. A note to self
 * is for nobody while this is the person's only device, and so is what is said alone in a group.
 */
export async function sealOrWait(
  context: Context,
  conversation: ConversationRecord,
  content: Uint8Array,
  row: Carried,
): Promise<Prepared> {
  const audience = await audienceOf(context, conversation);
  if (audience === undefined) return { recipients: [], expect: [], changes: [] };
  const group = await context.storage.get("groups", conversation.key);
  const topic = await context.storage.get("topics", conversation.topic);
  const usable = maySeal(conversation) && group !== undefined && isReadable(group.state);
  if (!usable || !context.caughtUp.has(conversation.key) || topic === undefined) {
    const changes = [waitUnsealed(context, conversation, content, audience, row)];
    return { recipients: audience, expect: [], changes };
  }
  const { recipients, changes } = await sealForConversation(context, group, topic, content, row);
  return { recipients, expect: [unchanged(group)], changes };
}

/** Sending clears the draft and counts as having read everything above. */
async function afterOwn(
  context: Context,
  conversation: ConversationRecord,
  row: MessageRecord,
  text: string,
  time: { clockMs: number; clockCount: number },
): Promise<ConversationRecord> {
  return {
    ...(await allRead(context, conversation, row.order)),
    clockMs: time.clockMs,
    clockCount: time.clockCount,
    draft: "",
    sentNumber: row.number,
    last: { order: row.order, text: preview(text), mine: true, author: row.author, atMs: row.sentAtMs },
    ...slowed(row.spacingMs ?? 0),
  };
}

const previewCharacters = 140;

/** One line for the chat list. */
export function preview(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, previewCharacters);
}

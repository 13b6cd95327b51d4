/** Something that a person does in a group by saying it (§13.10): numbered like a message, so that nobody misses it unnoticed. */

import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { Batch } from "../ports/storage.ts";
import type { Content } from "../wire/content.ts";
import { encodeContent } from "../wire/content.ts";
import { type Context, me } from "./context.ts";
import { nextContent } from "./own-content.ts";
import { sealOrWait } from "./send.ts";

export interface ActSaid {
  readonly batch: Required<Batch>;
  /** With its clock and number; to be written, it is not in the batch. */
  readonly conversation: ConversationRecord;
  readonly content: Content;
  readonly order: string;
}

/** Call within the conversation's turn. */
export async function actSaid(
  context: Context,
  conversation: ConversationRecord,
  body: Content["body"],
  ends: OutboxRecord["ends"] = "acknowledged",
): Promise<ActSaid> {
  const { device } = await me(context);
  const number = conversation.sentNumber + 1;
  const { content, order } = nextContent(context, conversation, device, body, number);
  const row = { order, ends, message: undefined } as const;
  const { expect, changes } = await sealOrWait(context, conversation, encodeContent(content), row);
  const { clockMs, clockCount } = content;
  const spoken = { ...conversation, clockMs, clockCount, sentNumber: number };
  return { batch: { expect, changes }, conversation: spoken, content, order };
}

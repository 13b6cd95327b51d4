/** Rows of messages: what those have in common that go to nobody, and a change to the one that a row of the outbox carries. Writes nothing. */

import type { MessageRecord } from "../ports/message-record.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { Change } from "../ports/storage.ts";
import type { Context } from "./context.ts";

/** Of a message that is not this device's own, or that nobody else is to have. */
export const noCopies = { deliveries: {}, held: [], keepings: [], trouble: undefined } as const;

/** Nothing where the row carries none, or not its words, or `change` answers the message as it is. Call within the conversation's turn. */
export async function messageChanges(
  context: Context,
  { message: id, unsaid }: Pick<OutboxRecord, "message" | "unsaid">,
  change: (message: MessageRecord) => MessageRecord,
): Promise<readonly Change[]> {
  const message = id && unsaid === undefined && (await context.storage.get("messages", id));
  if (!message) return [];
  const row = change(message);
  return row === message ? [] : [{ kind: "put", table: "messages", row }];
}

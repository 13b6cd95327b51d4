/** What one own message shows: its mark, and on request every fact there is about it. Reads only. */

import { type Held, type Mark, weakestMark } from "../conversation/marks.ts";
import type { DeviceId, MessageId } from "../lang/brand.ts";
import type { Live } from "../lang/live.ts";
import type { ContactRecord, MessageRecord } from "../ports/records.ts";
import type { Context } from "./context.ts";
import type { MessageInfoView } from "./face.ts";

/** In a direct conversation everybody it is for is one person. */
export function markOf(row: MessageRecord, receipts: boolean, nowMs: number): Mark | undefined {
  const { deliveries, held, keepings, trouble } = row;
  return weakestMark({ persons: [Object.values(deliveries)], held, keepings, trouble }, receipts, nowMs);
}

export function messageInfoView(context: Context, id: MessageId): Live<MessageInfoView | undefined> {
  return context.storage.live(async (reader): Promise<MessageInfoView | undefined> => {
    const profile = await reader.get("profile", "me");
    const row = await reader.get("messages", id);
    if (profile === undefined || row?.author !== profile.account || row.body.kind === "notice") return undefined;
    const conversation = await reader.get("conversations", row.conversation);
    const contact = conversation?.contact && (await reader.get("contacts", conversation.contact));
    const waiting = await reader.ofConversation("outbox", row.conversation);
    const nowMs = context.clock.now();
    return {
      id,
      mark: markOf(row, profile.receipts, nowMs),
      sentAtMs: row.sentAtMs,
      // A promise from before schema 2 does not say whose it is.
      held: row.held.filter(({ node }) => node !== "").map((promise) => heldView(promise, nowMs)),
      keepings: await Promise.all(
        row.keepings.map(async ({ keeper, atMs, untilMs }) => {
          const name = (await reader.get("contacts", keeper))?.name ?? "";
          return { account: keeper, name, atMs, untilMs, state: untilMs <= nowMs ? "over" : "kept" } as const;
        }),
      ),
      recipients: contact ? recipientsOf(row, contact, profile.receipts) : [],
      trouble: row.trouble,
      underWay: waiting.some(({ message }) => message === id),
    };
  });
}

function heldView({ node, atMs, untilMs, brokenAtMs }: Held, nowMs: number): MessageInfoView["held"][number] {
  const over = untilMs <= nowMs ? "over" : "kept";
  return { node, atMs, untilMs, state: brokenAtMs === undefined ? over : "broken" };
}

function recipientsOf(row: MessageRecord, contact: ContactRecord, receipts: boolean): MessageInfoView["recipients"] {
  return (Object.keys(row.deliveries) as DeviceId[]).flatMap((device) => {
    const facts = row.deliveries[device];
    if (facts === undefined) return [];
    const readAtMs = receipts ? facts.readAtMs : undefined;
    return [{ account: contact.key, name: contact.name, device, ...facts, readAtMs }];
  });
}

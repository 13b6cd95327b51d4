/** What one own message shows: its mark, and on request every fact there is about it. Reads only. */

import { type Delivery, type Held, type Mark, reachOf, weakestMark } from "../conversation/marks.ts";
import type { AccountId, DeviceId, MessageId } from "../lang/brand.ts";
import type { Live } from "../lang/live.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { MessageRecord } from "../ports/message-record.ts";
import type { Reader } from "../ports/storage.ts";
import type { Context } from "./context.ts";
import type { MessageInfoView, MessageView } from "./face.ts";

/** Whose device it is. Between two everybody it is for is one person; of a group nothing counts of who is gone. */
export type Owner = (device: DeviceId) => AccountId | undefined;

export function ownerIn({ contact, group }: Pick<ConversationRecord, "contact" | "group">): Owner {
  if (group === undefined) return () => contact;
  const owners = new Map(group.people.flatMap(({ account, devices }) => devices.map((device) => [device, account])));
  return (device) => owners.get(device);
}

/** None of what nobody shows although it may have come: its words say so. */
export function markOf(row: MessageRecord, owner: Owner, receipts: boolean, nowMs: number): Mark | undefined {
  if (row.body.kind === "too-soon") return undefined;
  const { held, keepings, trouble } = row;
  return weakestMark({ persons: personsOf(row, owner), held, keepings, trouble }, receipts, nowMs);
}

/** `undefined` where it was for nobody. */
export function reachedOf(row: MessageRecord, owner: Owner, receipts: boolean): MessageView["reached"] {
  if (row.body.kind === "too-soon") return undefined;
  const reached = reachOf(personsOf(row, owner), receipts);
  return reached.of === 0 ? undefined : reached;
}

/** The author's own other devices are no person whom it reaches. */
function personsOf({ author, deliveries }: MessageRecord, owner: Owner): readonly (readonly Delivery[])[] {
  const persons = new Map<AccountId, Delivery[]>();
  for (const [device, copy] of Object.entries(deliveries)) {
    const account = owner(device as DeviceId);
    if (account !== undefined && account !== author) persons.set(account, [...(persons.get(account) ?? []), copy]);
  }
  return [...persons.values()];
}

export function messageInfoView(context: Context, id: MessageId): Live<MessageInfoView | undefined> {
  return context.storage.live(async (reader): Promise<MessageInfoView | undefined> => {
    const profile = await reader.get("profile", "me");
    const row = await reader.get("messages", id);
    if (profile === undefined || row?.author !== profile.account || !wasWritten(row)) return undefined;
    const conversation = await reader.get("conversations", row.conversation);
    const owner = conversation ? ownerIn(conversation) : () => undefined;
    const waiting = await reader.ofConversation("outbox", row.conversation);
    const nowMs = context.clock.now();
    return {
      id,
      mark: markOf(row, owner, profile.receipts, nowMs),
      sentAtMs: row.sentAtMs,
      // A promise from before schema 2 does not say whose it is.
      held: row.held.filter(({ node }) => node !== "").map((promise) => heldView(promise, nowMs)),
      keepings: await Promise.all(
        row.keepings.map(async ({ keeper, atMs, untilMs }) => {
          const name = (await reader.get("contacts", keeper))?.name ?? "";
          return { account: keeper, name, atMs, untilMs, state: untilMs <= nowMs ? "over" : "kept" } as const;
        }),
      ),
      recipients: await recipientsOf(reader, row, owner, profile.receipts),
      trouble: row.trouble,
      underWay: waiting.some(({ message, unsaid }) => message === id && unsaid === undefined),
    };
  });
}

/** By a person; not what this device or a commit has to tell. */
function wasWritten({ body }: MessageRecord): boolean {
  return body.kind === "text" || body.kind === "unknown" || body.kind === "removed";
}

function heldView({ node, atMs, untilMs, brokenAtMs }: Held, nowMs: number): MessageInfoView["held"][number] {
  const over = untilMs <= nowMs ? "over" : "kept";
  return { node, atMs, untilMs, state: brokenAtMs === undefined ? over : "broken" };
}

async function recipientsOf(
  reader: Reader,
  row: MessageRecord,
  owner: Owner,
  receipts: boolean,
): Promise<MessageInfoView["recipients"]> {
  const recipients = await Promise.all(
    (Object.keys(row.deliveries) as DeviceId[]).map(async (device) => {
      const account = owner(device);
      const contact = account && (await reader.get("contacts", account));
      const facts = row.deliveries[device];
      if (!contact || facts === undefined) return [];
      const readAtMs = receipts ? facts.readAtMs : undefined;
      return [{ account: contact.key, name: contact.knownAs || contact.name, device, ...facts, readAtMs }];
    }),
  );
  return recipients.flat();
}

/** What the interface sees of a timeline: committed messages (invariant 8), each with its marks. Reads only. */

import type { AccountId, ConversationId } from "../lang/brand.ts";
import type { Live } from "../lang/live.ts";
import type { MessageBody, MessageRecord } from "../ports/message-record.ts";
import type { ProfileRecord } from "../ports/people-records.ts";
import type { Context } from "./context.ts";
import type { MessageView, TimelineView } from "./face.ts";
import { markOf, type Owner, ownerIn, reachedOf } from "./message-info.ts";
import { blockedPeople } from "./reading.ts";
import { preview } from "./send.ts";

export function timelineView(context: Context, id: ConversationId, limit: number): Live<TimelineView> {
  return context.storage.live(async (reader) => {
    const profile = await reader.get("profile", "me");
    const rows = await reader.ofConversation("messages", id, { limit: limit + 1 });
    // Of what came too soon only its author is told.
    const isShown = ({ body, author }: MessageRecord) => body.kind !== "too-soon" || author === profile?.account;
    const shown = rows.slice(-limit).filter(isShown);
    const conversation = await reader.get("conversations", id);
    const isGroup = conversation?.group !== undefined;
    const reported = shown.flatMap(({ body }) => (body.kind === "reported" ? [body.message] : []));
    const about = await Promise.all(reported.map((message) => reader.get("messages", message)));
    const look: Look = {
      profile,
      owner: conversation === undefined ? () => undefined : ownerIn(conversation),
      isGroup,
      blocked: isGroup ? await blockedPeople(reader) : new Set(),
      nowMs: context.clock.now(),
      reported: about.flatMap((row) => (row?.conversation === id ? [row] : [])),
    };
    return { messages: shown.map((row) => messageOf(row, look)), more: rows.length > limit };
  });
}

interface Look {
  readonly profile: ProfileRecord | undefined;
  readonly owner: Owner;
  readonly isGroup: boolean;
  readonly blocked: ReadonlySet<AccountId>;
  readonly nowMs: number;
  /** Messages that somebody asks to look at. */
  readonly reported: readonly MessageRecord[];
}

function messageOf(row: MessageRecord, { profile, owner, isGroup, blocked, nowMs, reported }: Look): MessageView {
  const mine = row.author === profile?.account;
  const receipts = profile?.receipts ?? false;
  const isWords = row.body.kind === "text" || row.body.kind === "unknown";
  return {
    id: row.key,
    order: row.order,
    mine,
    author: row.author,
    sentAtMs: row.sentAtMs,
    body: bodyOf(row.body, reported),
    hidden: isWords && blocked.has(row.author),
    sharedBy: row.sharedBy,
    mark: mine && row.sharedBy === undefined ? markOf(row, owner, receipts, nowMs) : undefined,
    reached: mine && isGroup && isWords && row.sharedBy === undefined ? reachedOf(row, owner, receipts) : undefined,
  };
}

function bodyOf(body: MessageBody, reported: Look["reported"]): MessageView["body"] {
  switch (body.kind) {
    case "unknown":
      return { kind: "unknown" };
    case "change-ended": {
      const { act, why, by } = body;
      return { kind: "change-ended", end: { act, why, by } };
    }
    case "reported": {
      const about = reported.find(({ key }) => key === body.message);
      const isThere = about?.body.kind === "text";
      return {
        kind: "reported",
        words: body.words,
        about: isThere ? { author: about.author, text: preview(about.body.text) } : undefined,
      };
    }
    default:
      return body;
  }
}

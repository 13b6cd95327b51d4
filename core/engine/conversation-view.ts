/** What the interface sees of a conversation, in the list and opened: committed rows (invariant 8), joined with who is here now. Reads only. */

import type { AccountId, ConversationId } from "../lang/brand.ts";
import type { Live } from "../lang/live.ts";
import { joinLive } from "../lang/live-join.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { ContactRecord, ProfileRecord } from "../ports/people-records.ts";
import type { Reader } from "../ports/storage.ts";
import type { Context } from "./context.ts";
import type { ConversationSummary, ConversationView, NodeView } from "./face.ts";
import { missingIn, type Overdue } from "./gaps.ts";
import { groupRows, groupViewOf } from "./group-view.ts";
import { markOf, ownerIn, reachedOf } from "./message-info.ts";
import { heardOf, personOf, presenceOf, type Surroundings, standingOf } from "./person-view.ts";
import { isTheirs, unreadMargin } from "./reading.ts";

export function conversationsView(context: Context, around: Live<Surroundings>): Live<readonly ConversationSummary[]> {
  const rows = context.storage.live(async (reader) => {
    const profile = await reader.get("profile", "me");
    const contacts = new Map((await reader.all("contacts")).map((row) => [row.key, row]));
    return Promise.all(
      (await reader.all("conversations")).map(async (row) => ({
        row,
        contact: (row.contact && contacts.get(row.contact)) || undefined,
        last: await lastOf(
          reader,
          row,
          profile,
          row.last?.author ? contacts.get(row.last.author) : undefined,
          context.clock.now(),
        ),
      })),
    );
  });
  return joinLive(rows, around, (all, now) =>
    all
      .map(({ row, contact, last }) => summaryOf(row, contact, last, now))
      .sort((a, b) => b.activeAtMs - a.activeAtMs || (a.id < b.id ? -1 : 1)),
  );
}

export function conversationView(
  context: Context,
  id: ConversationId,
  around: Live<Surroundings>,
  overdue: Live<Overdue>,
  nodes: Live<readonly NodeView[]>,
): Live<ConversationView | undefined> {
  const rows = context.storage.live(async (reader) => {
    const row = await reader.get("conversations", id);
    const profile = await reader.get("profile", "me");
    if (row === undefined || profile === undefined) return undefined;
    const contact = row.contact && (await reader.get("contacts", row.contact));
    const author = row.last?.author ? await reader.get("contacts", row.last.author) : undefined;
    const nowMs = context.clock.now();
    return {
      row,
      profile,
      contact: contact || undefined,
      last: await lastOf(reader, row, profile, author, nowMs),
      group: await groupRows(reader, row, profile, nowMs),
      firstUnread: await firstUnread(reader, row, profile.account),
    };
  });
  const late = joinLive(rows, overdue, (found, now) => found && { ...found, missing: missingIn(found.row, now) });
  const situation = joinLive(around, nodes, (now, reached) => ({ now, reached }));
  return joinLive(late, situation, (found, { now, reached }) => {
    if (found === undefined) return undefined;
    const { row, profile, contact, last, group, firstUnread, missing } = found;
    return {
      ...summaryOf(row, contact, last, now),
      person: contact && personOf(contact, profile, now),
      group: group && groupViewOf(group, now, reached),
      firstUnread,
      typing: heardOf(row.contact, now).some((one) => one.typing) || now.typing.has(row.key),
      nodes: row.nodes,
      healingSinceMs: row.healing?.sinceMs,
      missing,
    };
  });
}

/** What a conversation tells of itself after its last words. Behind more of it the words show no mark in the list. */
const linesAfterLast = 4;

async function lastOf(
  reader: Reader,
  row: ConversationRecord,
  profile: ProfileRecord | undefined,
  author: ContactRecord | undefined,
  nowMs: number,
): Promise<ConversationSummary["last"]> {
  const { key, kind, last } = row;
  if (last === undefined) return undefined;
  const { text, mine, atMs, without } = last;
  const isHidden = kind === "group" && !mine && author?.state === "blocked";
  const said = isHidden
    ? ({ text: "", mine, atMs, without: "blocked" } as const)
    : { text, mine, atMs, ...(without && { without }) };
  const from = kind === "group" && !mine ? author && (author.knownAs || author.name) : undefined;
  const newest = mine ? await reader.ofConversation("messages", key, { limit: linesAfterLast + 1 }) : [];
  const message = newest.find(({ order }) => order === last.order);
  if (message === undefined) return { ...said, from, mark: undefined, reached: undefined };
  const receipts = profile?.receipts ?? false;
  const owner = ownerIn(row);
  const reached = kind === "group" ? reachedOf(message, owner, receipts) : undefined;
  return { ...said, from, mark: markOf(message, owner, receipts, nowMs), reached };
}

async function firstUnread(reader: Reader, row: ConversationRecord, own: AccountId) {
  if (row.unread === 0) return undefined;
  const newest = await reader.ofConversation("messages", row.key, { limit: row.unread + unreadMargin });
  return newest.find((message) => isTheirs(message, own) && message.order > row.readUpTo)?.key;
}

function summaryOf(
  row: ConversationRecord,
  contact: ContactRecord | undefined,
  last: ConversationSummary["last"],
  now: Surroundings,
): ConversationSummary {
  return {
    id: row.key,
    kind: row.kind,
    title: row.group?.facts.name ?? contact?.name ?? "",
    emoji: row.group?.facts.emoji ?? "",
    contact: row.contact,
    standing: contact && standingOf(contact),
    presence: presenceOf(contact, now),
    unread: row.unread,
    draft: row.draft,
    last,
    muted: row.muted,
    activeAtMs: row.last?.atMs ?? row.sinceMs,
  };
}

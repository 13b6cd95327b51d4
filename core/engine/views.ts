/** What the interface sees: committed rows, joined with who is here now (invariant 8). Reads only. */

import { safetyNumber } from "../identity/safety-number.ts";
import type { AccountId, ConversationId } from "../lang/brand.ts";
import type { Live } from "../lang/live.ts";
import { joinLive } from "../lang/live-join.ts";
import type {
  ContactRecord,
  ConversationRecord,
  InviteRecord,
  MessageBody,
  MessageRecord,
  ProfileRecord,
} from "../ports/records.ts";
import type { Reader } from "../ports/storage.ts";
import type { Context } from "./context.ts";
import type {
  ContactStanding,
  ContactView,
  ConversationSummary,
  ConversationView,
  InviteView,
  MessageView,
  NodeView,
  PathView,
  PresenceView,
  ProfileView,
  TimelineView,
} from "./face.ts";
import { missingIn, type Overdue } from "./gaps.ts";
import type { TypingPeople } from "./group-typing.ts";
import { groupRows, groupViewOf } from "./group-view.ts";
import type { LinkedDevices } from "./links.ts";
import { markOf, type Owner, ownerIn, reachedOf } from "./message-info.ts";
import type { Heard, HeardDevices } from "./presence.ts";
import { blockedPeople, isTheirs, unreadMargin } from "./reading.ts";
import { devicesOf } from "./roster.ts";

export interface Surroundings {
  readonly heard: HeardDevices;
  readonly linked: LinkedDevices;
  readonly typing: TypingPeople;
}

export function profileView(context: Context): Live<ProfileView> {
  return context.storage.live(async (reader): Promise<ProfileView> => {
    const profile = await reader.get("profile", "me");
    if (profile === undefined) return { kind: "none" };
    const { account, device, name, nodes, receipts, relayOnly } = profile;
    return { kind: "person", account, device, name, nodes, receipts, relayOnly };
  });
}

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
  const { text, mine, atMs } = last;
  const from = kind === "group" && !mine ? author && (author.knownAs || author.name) : undefined;
  const newest = mine ? await reader.ofConversation("messages", key, { limit: linesAfterLast + 1 }) : [];
  const message = newest.find(({ order }) => order === last.order);
  if (message === undefined) return { text, mine, atMs, from, mark: undefined, reached: undefined };
  const receipts = profile?.receipts ?? false;
  const owner = ownerIn(row);
  const reached = kind === "group" ? reachedOf(message, owner, receipts) : undefined;
  return { text, mine, atMs, from, mark: markOf(message, owner, receipts, nowMs), reached };
}

async function firstUnread(reader: Reader, row: ConversationRecord, own: AccountId) {
  if (row.unread === 0) return undefined;
  const newest = await reader.ofConversation("messages", row.key, { limit: row.unread + unreadMargin });
  return newest.find((message) => isTheirs(message, own) && message.order > row.readUpTo)?.key;
}

export function timelineView(context: Context, id: ConversationId, limit: number): Live<TimelineView> {
  return context.storage.live(async (reader) => {
    const profile = await reader.get("profile", "me");
    const rows = await reader.ofConversation("messages", id, { limit: limit + 1 });
    // Of what came too soon only its author is told.
    const isShown = ({ body, author }: MessageRecord) => body.kind !== "too-soon" || author === profile?.account;
    const shown = rows.slice(-limit).filter(isShown);
    const conversation = await reader.get("conversations", id);
    const isGroup = conversation?.group !== undefined;
    const look: Look = {
      profile,
      owner: conversation === undefined ? () => undefined : ownerIn(conversation),
      isGroup,
      blocked: isGroup ? await blockedPeople(reader) : new Set(),
      nowMs: context.clock.now(),
    };
    return { messages: shown.map((row) => messageOf(row, look)), more: rows.length > limit };
  });
}

export function invitesView(context: Context): Live<readonly InviteView[]> {
  return context.storage.live(async (reader) => {
    const names = new Map((await reader.all("contacts")).map((row) => [row.key, row.name]));
    const nowMs = context.clock.now();
    return (await reader.all("invites"))
      .filter((row) => !row.withdrawn)
      .map((row) => inviteOf(row, nowMs, row.usedBy && names.get(row.usedBy)))
      .sort((a, b) => b.createdAtMs - a.createdAtMs);
  });
}

export function inviteOf(row: InviteRecord, nowMs: number, usedBy?: string): InviteView {
  const { key: id, link, createdAtMs, expiresAtMs } = row;
  const used = row.usedBy !== undefined || (row.keyPackage === undefined && row.expiresAtMs > nowMs);
  const fresh = row.published ? "ready" : "preparing";
  const state = used ? "used" : expiresAtMs <= nowMs ? "expired" : fresh;
  return { id, link, createdAtMs, expiresAtMs, state, usedBy };
}

interface Look {
  readonly profile: ProfileRecord | undefined;
  readonly owner: Owner;
  readonly isGroup: boolean;
  readonly blocked: ReadonlySet<AccountId>;
  readonly nowMs: number;
}

function messageOf(row: MessageRecord, { profile, owner, isGroup, blocked, nowMs }: Look): MessageView {
  const mine = row.author === profile?.account;
  const receipts = profile?.receipts ?? false;
  const isWords = row.body.kind === "text" || row.body.kind === "unknown";
  return {
    id: row.key,
    order: row.order,
    mine,
    author: row.author,
    sentAtMs: row.sentAtMs,
    body: bodyOf(row.body),
    hidden: isWords && blocked.has(row.author),
    sharedBy: row.sharedBy,
    mark: mine && row.sharedBy === undefined ? markOf(row, owner, receipts, nowMs) : undefined,
    reached: mine && isGroup && isWords && row.sharedBy === undefined ? reachedOf(row, owner, receipts) : undefined,
  };
}

function bodyOf(body: MessageBody): MessageView["body"] {
  switch (body.kind) {
    case "unknown":
      return { kind: "unknown" };
    case "change-ended": {
      const { act, why, by } = body;
      return { kind: "change-ended", end: { act, why, by } };
    }
    default:
      return body;
  }
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

function personOf(contact: ContactRecord, profile: ProfileRecord, now: Surroundings): ContactView {
  return {
    account: contact.key,
    name: contact.name,
    standing: standingOf(contact),
    verified: contact.verified,
    safetyNumber: safetyNumber(profile.account, contact.key),
    sinceMs: contact.sinceMs,
    devices: devicesOf(contact).length,
    presence: presenceOf(contact, now),
    path: pathOf(contact, now),
    relayOnly: contact.relayOnly,
    keepsFor: contact.keepsFor,
    keeper: contact.keeper,
  };
}

function standingOf(contact: ContactRecord): ContactStanding {
  switch (contact.state) {
    case "requested":
      return "request";
    case "accepted":
      return contact.answered ? "connected" : "invited";
    case "blocked":
    case "invite-used":
    case "stranger":
      return contact.state;
  }
}

function heardOf(account: AccountId | undefined, now: Surroundings): readonly Heard[] {
  return account === undefined ? [] : [...now.heard.values()].filter((one) => one.account === account);
}

/** A link is a stronger sign than a signal: it was proved, and it ends when the other end does. */
export function presenceOf(contact: ContactRecord | undefined, now: Surroundings): PresenceView {
  const devices = heardOf(contact?.key, now);
  const isLinked = contact !== undefined && devicesOf(contact).some((device) => now.linked.has(device));
  if (isLinked || devices.some((one) => one.here)) return { kind: "here" };
  if (devices.length === 0) return { kind: "unknown" };
  return { kind: "away", lastHeardMs: Math.max(...devices.map((one) => one.lastHeardMs)) };
}

/** The weakest of the links to their devices; the node where one has none. */
export function pathOf(contact: ContactRecord, now: Surroundings): PathView {
  const paths = devicesOf(contact).map((device) => now.linked.get(device));
  if (paths.length === 0 || paths.includes(undefined)) return "node";
  return paths.includes("relayed") ? "relayed" : "direct";
}

export function surroundings(
  heard: Live<HeardDevices>,
  linked: Live<LinkedDevices>,
  typing: Live<TypingPeople>,
): Live<Surroundings> {
  const devices = joinLive(heard, linked, (a, b) => ({ heard: a, linked: b }));
  return joinLive(devices, typing, (around, people) => ({ ...around, typing: people }));
}

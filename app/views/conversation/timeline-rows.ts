/** From messages to the rows of the timeline: days, groups, the unread line. Pure; knows no words and no clock. */
import type { MessageView } from "@kith/core";
import { startOfDay } from "../../i18n/time.ts";
import { isFailed } from "./failed-mark.ts";

export type TimelineRow =
  /** `older`: more lie before; `beginning`: this is the first message there ever was. */
  | { readonly kind: "older" | "beginning"; readonly key: string }
  | { readonly kind: "day"; readonly key: string; readonly atMs: number }
  | { readonly kind: "unread"; readonly key: string }
  /** What this device or the group tells: nobody's words, no mark. */
  | { readonly kind: "notice"; readonly key: string; readonly message: MessageView }
  | {
      readonly kind: "message";
      readonly key: string;
      readonly message: MessageView;
      /** First and last of its group. */
      readonly first: boolean;
      readonly last: boolean;
      /**
       * Time and mark are shown on the last of a group, and wherever the mark differs from the last one's or the next
       * one's, or asks for something.
       */
      readonly detail: boolean;
      /** The newest of my own: its mark is said in words, not by a sign alone. */
      readonly newestOwn: boolean;
    };

/** Messages of one person closer together than this belong together. */
const groupGapMs = 5 * 60_000;

export function timelineRows(
  messages: readonly MessageView[],
  options: { readonly more: boolean; readonly unreadFrom: string | undefined },
): TimelineRow[] {
  const rows: TimelineRow[] = [
    options.more ? { kind: "older", key: "older" } : { kind: "beginning", key: "beginning" },
  ];
  const newestOwn = messages.findLast(
    (message) => message.mine && !isNotice(message) && message.body.kind !== "removed",
  )?.id;
  const ends = groupEnds(messages, options.unreadFrom);
  messages.forEach((message, index) => {
    const end = ends[index] ?? message;
    const before = messages[index - 1];
    const after = messages[index + 1];
    const newDay = !before || startOfDay(before.sentAtMs) !== startOfDay(message.sentAtMs);
    const unreadHere = message.id === options.unreadFrom;
    if (newDay) rows.push({ kind: "day", key: `day ${message.id}`, atMs: message.sentAtMs });
    if (unreadHere) rows.push({ kind: "unread", key: "unread" });
    if (isNotice(message)) {
      rows.push({ kind: "notice", key: message.id, message });
      return;
    }
    const last = end === message;
    rows.push({
      kind: "message",
      key: message.id,
      message,
      first: !before || unreadHere || !together(before, message),
      last,
      detail: last || isFailed(message.mark) || !marksAlike(message, end) || !marksAlike(message, after ?? end),
      newestOwn: message.id === newestOwn,
    });
  });
  return rows;
}

/** For each message the last one of its group. */
function groupEnds(messages: readonly MessageView[], unreadFrom: string | undefined): readonly MessageView[] {
  const ends = [...messages];
  for (let index = messages.length - 2; index >= 0; index--) {
    const [message, after, end] = [messages[index], messages[index + 1], ends[index + 1]];
    if (message && after && end && after.id !== unreadFrom && together(message, after)) ends[index] = end;
  }
  return ends;
}

const notices: ReadonlySet<MessageView["body"]["kind"]> = new Set(["notice", "event", "change-ended", "reported"]);
const isNotice = (message: MessageView) => notices.has(message.body.kind);

function marksAlike(a: MessageView, b: MessageView): boolean {
  if (a.mark?.kind !== b.mark?.kind) return false;
  return a.reached?.delivered === b.reached?.delivered && a.reached?.read === b.reached?.read;
}

function together(a: MessageView, b: MessageView): boolean {
  if (isNotice(a) || isNotice(b)) return false;
  const apartMs = b.sentAtMs - a.sentAtMs;
  return a.author === b.author && apartMs <= groupGapMs && startOfDay(a.sentAtMs) === startOfDay(b.sentAtMs);
}

/** A row that stands for an entry of the timeline, under its id. */
const isEntry = (row: TimelineRow) => row.kind === "message" || row.kind === "notice";
const firstMessage = (rows: readonly TimelineRow[]) => rows.find(isEntry)?.key;
const lastMessage = (rows: readonly TimelineRow[]) => rows.findLast(isEntry)?.key;

/** Whether rows were added or taken away above what stays. */
export function grewUpwards(before: readonly TimelineRow[], after: readonly TimelineRow[]): boolean {
  const first = firstMessage(before);
  return first !== undefined && first !== firstMessage(after) && lastMessage(before) === lastMessage(after);
}

/**
 * When messages came both before and after the shown ones: those up to the newest shown. Undefined when they came at one
 * end only, or when nothing is shown yet.
 */
export function onlyAbove(
  before: readonly TimelineRow[],
  messages: readonly MessageView[],
): readonly MessageView[] | undefined {
  const first = messages.findIndex((message) => message.id === firstMessage(before));
  const last = messages.findIndex((message) => message.id === lastMessage(before));
  return first > 0 && last >= 0 && last < messages.length - 1 ? messages.slice(0, last + 1) : undefined;
}

/** How many of the oldest shown messages are no longer in the window. */
export function droppedAbove(before: readonly TimelineRow[], messages: readonly MessageView[]): number {
  const oldest = messages[0]?.id;
  const shown = before.filter(isEntry);
  const at = shown.findIndex((row) => row.key === oldest);
  return Math.max(0, at);
}

/** Messages of others after the one with this id. */
export function newSince(messages: readonly MessageView[], seen: string | undefined): number {
  const at = messages.findIndex((message) => message.id === seen);
  return at < 0 ? 0 : messages.slice(at + 1).filter((message) => !message.mine && !isNotice(message)).length;
}

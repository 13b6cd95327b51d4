/** Points in time in words: calendar of the device, language of the dictionary, clock (12 or 24 hours) as the person is used to. */
import { t } from "./words.ts";

const language = "en-GB";
const hourCycle = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions().hourCycle ?? "h23";

const clock = new Intl.DateTimeFormat(language, {
  hour: hourCycle.startsWith("h1") ? "numeric" : "2-digit",
  minute: "2-digit",
  hourCycle,
});
const weekday = new Intl.DateTimeFormat(language, { weekday: "long" });
const shortWeekday = new Intl.DateTimeFormat(language, { weekday: "short" });
const dayMonth = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
const longDay = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" });
const fullDay = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", year: "numeric" });
const shortDate = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric" });
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Midnight of the day, local time. */
export function startOfDay(atMs: number): number {
  return new Date(atMs).setHours(0, 0, 0, 0);
}

/** Whole calendar days from `atMs` to `nowMs`. Rounded, because a day of clock change is not 24 hours long. */
export function daysAgo(atMs: number, nowMs: number): number {
  return Math.round((startOfDay(nowMs) - startOfDay(atMs)) / dayMs);
}

export const timeOfDay = (atMs: number): string => clock.format(atMs);

/** The pill above a day's messages. */
export function dayInWords(atMs: number, nowMs: number): string {
  const days = daysAgo(atMs, nowMs);
  if (days === 0) return t("time.today");
  if (days === 1) return t("time.yesterday");
  if (days > 1 && days < 7) return weekday.format(atMs);
  return new Date(atMs).getFullYear() === new Date(nowMs).getFullYear() ? longDay.format(atMs) : fullDay.format(atMs);
}

/** The few letters at the end of a line of the chat list. */
export function shortMoment(atMs: number, nowMs: number): string {
  const days = daysAgo(atMs, nowMs);
  if (days <= 0) return timeOfDay(atMs);
  if (days === 1) return t("time.yesterday");
  if (days < 7) return shortWeekday.format(atMs);
  return new Date(atMs).getFullYear() === new Date(nowMs).getFullYear()
    ? dayMonth.format(atMs)
    : shortDate.format(atMs);
}

/** In the middle of a sentence: "14:20", "Tuesday at 14:20". */
export function moment(atMs: number, nowMs: number): string {
  if (daysAgo(atMs, nowMs) === 0) return timeOfDay(atMs);
  const day = daysAgo(atMs, nowMs) === 1 ? t("time.yesterdayInside") : dayInWords(atMs, nowMs);
  return t("time.at", { day, time: timeOfDay(atMs) });
}

export const date = (atMs: number): string => dayMonth.format(atMs);
export const dateWithYear = (atMs: number): string => fullDay.format(atMs);

/** "in 6 days", "2 hours ago". */
export function fromNow(atMs: number, nowMs: number): string {
  const away = atMs - nowMs;
  const size = Math.abs(away);
  if (size < hourMs) return relative.format(Math.round(away / minuteMs), "minute");
  if (size < dayMs) return relative.format(Math.round(away / hourMs), "hour");
  return relative.format(Math.round(away / dayMs), "day");
}

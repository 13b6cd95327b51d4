/** The state of an own message in a few words and in a sentence. Each is backed by a fact of the engine. */
import type { MessageMark, MessageView, TroubleView, UnsaidView } from "@kith/core";
import { hostOf } from "../../i18n/people-words.ts";
import { date, dateWithYear, moment } from "../../i18n/time.ts";
import { type SentenceKey, t } from "../../i18n/words.ts";
import { reachedInWords } from "../group/reached-words.ts";

export interface MarkWords {
  readonly short: string;
  readonly long: string;
}

export function markInWords(mark: MessageMark, name: string, nowMs: number): MarkWords {
  switch (mark.kind) {
    case "saved":
      return { short: t("mark.saved"), long: t("mark.savedLong", { name }) };
    case "held":
      return {
        short: t("mark.held", { date: date(mark.untilMs) }),
        long: t("mark.heldLong", { name, date: dateWithYear(mark.untilMs) }),
      };
    case "kept":
      return {
        short: t("mark.kept", { date: date(mark.untilMs) }),
        long: t("mark.keptLong", { name, date: dateWithYear(mark.untilMs) }),
      };
    case "delivered":
      return { short: t("mark.delivered"), long: t("mark.deliveredLong", { name, time: moment(mark.atMs, nowMs) }) };
    case "read":
      return { short: t("mark.read"), long: t("mark.readLong", { name, time: moment(mark.atMs, nowMs) }) };
    case "trouble":
      return troubleInWords(mark.trouble);
    case "refused":
      return { short: t("mark.refused"), long: t("mark.refusedLong", { name }) };
    case "expired":
      return { short: t("mark.expired"), long: t("mark.expiredLong") };
    case "unsaid":
      return { short: t("group.unsaid"), long: unsaidInWords(mark, nowMs) };
  }
}

/** The rules of a group forbade it before everybody had it. */
export function unsaidInWords({ why, atMs }: UnsaidView, nowMs: number): string {
  return t(why === "not-allowed" ? "group.unsaidAdmins" : "group.unsaidTooSoon", { time: moment(atMs, nowMs) });
}

/** Of an own message to one person, or to a group: there it counts the persons. */
export function ownMarkInWords(message: OwnMessage, name: string, nowMs: number): MarkWords | undefined {
  const { mark, reached } = message;
  if (!mark) return undefined;
  return reached ? reachedInWords(mark, reached, nowMs) : markInWords(mark, name, nowMs);
}

export type OwnMessage = Pick<MessageView, "mark" | "reached">;

const troubleWords: Readonly<Record<TroubleView["what"], readonly [short: SentenceKey, long: SentenceKey]>> = {
  full: ["mark.full", "mark.fullLong"],
  refused: ["mark.turnedAway", "mark.turnedAwayLong"],
  "broke-promise": ["mark.brokePromise", "mark.brokePromiseLong"],
};

export function troubleInWords(trouble: TroubleView): MarkWords {
  const [short, long] = troubleWords[trouble.what];
  return { short: t(short), long: t(long, { host: hostOf(trouble.node) }) };
}

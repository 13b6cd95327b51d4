/** The state of an own message in a few words and in a sentence. Each is backed by a fact of the engine. */
import type { MessageMark } from "@kith/core";
import { date, dateWithYear, moment } from "../../i18n/time.ts";
import { t } from "../../i18n/words.ts";

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
    case "delivered":
      return { short: t("mark.delivered"), long: t("mark.deliveredLong", { name, time: moment(mark.atMs, nowMs) }) };
    case "refused":
      return { short: t("mark.refused"), long: t("mark.refusedLong", { name }) };
    case "expired":
      return { short: t("mark.expired"), long: t("mark.expiredLong") };
  }
}

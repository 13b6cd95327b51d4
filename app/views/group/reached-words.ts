/** The state of an own message in a group: to how many it came, and how many let it be seen that they read it. */
import type { MessageMark, MessageView } from "@kith/core";
import { date, dateWithYear } from "../../i18n/time.ts";
import { t, tCount } from "../../i18n/words.ts";
import { type MarkWords, troubleInWords, unsaidInWords } from "../conversation/mark-words.ts";

type Reached = NonNullable<MessageView["reached"]>;

export function reachedInWords(mark: MessageMark, reached: Reached, nowMs: number): MarkWords {
  if (mark.kind === "trouble") return troubleInWords(mark.trouble);
  if (mark.kind === "expired") return { short: t("mark.expired"), long: t("mark.expiredLong") };
  if (mark.kind === "refused") return { short: t("mark.refused"), long: t("group.refusedLong") };
  if (mark.kind === "unsaid") {
    const delivered = t("group.markDelivered", { count: reached.delivered, of: reached.of });
    const short = reached.delivered > 0 ? t("group.unsaidTo", { delivered }) : t("group.unsaid");
    return { short, long: unsaidInWords(mark, nowMs) };
  }
  if (reached.delivered > 0) return { short: counted(reached), long: t("group.markLong") };
  switch (mark.kind) {
    case "held":
      return heldUntil(mark.untilMs);
    case "kept":
      return {
        short: t("mark.kept", { date: date(mark.untilMs) }),
        long: t("group.keptLong", { date: dateWithYear(mark.untilMs) }),
      };
    case "saved":
    case "delivered":
    case "read":
      return { short: t("mark.saved"), long: t("group.savedLong") };
  }
}

const heldUntil = (untilMs: number): MarkWords => ({
  short: t("mark.held", { date: date(untilMs) }),
  long: t("group.heldLong", { date: dateWithYear(untilMs) }),
});

function counted({ delivered, read, of }: Reached): string {
  if (read === of) return tCount("group.markReadAll", of);
  const come =
    delivered === of ? tCount("group.markDeliveredAll", of) : t("group.markDelivered", { count: delivered, of });
  return read > 0 ? t("group.markRead", { delivered: come, count: read }) : come;
}

/** How much of what was said before this person came is here, as it was shared with them. */
import { t, tCount } from "../../i18n/words.ts";
import type { GroupTalk } from "./group-talk.ts";

/** Empty where nothing was shared. */
export function historyInWords(talk: Pick<GroupTalk, "group" | "name" | "me">): string {
  const { history } = talk.group();
  if (history === undefined) return "";
  const { by, have, of, over, disputed } = history;
  if (by === talk.me) {
    const words = { have: String(have), of: tCount("group.historyOf", of), missing: String(of - have) };
    return t(have < of ? "group.historyCopiedMissing" : "group.historyCopied", words);
  }
  const here = t("group.historyHere", { have: String(have), of: tCount("group.historyOf", of), name: talk.name(by) });
  const missing = of - have;
  const gap = over
    ? tCount("group.historyLost", missing, { whole: here })
    : t("group.historyMissing", { whole: here, missing: String(missing) });
  const whole = missing > 0 ? gap : here;
  return disputed > 0 ? tCount("group.historyDisputed", disputed, { whole }) : whole;
}

/** The rules of a group: what can be chosen, and each choice in words. */
import type { GroupRules } from "@kith/core";
import { spanInWords } from "../../i18n/group-words.ts";
import { type SentenceKey, t } from "../../i18n/words.ts";

type Words<T extends string> = Readonly<Record<T, SentenceKey>>;

export const writersWords: Words<GroupRules["writers"]> = {
  everybody: "group.writersEverybody",
  admins: "group.writersAdmins",
};
export const historyWords: Words<GroupRules["history"]> = {
  none: "group.historyNone",
  "last-7-days": "group.historyDays",
  "last-100": "group.historyHundred",
  all: "group.historyAll",
};
export const joiningWords: Words<GroupRules["joining"]> = {
  approval: "group.joiningApproval",
  open: "group.joiningOpen",
};

/** Seconds that one can choose between two messages. */
export const slowSteps: readonly number[] = [0, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400];

export const slowInWords = (seconds: number): string =>
  seconds === 0 ? t("group.slowOff") : t("group.slowOn", { time: spanInWords(seconds) });

const changedWriters: Words<GroupRules["writers"]> = {
  everybody: "group.changedWritersEverybody",
  admins: "group.changedWritersAdmins",
};
const changedHistory: Words<GroupRules["history"]> = {
  none: "group.changedHistoryNone",
  "last-7-days": "group.changedHistoryDays",
  "last-100": "group.changedHistoryHundred",
  all: "group.changedHistoryAll",
};
const changedJoining: Words<GroupRules["joining"]> = {
  approval: "group.changedJoiningApproval",
  open: "group.changedJoiningOpen",
};

/** Each rule that is another now, inside a sentence. */
export function changedRules(before: GroupRules, after: GroupRules): readonly string[] {
  const slow =
    after.slowModeS === 0
      ? t("group.changedSlowOff")
      : t("group.changedSlowOn", { time: spanInWords(after.slowModeS) });
  return [
    ...(before.writers === after.writers ? [] : [t(changedWriters[after.writers])]),
    ...(before.slowModeS === after.slowModeS ? [] : [slow]),
    ...(before.history === after.history ? [] : [t(changedHistory[after.history])]),
    ...(before.joining === after.joining ? [] : [t(changedJoining[after.joining])]),
  ];
}

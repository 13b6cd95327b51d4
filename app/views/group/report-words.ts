/** What those who may remove a message are told when somebody asks them to look at it. */
import type { AccountId, MessageView } from "@kith/core";
import { actorIn, type Naming, personIn } from "../../i18n/group-words.ts";
import { t } from "../../i18n/words.ts";

type Report = Extract<MessageView["body"], { kind: "reported" }>;

export function reportInWords({ words, about }: Report, author: AccountId, naming: Naming): string {
  const by = actorIn(naming, author);
  const what = about
    ? t("group.reportOf", { by, name: personIn(naming, about.author), text: about.text })
    : t("group.reportOfUnknown", { by });
  return words === "" ? what : t("group.reportWhy", { what, words });
}

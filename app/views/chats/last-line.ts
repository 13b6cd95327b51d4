/** The second line of a chat in the list: draft, newest message, or what the chat waits for. */
import type { ConversationSummary } from "@kith/core";
import { titleOf } from "../../i18n/people-words.ts";
import { t } from "../../i18n/words.ts";

export interface LastLine {
  readonly lead: string;
  readonly text: string;
  readonly tone: "plain" | "draft" | "quiet";
}

const plain = (text: string): LastLine => ({ lead: "", text, tone: "quiet" });

export function lastLine(conversation: ConversationSummary): LastLine {
  if (conversation.draft.trim() !== "") return { lead: t("chats.draft"), text: conversation.draft, tone: "draft" };
  const last = conversation.last;
  if (last) {
    const lead = leadOf(conversation.kind, last);
    if (last.text !== "") return { lead, text: last.text, tone: "plain" };
    return { lead, text: t(withoutWords[last.without ?? "unknown"]), tone: "quiet" };
  }
  if (conversation.kind === "self") return plain(t("chats.emptySelf"));
  if (conversation.standing === "invited") return plain(t("chats.emptyInvited", { name: titleOf(conversation) }));
  if (conversation.standing === "request") return plain(t("chats.emptyRequest"));
  return plain(t("chats.emptyDirect"));
}

const withoutWords = {
  removed: "chats.removed",
  "too-soon": "chats.tooSoon",
  blocked: "group.hidden",
  unknown: "chats.unknownKind",
} as const;

function leadOf(kind: ConversationSummary["kind"], last: NonNullable<ConversationSummary["last"]>): string {
  if (kind === "self") return "";
  if (last.mine) return t("chats.mine");
  return kind === "group" ? t("group.said", { name: last.from || t("someone") }) : "";
}

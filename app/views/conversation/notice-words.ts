/** What this device tells in the timeline: nobody's message. */
import type { MessageView } from "@kith/core";
import { type SentenceKey, t } from "../../i18n/words.ts";

type Body = MessageView["body"];
type Notice = Extract<Body, { kind: "notice" }>["notice"];

const noticeWords: Readonly<Record<Notice, SentenceKey>> = { "keys-renewed": "chat.keysRenewed" };

export function noticeInWords(body: Body): string {
  return body.kind === "notice" ? t(noticeWords[body.notice]) : "";
}

/** What this device or the group tells in the timeline: nobody's message. */
import type { MessageView } from "@kith/core";
import type { Naming } from "../../i18n/group-words.ts";
import { type SentenceKey, t } from "../../i18n/words.ts";
import { endInWords } from "../group/change-words.ts";
import { eventInWords } from "../group/event-words.ts";
import { reportInWords } from "../group/report-words.ts";

type Body = MessageView["body"];
type Notice = Extract<Body, { kind: "notice" }>["notice"];

const noticeWords: Readonly<Record<Notice, SentenceKey>> = {
  "keys-renewed": "chat.keysRenewed",
  split: "group.split",
  "came-over": "group.cameOver",
};

/** Empty for what somebody said. `naming`: present in groups. */
export function noticeInWords({ author, body }: Pick<MessageView, "author" | "body">, naming?: Naming): string {
  if (body.kind === "notice") return t(noticeWords[body.notice]);
  if (body.kind === "event" && naming) return eventInWords(body.event, author, naming);
  if (body.kind === "reported" && naming) return reportInWords(body, author, naming);
  return body.kind === "change-ended" && naming ? endInWords(body.end, naming) : "";
}

/**
 * Tells screen readers what happens to messages already shown: one that failed, keys that were renewed. Who wrote is told
 * for all chats together elsewhere.
 */
import type { MessageView } from "@kith/core";
import { type Accessor, createEffect } from "solid-js";
import { announce } from "../../components/announcer.tsx";
import { now } from "../../platform/clock.ts";
import { useGroupTalk } from "../group/group-talk.ts";
import { isFailed } from "./failed-mark.ts";
import { ownMarkInWords } from "./mark-words.ts";
import { noticeInWords } from "./notice-words.ts";

export function useSpokenChanges(messages: Accessor<readonly MessageView[] | undefined>, name: Accessor<string>): void {
  // Older messages that come into the window are no news, failed or not.
  let failedBefore: ReadonlyMap<string, boolean> | undefined;
  let newest = "";
  const talk = useGroupTalk();
  createEffect(() => {
    const all = messages();
    if (!all) return;
    const sentences = new Set<string>();
    for (const message of all)
      if (isFailed(message.mark) && failedBefore?.get(message.id) === false)
        sentences.add(ownMarkInWords(message, name(), now())?.long ?? "");
    const last = all.at(-1);
    if (failedBefore && last && last.id !== newest) sentences.add(noticeInWords(last, talk));
    for (const sentence of sentences) if (sentence !== "") announce(sentence);
    failedBefore = new Map(all.map(({ id, mark }) => [id, isFailed(mark)]));
    newest = last?.id ?? "";
  });
}

/** Tells screen readers who wrote, at most once a moment: "3 new messages from Ana". */
import type { ConversationSummary } from "@kith/core";
import { type Accessor, createEffect, onCleanup } from "solid-js";
import { announce } from "../../components/announcer.tsx";
import { titleOf } from "../../i18n/people-words.ts";
import { tCount } from "../../i18n/words.ts";

const gatherMs = 700;

export function useArrivals(conversations: Accessor<readonly ConversationSummary[] | undefined>): void {
  const known = new Map<string, number>();
  const fresh = new Map<string, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let first = true;

  const speak = () => {
    timer = undefined;
    for (const [name, count] of fresh) announce(tCount("chat.announce", count, { name }));
    fresh.clear();
  };
  createEffect(() => {
    const all = conversations();
    if (!all) return;
    for (const conversation of all) {
      const more = conversation.unread - (known.get(conversation.id) ?? 0);
      known.set(conversation.id, conversation.unread);
      if (first || more <= 0 || conversation.muted) continue;
      const name = titleOf(conversation);
      fresh.set(name, (fresh.get(name) ?? 0) + more);
      timer ??= setTimeout(speak, gatherMs);
    }
    first = false;
  });
  onCleanup(() => clearTimeout(timer));
}

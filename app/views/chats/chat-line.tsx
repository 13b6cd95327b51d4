/** One chat in the list. */
import type { ConversationSummary } from "@kith/core";
import { A } from "@solidjs/router";
import BellOff from "lucide-solid/icons/bell-off";
import { createMemo, Match, Show, Switch } from "solid-js";
import { Avatar } from "../../components/avatar.tsx";
import { GroupAvatar } from "../../components/group-avatar.tsx";
import { MarkSign } from "../../components/mark-sign.tsx";
import { presenceInWords, titleOf } from "../../i18n/people-words.ts";
import { shortMoment } from "../../i18n/time.ts";
import { t, tCount } from "../../i18n/words.ts";
import { now } from "../../platform/clock.ts";
import { ownMarkInWords } from "../conversation/mark-words.ts";
import { fromList } from "../shell/back-button.tsx";
import { lastLine } from "./last-line.ts";

export interface ChatLineProps {
  readonly conversation: ConversationSummary;
  readonly chosen: boolean;
}

export function ChatLine(props: ChatLineProps) {
  const here = () => props.conversation.presence.kind === "here";
  const line = createMemo(() => lastLine(props.conversation));
  const markWords = createMemo(() => {
    const { last } = props.conversation;
    return last && ownMarkInWords(last, titleOf(props.conversation), now());
  });
  return (
    <A
      class="chat-line"
      href={`/c/${props.conversation.id}`}
      state={fromList}
      aria-current={props.chosen ? "page" : undefined}
      activeClass=""
      inactiveClass=""
    >
      <Show
        when={props.conversation.kind === "group"}
        fallback={
          <Avatar name={titleOf(props.conversation)} account={props.conversation.contact} size="m" online={here()} />
        }
      >
        <GroupAvatar
          name={titleOf(props.conversation)}
          emoji={props.conversation.emoji}
          id={props.conversation.id}
          size="m"
        />
      </Show>
      <span class="chat-line-body">
        <span class="chat-line-top">
          <span class="chat-line-name" dir="auto">
            {titleOf(props.conversation)}
          </span>
          <Show when={props.conversation.muted}>
            <span class="chat-line-muted">
              <BellOff size={14} role="img" aria-label={t("group.mutedSign")} />
            </span>
          </Show>
          <Show when={here()}>
            <span class="hidden-words">{presenceInWords(props.conversation.presence, now())}</span>
          </Show>
          <Show when={props.conversation.last}>
            {(last) => <span class="chat-line-when">{shortMoment(last().atMs, now())}</span>}
          </Show>
        </span>
        <span class="chat-line-bottom">
          <Show when={line().tone === "plain" && props.conversation.last?.mark}>
            {(mark) => (
              <span class="chat-line-mark">
                <MarkSign mark={mark()} />
                <span class="hidden-words">{markWords()?.short}</span>
              </span>
            )}
          </Show>
          <span class={`chat-line-text chat-line-${line().tone}`}>
            <Show when={line().lead}>
              <span class="chat-line-lead">{line().lead}</span>{" "}
            </Show>
            <bdi>{line().text}</bdi>
          </span>
          <Switch>
            <Match when={props.conversation.standing === "request"}>
              <span class="chat-line-tag chat-line-tag-strong">{t("chats.request")}</span>
            </Match>
            <Match when={props.conversation.standing === "invited"}>
              <span class="chat-line-tag">{t("chats.waiting")}</span>
            </Match>
            <Match when={props.conversation.standing === "invite-used"}>
              <span class="chat-line-tag">{t("chats.inviteUsed")}</span>
            </Match>
            <Match when={props.conversation.standing === "blocked"}>
              <span class="chat-line-tag">{t("chats.blocked")}</span>
            </Match>
          </Switch>
          <Show when={props.conversation.unread > 0}>
            <span class="chat-line-unread" classList={{ "chat-line-unread-muted": props.conversation.muted }}>
              <span aria-hidden="true">{props.conversation.unread > 99 ? "99+" : props.conversation.unread}</span>
              <span class="hidden-words">{tCount("chats.unread", props.conversation.unread)}</span>
            </span>
          </Show>
        </span>
      </span>
    </A>
  );
}

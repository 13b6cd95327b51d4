/** Which group this is, who is in it, and the way to its details. */
import type { ConversationView, GroupView } from "@kith/core";
import { A } from "@solidjs/router";
import BellOff from "lucide-solid/icons/bell-off";
import Info from "lucide-solid/icons/info";
import { createMemo, Show } from "solid-js";
import { GroupAvatar } from "../../components/group-avatar.tsx";
import { typingInWords } from "../../i18n/group-words.ts";
import { t, tCount } from "../../i18n/words.ts";
import { BackButton } from "../shell/back-button.tsx";
import { useGroupTalk } from "./group-talk.ts";
import { calledName, membersNow } from "./member-names.ts";
import { useSpokenTyping } from "./spoken-typing.ts";

export interface GroupHeadProps {
  readonly view: ConversationView;
  readonly group: GroupView;
  readonly detailsOpen: boolean;
}

export function GroupHead(props: GroupHeadProps) {
  const ended = () => props.group.standing.kind !== "member";
  const people = () => {
    const others = props.group.members.filter((member) => !member.me).map(calledName);
    return [...others, ...(ended() ? [] : [t("group.youInside")])].join(t("list.comma"));
  };
  const talk = useGroupTalk();
  const typing = createMemo(() => (talk ? typingInWords(talk, props.group.typing) : ""));
  useSpokenTyping(typing);
  return (
    <header class="page-head">
      <BackButton />
      <GroupAvatar name={props.group.name} emoji={props.group.emoji} id={props.view.id} size="s" />
      <div class="conversation-who">
        <h1 class="conversation-title" dir="auto">
          <span class="conversation-name">{props.group.name}</span>
          <Show when={props.view.muted}>
            <span class="conversation-muted">
              <BellOff size={15} role="img" aria-label={t("group.mutedSign")} />
            </span>
          </Show>
        </h1>
        <p class="conversation-status">
          <span class="conversation-presence">
            <Show when={typing() === ""} fallback={<bdi>{typing()}</bdi>}>
              {tCount("group.members", membersNow(props.group).length)}
              {t("list.dot")}
              <bdi>{people()}</bdi>
            </Show>
          </span>
        </p>
      </div>
      <A
        class="icon-button"
        href={props.detailsOpen ? `/c/${props.view.id}` : `/c/${props.view.id}/info`}
        aria-label={props.detailsOpen ? t("group.closeDetails") : t("group.details", { name: props.group.name })}
      >
        <Info size={20} />
      </A>
    </header>
  );
}

/** Groups that one asked to be let into by a link, till one is in, was told, or thinks better of it. */
import type { AskedView } from "@kith/core";
import { For, Show } from "solid-js";
import { GroupAvatar } from "../../components/group-avatar.tsx";
import { notify } from "../../components/notices.tsx";
import { writeFaultWords } from "../../i18n/fault-words.ts";
import { t } from "../../i18n/words.ts";
import { fromLive, rowsOf } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { now } from "../../platform/clock.ts";

const words = {
  waiting: "chats.askedWaiting",
  refused: "chats.askedRefused",
  withdrawn: "chats.askedWithdrawn",
} as const;

export function AskedLines() {
  const messenger = useMessenger();
  const all = fromLive(() => messenger.groups.asked);
  const asked = rowsOf(() => (all() ?? []).filter(({ endsAtMs }) => endsAtMs > now()), "id");
  return (
    <Show when={asked().length > 0}>
      <ul class="chats-lines" aria-label={t("chats.askedLabel")}>
        <For each={asked()}>{(one) => <AskedLine asked={one} />}</For>
      </ul>
    </Show>
  );
}

function AskedLine(props: { readonly asked: AskedView }) {
  const messenger = useMessenger();
  const waits = () => props.asked.state === "waiting";
  const end = async () => {
    const done = await messenger.groups.cancelAsked(props.asked.id);
    if (!done.ok) notify(t(writeFaultWords[done.error]), "fault");
  };
  return (
    <li class="chat-line asked-line">
      <GroupAvatar name={props.asked.name} emoji={props.asked.emoji} size="m" />
      <span class="chat-line-body">
        <span class="chat-line-name" dir="auto">
          {props.asked.name}
        </span>
        <span class="asked-line-words">{t(words[props.asked.state])}</span>
      </span>
      <button
        type="button"
        class="button button-quiet asked-line-end"
        aria-label={t(waits() ? "chats.askedCancelNamed" : "chats.askedDismissNamed", { name: props.asked.name })}
        onClick={() => void end()}
      >
        {t(waits() ? "chats.askedCancel" : "chats.askedDismiss")}
      </button>
    </li>
  );
}

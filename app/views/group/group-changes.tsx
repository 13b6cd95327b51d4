/** Own changes of the group that are not in force yet: what, what for they wait, and a way to take them back. */
import "./group-changes.css";
import type { ConversationId, GroupView } from "@kith/core";
import Hourglass from "lucide-solid/icons/hourglass";
import { createEffect, createMemo, createSignal, For, onCleanup, Show } from "solid-js";
import { announce } from "../../components/announcer.tsx";
import { notify } from "../../components/notices.tsx";
import { writeFaultWords } from "../../i18n/fault-words.ts";
import type { Naming } from "../../i18n/group-words.ts";
import { t } from "../../i18n/words.ts";
import { rowsOf } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { changeInWords, waitWords } from "./change-words.ts";

export interface GroupChangesProps {
  readonly id: ConversationId;
  readonly group: GroupView;
  readonly naming: Naming;
  /** Screen readers are told too: in one place only. */
  readonly spoken?: boolean;
}

/** What a node decides within this is not worth a word. */
const patienceMs = 600;

export function GroupChanges(props: GroupChangesProps) {
  const messenger = useMessenger();
  const changes = rowsOf(() => props.group.changes, "id");
  const [lookedMs, setLookedMs] = createSignal(Date.now());
  createEffect(() => {
    if (changes().length === 0) return;
    setLookedMs(Date.now());
    const timer = setTimeout(() => setLookedMs(Date.now()), patienceMs);
    onCleanup(() => clearTimeout(timer));
  });
  const lasting = createMemo(() => changes().filter((change) => lookedMs() - change.sinceMs >= patienceMs));
  const told = new Set<string>();
  createEffect(() => {
    for (const { id, act, waits } of lasting()) {
      if (props.spoken && !told.has(id)) announce(`${changeInWords(act, props.naming)} ${t(waitWords[waits])}`);
      told.add(id);
    }
  });
  const cancel = async (change: string) => {
    const done = await messenger.groups.cancelChange(props.id, change);
    notify(done.ok ? t("group.cancelled") : t(writeFaultWords[done.error]), done.ok ? "calm" : "fault");
  };

  return (
    <Show when={lasting().length > 0}>
      <ul class="changes" aria-label={t("group.changes")}>
        <For each={lasting()}>
          {(change) => (
            <li class="change">
              <Hourglass size={16} aria-hidden="true" />
              <p class="change-words">
                <span class="change-what">{changeInWords(change.act, props.naming)}</span> {t(waitWords[change.waits])}
              </p>
              <button
                type="button"
                class="text-button"
                aria-label={t("group.cancelNamed", { change: changeInWords(change.act, props.naming) })}
                onClick={() => void cancel(change.id)}
              >
                {t("group.cancelChange")}
              </button>
            </li>
          )}
        </For>
      </ul>
    </Show>
  );
}

/** In place of the composer, where one cannot write: why, and what is left to do. */
import type { ConversationId, GroupView } from "@kith/core";
import { createSignal, Show } from "solid-js";
import type { Naming } from "../../i18n/group-words.ts";
import { t } from "../../i18n/words.ts";
import { EndDialogs } from "./group-end.tsx";

export interface GroupClosedProps {
  readonly id: ConversationId;
  readonly group: GroupView;
  readonly naming: Naming;
}

export function GroupClosed(props: GroupClosedProps) {
  const [deleting, setDeleting] = createSignal(false);
  const ended = () => props.group.standing.kind !== "member";
  return (
    <div class="conversation-closed group-closed">
      <p role="status">{closedInWords(props.group, props.naming)}</p>
      <Show when={ended()}>
        <button type="button" class="button button-quiet" onClick={() => setDeleting(true)}>
          {t("group.deleteGroup")}
        </button>
        <EndDialogs
          id={props.id}
          group={props.group}
          kind={deleting() ? "delete" : undefined}
          onAsk={() => undefined}
          onClose={() => setDeleting(false)}
        />
      </Show>
    </div>
  );
}

/** Empty where one may write. */
export function closedInWords({ standing, rights }: GroupView, naming: Naming): string {
  if (standing.kind === "left") return t("group.youLeft");
  if (standing.kind === "removed")
    return standing.by === naming.me
      ? t("group.removedYouPlain")
      : t("group.removedYou", { by: naming.name(standing.by) });
  return rights.write ? "" : t("group.announcement");
}

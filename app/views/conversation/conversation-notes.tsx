/** Quiet lines above the composer: what is going on here, and that nobody has to do anything about it. */
import type { ConversationView } from "@kith/core";
import { Show } from "solid-js";
import { titleOf } from "../../i18n/people-words.ts";
import { t, tCount } from "../../i18n/words.ts";
import { createLasting } from "../../live/lasting.ts";

/** Keys are renewed and gaps are filled in less than this where both are there. */
const patienceMs = 3_000;

export function ConversationNotes(props: { readonly view: ConversationView }) {
  const name = () => titleOf(props.view);
  const healing = createLasting(() => props.view.healingSinceMs !== undefined, patienceMs);
  const missing = createLasting(() => props.view.missing > 0, patienceMs);
  // There before its lines are: screen readers tell what is added to it.
  return (
    <div class="conversation-notes" role="status">
      <Show when={props.view.standing === "invited"}>
        <p>{t("chat.invited", { name: name() })}</p>
      </Show>
      <Show when={healing()}>
        <p>{t("chat.healing")}</p>
      </Show>
      <Show when={missing()}>
        <p>
          {props.view.kind === "group"
            ? tCount("group.missing", props.view.missing)
            : tCount("chat.missing", props.view.missing, { name: name() })}
        </p>
      </Show>
    </div>
  );
}

/** Where the group is kept, for everybody to read and for admins to change. */
import type { ConversationView, GroupView } from "@kith/core";
import { For, Show } from "solid-js";
import { hostOf } from "../../i18n/people-words.ts";
import { t } from "../../i18n/words.ts";
import { fromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { now } from "../../platform/clock.ts";
import { nodeStateInWords } from "../nodes/node-words.ts";
import { showOverlay } from "../shell/overlays.ts";

export function NodesPart(props: { readonly view: ConversationView; readonly group: GroupView }) {
  const messenger = useMessenger();
  const known = fromLive(() => messenger.nodes);
  return (
    <section class="details-part" aria-labelledby="group-nodes">
      <h3 id="group-nodes" class="details-part-title">
        {t("group.nodes")}
      </h3>
      <p class="muted small">{t("group.nodesText")}</p>
      <ul>
        <For each={props.view.nodes}>
          {(node) => (
            <li class="details-node">
              {hostOf(node)}
              <Show when={known()?.find((each) => each.node === node)}>
                {(state) => <span class="muted small">{nodeStateInWords(state(), now())}</span>}
              </Show>
            </li>
          )}
        </For>
      </ul>
      <Show when={props.group.rights.edit}>
        <div class="details-actions">
          <button
            type="button"
            class="button button-quiet"
            onClick={() => showOverlay({ kind: "nodes", conversation: props.view.id })}
          >
            {t("contact.moveNodes")}
          </button>
        </div>
      </Show>
    </section>
  );
}

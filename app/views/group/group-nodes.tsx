/** Where the group is kept, for everybody to read and for admins to change. */
import type { ConversationView, GroupView } from "@kith/core";
import { Show } from "solid-js";
import { t } from "../../i18n/words.ts";
import { KeptAt } from "../nodes/kept-at.tsx";
import { showOverlay } from "../shell/overlays.ts";

export function NodesPart(props: { readonly view: ConversationView; readonly group: GroupView }) {
  return (
    <section class="details-part" aria-labelledby="group-nodes">
      <h3 id="group-nodes" class="details-part-title">
        {t("group.nodes")}
      </h3>
      <p class="muted small">{t("group.nodesText")}</p>
      <KeptAt nodes={props.view.nodes} />
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

/** A new version waits: the person decides when the page reloads. */
import "./bars.css";
import { Show } from "solid-js";
import { t } from "../../i18n/words.ts";
import { applyUpdate, updateReady } from "../../platform/service-worker.ts";

export function UpdateBar() {
  return (
    <Show when={updateReady()}>
      <section class="bar bar-update" aria-label={t("update.label")}>
        <p class="bar-text" role="status">
          {t("update.ready")}
        </p>
        <button type="button" class="text-button" onClick={applyUpdate}>
          {t("update.reload")}
        </button>
      </section>
    </Show>
  );
}

/** Whether the browser may clear Kith's data by itself, what that means, and how to change it. */
import "./storage-page.css";
import { createSignal, type JSX, onMount, Show } from "solid-js";
import { t } from "../../i18n/words.ts";
import { askToPersist, isPersisted, lookUpPersistence } from "../../platform/storage-persistence.ts";

export function ProtectionCard(props: { readonly children?: JSX.Element }) {
  const [denied, setDenied] = createSignal(false);
  onMount(() => void lookUpPersistence());
  const ask = async () => setDenied(!(await askToPersist()));
  return (
    <section class="card" aria-labelledby="storage-protection">
      <h2 id="storage-protection" class="card-title">
        {t("settings.storageTitle")}
      </h2>
      <p role="status">{isPersisted() ? t("settings.storageYes") : t("settings.storageNo")}</p>
      <Show when={denied()}>
        <p class="muted small">{t("settings.storageDenied")}</p>
      </Show>
      <div class="storage-actions">
        <Show when={isPersisted() === false}>
          <button type="button" class="button button-quiet" onClick={() => void ask()}>
            {t("settings.storageAsk")}
          </button>
        </Show>
        {props.children}
      </div>
      <p class="muted small">{t("settings.storageHonest")}</p>
    </section>
  );
}

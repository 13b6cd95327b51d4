/** Whether the browser may clear Kith's data by itself, and what that means. */
import { createResource, createSignal, Show } from "solid-js";
import { t } from "../../i18n/words.ts";
import { askToPersist, isPersisted } from "../../platform/storage-persistence.ts";

export function StorageCard() {
  const [kept, { mutate }] = createResource(isPersisted);
  const [denied, setDenied] = createSignal(false);
  const ask = async () => {
    const granted = await askToPersist();
    mutate(granted);
    setDenied(!granted);
  };
  return (
    <section class="card" aria-labelledby="settings-storage">
      <h2 id="settings-storage" class="card-title">
        {t("settings.storage")}
      </h2>
      <p class="facts-strong">{t("settings.storageTitle")}</p>
      <p role="status">{kept() ? t("settings.storageYes") : t("settings.storageNo")}</p>
      <Show when={denied()}>
        <p class="muted small">{t("settings.storageDenied")}</p>
      </Show>
      <Show when={kept() === false}>
        <div>
          <button type="button" class="button button-quiet" onClick={() => void ask()}>
            {t("settings.storageAsk")}
          </button>
        </div>
      </Show>
      <p class="muted small">{t("settings.storageHonest")}</p>
    </section>
  );
}

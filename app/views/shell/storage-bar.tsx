/** The line above everything when this device cannot keep what comes: why, and the one thing to do about it. */
import "./bars.css";
import type { StorageView } from "@kith/core";
import { A } from "@solidjs/router";
import HardDrive from "lucide-solid/icons/hard-drive";
import { type Accessor, Match, Show, Switch } from "solid-js";
import { lossWords } from "../../i18n/storage-words.ts";
import { t } from "../../i18n/words.ts";
import { fromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { reloadNewest } from "../../platform/service-worker.ts";

type Trouble = Exclude<StorageView, { kind: "well" }>;

export function StorageBar() {
  const messenger = useMessenger();
  const storage = fromLive(() => messenger.storage);
  const trouble: Accessor<Trouble | undefined> = () => {
    const view = storage();
    return view === undefined || view.kind === "well" ? undefined : view;
  };
  const lost = () => {
    const view = trouble();
    return view?.kind === "lost" ? view : undefined;
  };
  return (
    <Show when={trouble()}>
      <section class="bar bar-fault" aria-label={t("storage.title")}>
        <span class="bar-icon" aria-hidden="true">
          <HardDrive size={16} />
        </span>
        <Switch>
          <Match when={lost()}>
            {(view) => (
              <>
                <p class="bar-text" role="alert">
                  {t(lossWords[view().why])}
                </p>
                <button type="button" class="text-button" onClick={() => void reloadNewest()}>
                  {t("gate.reload")}
                </button>
              </>
            )}
          </Match>
          <Match when={trouble()?.kind === "full"}>
            <p class="bar-text" role="alert">
              {t("storage.full")}
            </p>
            <A class="text-button" href="/settings/storage">
              {t("storage.fullAction")}
            </A>
          </Match>
        </Switch>
      </section>
    </Show>
  );
}

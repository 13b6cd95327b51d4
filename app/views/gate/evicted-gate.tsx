/**
 * Somebody lived in this browser and the database is empty: say what happened. Never a new identity unasked; the way on is
 * chosen by the person, and asked once more.
 */
import { createSignal, Show } from "solid-js";
import { Confirm } from "../../components/confirm.tsx";
import { t } from "../../i18n/words.ts";
import { Gate } from "./gate.tsx";

export function EvictedGate(props: { readonly onStartAnew: () => void }) {
  const [asking, setAsking] = createSignal(false);
  return (
    <Gate title={t("gate.evictedTitle")} text={t("gate.evictedText")}>
      <p class="muted">{t("gate.evictedPhrase")}</p>
      <button type="button" class="button" onClick={() => setAsking(true)}>
        {t("gate.startAnew")}
      </button>
      <Show when={asking()}>
        <Confirm
          title={t("gate.startAnewTitle")}
          action={t("gate.startAnew")}
          onConfirm={() => props.onStartAnew()}
          onClose={() => setAsking(false)}
        >
          {t("gate.startAnewText")}
        </Confirm>
      </Show>
    </Gate>
  );
}

/** The thin line above everything, with a "Why?". Mild sentences can be put away for this visit. */
import "./bars.css";
import CloudOff from "lucide-solid/icons/cloud-off";
import Info from "lucide-solid/icons/info";
import X from "lucide-solid/icons/x";
import { createEffect, createMemo, createSignal, onCleanup, Show } from "solid-js";
import { Sheet } from "../../components/sheet.tsx";
import { moment } from "../../i18n/time.ts";
import { t } from "../../i18n/words.ts";
import { fromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { online } from "../../platform/online.ts";
import { DoctorWay } from "../doctor/doctor-way.tsx";
import { networkSentence, patienceMs } from "./network-sentence.ts";

export function NetworkBar() {
  const messenger = useMessenger();
  const network = fromLive(() => messenger.network);
  const direct = fromLive(() => messenger.direct);
  const [nowMs, setNowMs] = createSignal(Date.now());
  const [dismissed, setDismissed] = createSignal("");
  const [asking, setAsking] = createSignal(false);

  createEffect(() => {
    setNowMs(Date.now());
    const view = network();
    if (view === undefined || view.kind === "connected") return;
    const timer = setTimeout(() => setNowMs(Date.now()), patienceMs);
    onCleanup(() => clearTimeout(timer));
  });
  const sentence = createMemo(() => {
    const view = network();
    const found = view && networkSentence(view, direct() ?? "off", online(), nowMs());
    return found?.text === dismissed() ? undefined : found;
  });

  return (
    <Show when={sentence()}>
      {(shown) => (
        <section class={`bar bar-${shown().tone}`} aria-label={t("network.label")}>
          <span class="bar-icon" aria-hidden="true">
            <Show when={shown().tone === "waiting"} fallback={<Info size={16} />}>
              <CloudOff size={16} />
            </Show>
          </span>
          <p class="bar-text" role="status">
            {shown().text}
          </p>
          <button type="button" class="text-button" onClick={() => setAsking(true)}>
            {t("why")}
          </button>
          <Show when={shown().tone === "mild"}>
            <button
              type="button"
              class="icon-button bar-close"
              aria-label={t("dismiss")}
              onClick={() => setDismissed(shown().text)}
            >
              <X size={16} />
            </button>
          </Show>
          <Show when={asking()}>
            <Sheet title={t("network.whyTitle")} onClose={() => setAsking(false)}>
              <p>{shown().text}</p>
              <p>{t(shown().why)}</p>
              <Show when={shown().sinceMs}>
                {(sinceMs) => <p class="muted small">{t("network.since", { when: moment(sinceMs(), nowMs()) })}</p>}
              </Show>
              <DoctorWay onLeave={() => setAsking(false)} />
            </Sheet>
          </Show>
        </section>
      )}
    </Show>
  );
}

/** What others learn: whether their messages were read, and the addresses of this device. */
import type { Result, WriteFaultView } from "@kith/core";
import { Show } from "solid-js";
import { notify } from "../../components/notices.tsx";
import { Switch } from "../../components/switch.tsx";
import { writeFaultWords } from "../../i18n/fault-words.ts";
import { t } from "../../i18n/words.ts";
import { fromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";

export function PrivacyCard() {
  const messenger = useMessenger();
  const profile = fromLive(() => messenger.profile);
  const person = () => {
    const view = profile();
    return view?.kind === "person" ? view : undefined;
  };
  const keep = async (change: Promise<Result<void, WriteFaultView>>) => {
    const kept = await change;
    if (!kept.ok) notify(t(writeFaultWords[kept.error]), "fault");
  };

  return (
    <section class="card" aria-labelledby="settings-privacy">
      <h2 id="settings-privacy" class="card-title">
        {t("settings.privacy")}
      </h2>
      <Show when={person()}>
        {(me) => (
          <>
            <Switch
              label={t("settings.receipts")}
              hint={t("settings.receiptsText")}
              on={me().receipts}
              onChange={(on) => keep(messenger.setReceipts(on))}
            />
            <Switch
              label={t("settings.relayOnly")}
              hint={t("settings.relayOnlyText")}
              on={me().relayOnly}
              onChange={(on) => keep(messenger.setRelayOnly(on))}
            />
          </>
        )}
      </Show>
    </section>
  );
}

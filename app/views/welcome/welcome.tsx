/** The first screen of a new person: who are you, start. */
import "./welcome.css";
import type { NodeUrl } from "@kith/core";
import { createSignal } from "solid-js";
import { MarkOfKith } from "../../components/mark-of-kith.tsx";
import "../../components/mark-of-kith.css";
import { t } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { NameField, type NameFieldProps } from "./name-field.tsx";
import { suggestedName } from "./suggested-name.ts";

export function Welcome(props: { readonly node: NodeUrl }) {
  const messenger = useMessenger();
  const [name, setName] = createSignal(suggestedName());
  const [fault, setFault] = createSignal<NameFieldProps["fault"]>();
  const [busy, setBusy] = createSignal(false);

  const start = async (event: Event) => {
    event.preventDefault();
    if (busy()) return;
    setBusy(true);
    const started = await messenger.start({ name: name(), node: props.node });
    setBusy(false);
    setFault(started.ok ? undefined : started.error);
  };

  return (
    <main class="welcome" aria-label={t("welcome.label")}>
      <div class="welcome-card">
        <div class="welcome-brand">
          <MarkOfKith size={44} />
          <span>{t("product")}</span>
        </div>
        <h1 class="welcome-title">{t("welcome.title")}</h1>
        <p class="welcome-lead">{t("welcome.lead")}</p>
        <form class="welcome-form" onSubmit={(event) => void start(event)}>
          <NameField value={name()} fault={fault()} onInput={setName} />
          <button type="submit" class="button button-wide" disabled={busy()}>
            {busy() ? t("welcome.starting") : t("welcome.start")}
          </button>
        </form>
        <p class="welcome-honest">{t("welcome.honest")}</p>
      </div>
    </main>
  );
}

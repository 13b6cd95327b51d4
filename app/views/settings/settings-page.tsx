/** Settings, one card per subject. */
import "./settings-page.css";
import { A } from "@solidjs/router";
import { createSignal, For, Show } from "solid-js";
import { lazily } from "../../components/lazily.ts";
import { type SentenceKey, t } from "../../i18n/words.ts";
import { build } from "../../platform/build.ts";
import { setTheme, type Theme, theme } from "../../platform/theme.ts";
import { BackButton } from "../shell/back-button.tsx";
import { showOverlay } from "../shell/overlays.ts";
import { NameCard } from "./name-card.tsx";
import { PhraseSheet } from "./phrase-sheet.tsx";
import { PrivacyCard } from "./privacy-card.tsx";
import { ProtectionCard } from "./storage-card.tsx";
import { fromSettings } from "./storage-page.tsx";

// Reads addresses with the engine's own rules, which are no part of the first load.
const NodesCard = lazily(async () => (await import("./nodes-card.tsx")).NodesCard);

const themes: readonly (readonly [Theme, SentenceKey])[] = [
  ["system", "settings.themeSystem"],
  ["light", "settings.themeLight"],
  ["dark", "settings.themeDark"],
];

export function SettingsPage() {
  const [phrase, setPhrase] = createSignal(false);

  return (
    <main class="page" aria-label={t("settings.label")} tabindex="-1" data-region>
      <header class="page-head">
        <BackButton />
        <h1 class="page-title">{t("settings.title")}</h1>
      </header>
      <div class="page-body">
        <div class="page-column">
          <NameCard />
          <section class="card">
            <fieldset class="choice">
              <legend class="card-title">{t("settings.theme")}</legend>
              <div class="choice-row">
                <For each={themes}>
                  {([value, words]) => (
                    <label class="choice-option">
                      <input
                        type="radio"
                        name="theme"
                        value={value}
                        checked={theme() === value}
                        onChange={() => setTheme(value)}
                      />
                      <span>{t(words)}</span>
                    </label>
                  )}
                </For>
              </div>
            </fieldset>
          </section>
          <PrivacyCard />
          <NodesCard />
          <section class="card" aria-labelledby="settings-phrase">
            <h2 id="settings-phrase" class="card-title">
              {t("settings.phrase")}
            </h2>
            <p>{t("settings.phraseText")}</p>
            <div>
              <button type="button" class="button button-quiet" onClick={() => setPhrase(true)}>
                {t("settings.phraseShow")}
              </button>
            </div>
          </section>
          <ProtectionCard>
            <A class="button button-quiet" href="/settings/storage" state={fromSettings}>
              {t("settings.storageMore")}
            </A>
          </ProtectionCard>
          <section class="card" aria-labelledby="settings-about">
            <h2 id="settings-about" class="card-title">
              {t("settings.about")}
            </h2>
            <p class="settings-version">
              {build.commit ? t("settings.versionCommit", build) : t("settings.version", build)}
            </p>
            <p class="muted small">{t("settings.trust")}</p>
            <p class="muted small">{t("settings.type")}</p>
            <div>
              <button type="button" class="button button-quiet" onClick={() => showOverlay("help")}>
                {t("settings.shortcuts")}
              </button>
            </div>
          </section>
        </div>
      </div>
      <Show when={phrase()}>
        <PhraseSheet onClose={() => setPhrase(false)} />
      </Show>
    </main>
  );
}

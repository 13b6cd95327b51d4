/** Settings, one card per subject. */
import "./settings-page.css";
import type { DirectView, NetworkView } from "@kith/core";
import { A } from "@solidjs/router";
import { createSignal, For, Show } from "solid-js";
import { hostOf } from "../../i18n/people-words.ts";
import { type SentenceKey, t } from "../../i18n/words.ts";
import { fromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { build } from "../../platform/build.ts";
import { setTheme, type Theme, theme } from "../../platform/theme.ts";
import { BackButton } from "../shell/back-button.tsx";
import { showOverlay } from "../shell/overlays.ts";
import { NameCard } from "./name-card.tsx";
import { PhraseSheet } from "./phrase-sheet.tsx";
import { ProtectionCard } from "./storage-card.tsx";
import { fromSettings } from "./storage-page.tsx";

const themes: readonly (readonly [Theme, SentenceKey])[] = [
  ["system", "settings.themeSystem"],
  ["light", "settings.themeLight"],
  ["dark", "settings.themeDark"],
];
const networkWords: Readonly<Record<NetworkView["kind"], SentenceKey>> = {
  connected: "settings.nodeConnected",
  connecting: "settings.nodeConnecting",
  offline: "settings.nodeOffline",
};
const directWords: Readonly<Record<DirectView, SentenceKey>> = {
  off: "settings.directOff",
  ready: "settings.directReady",
  "relay-full": "settings.directRelayFull",
  "relay-away": "settings.directRelayAway",
  "no-webrtc": "settings.directNoWebrtc",
};

export function SettingsPage() {
  const messenger = useMessenger();
  const network = fromLive(() => messenger.network);
  const direct = fromLive(() => messenger.direct);
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
          <section class="card" aria-labelledby="settings-connection">
            <h2 id="settings-connection" class="card-title">
              {t("settings.connection")}
            </h2>
            <dl class="facts">
              <dt>{t("settings.node")}</dt>
              <dd>
                <Show when={network()}>
                  {(view) => (
                    <>
                      <span class="facts-strong">{hostOf(view().node)}</span>
                      {t("list.dot")}
                      {t(networkWords[view().kind])}
                    </>
                  )}
                </Show>
                <p class="muted small">{t("settings.nodeText")}</p>
              </dd>
              <dt>{t("settings.direct")}</dt>
              <dd>{t(directWords[direct() ?? "off"])}</dd>
            </dl>
          </section>
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

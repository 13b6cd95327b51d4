/** What Kith keeps in this browser, how large it is, and whether the browser may take it away. */
import "./settings-page.css";
import "./storage-page.css";
import type { ConversationUse, StorageUse } from "@kith/core";
import { A, useNavigate } from "@solidjs/router";
import ArrowLeft from "lucide-solid/icons/arrow-left";
import { createResource, For, Match, Show, Switch } from "solid-js";
import { sizeInWords } from "../../i18n/size.ts";
import { partWords } from "../../i18n/storage-words.ts";
import { t, tCount } from "../../i18n/words.ts";
import { fromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { storageSpace } from "../../platform/storage-space.ts";
import { ProtectionCard } from "./storage-card.tsx";

/** Given to the link of the settings as its history state: then back goes back, and no loop is built. */
export const fromSettings = { fromSettings: true } as const;

const shownChats = 10;

export function StoragePage() {
  const messenger = useMessenger();
  const navigate = useNavigate();
  const storage = fromLive(() => messenger.storage);
  const [space] = createResource(storageSpace);
  const [use] = createResource(() => messenger.storageUse());
  const goBack = () => {
    if ((history.state as { fromSettings?: boolean } | null)?.fromSettings) history.back();
    else navigate("/settings", { replace: true });
  };

  return (
    <main class="page" aria-label={t("storage.label")} tabindex="-1" data-region>
      <header class="page-head">
        <button type="button" class="icon-button" aria-label={t("storage.back")} onClick={goBack}>
          <ArrowLeft size={20} />
        </button>
        <h1 class="page-title">{t("storage.title")}</h1>
      </header>
      <div class="page-body">
        <div class="page-column">
          <section class="card" aria-labelledby="storage-space">
            <h2 id="storage-space" class="card-title">
              {t("storage.space")}
            </h2>
            <Show when={storage()?.kind === "full"}>
              <p class="field-fault">{t("storage.spaceFull")}</p>
            </Show>
            <Show when={!space.loading}>
              <p>
                <Show when={space()} fallback={t("storage.spaceUnknown")}>
                  {(known) => (
                    <>
                      {t("storage.spaceUsed", {
                        used: sizeInWords(known().usedBytes),
                        allowed: sizeInWords(known().allowedBytes),
                      })}
                    </>
                  )}
                </Show>
              </p>
            </Show>
          </section>
          <section class="card" aria-labelledby="storage-uses">
            <h2 id="storage-uses" class="card-title">
              {t("storage.uses")}
            </h2>
            <Switch fallback={<p class="muted">{t("storage.unreadable")}</p>}>
              <Match when={use.loading}>
                <p class="muted" role="status">
                  {t("storage.counting")}
                </p>
              </Match>
              <Match when={use()}>{(counted) => <Parts use={counted()} usedBytes={space()?.usedBytes} />}</Match>
            </Switch>
          </section>
          <Show when={use()}>{(counted) => <LargestChats chats={counted().conversations} />}</Show>
          <ProtectionCard />
        </div>
      </div>
    </main>
  );
}

function Parts(props: { readonly use: StorageUse; readonly usedBytes: number | undefined }) {
  const counted = () => props.use.parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const other = () => Math.max(0, (props.usedBytes ?? 0) - counted());
  return (
    <ul class="storage-rows">
      <For each={props.use.parts.filter(({ count }) => count > 0)}>
        {({ part, bytes }) => <Row name={t(partWords[part])} bytes={bytes} />}
      </For>
      <Show when={other() > 0}>
        <Row name={t("storage.partOther")} bytes={other()} />
      </Show>
    </ul>
  );
}

function Row(props: { readonly name: string; readonly bytes: number }) {
  return (
    <li class="storage-row">
      <span>{props.name}</span>
      <span class="storage-size">{t("storage.about", { size: sizeInWords(props.bytes) })}</span>
    </li>
  );
}

function LargestChats(props: { readonly chats: readonly ConversationUse[] }) {
  const shown = () => props.chats.filter(({ messages }) => messages > 0).slice(0, shownChats);
  const place = (chat: ConversationUse) => (chat.kind === "self" ? `/c/${chat.id}` : `/c/${chat.id}/info`);
  return (
    <section class="card" aria-labelledby="storage-largest">
      <h2 id="storage-largest" class="card-title">
        {t("storage.largest")}
      </h2>
      <Show when={shown().length > 0} fallback={<p class="muted">{t("storage.noChats")}</p>}>
        <ul class="storage-rows">
          <For each={shown()}>
            {(chat) => (
              <li class="storage-row">
                <A href={place(chat)}>{chat.kind === "self" ? t("selfTitle") : chat.title || t("someone")}</A>
                <span class="storage-size">
                  {tCount("storage.chat", chat.messages, { size: sizeInWords(chat.bytes) })}
                </span>
              </li>
            )}
          </For>
        </ul>
        <p class="muted small">{t("storage.deleteHint")}</p>
      </Show>
    </section>
  );
}

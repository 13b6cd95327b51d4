/** The list of chats, with the two ways to a first contact as long as there are few. */
import "./chat-list.css";
import type { ConversationSummary } from "@kith/core";
import { A } from "@solidjs/router";
import ClipboardPaste from "lucide-solid/icons/clipboard-paste";
import QrCodeIcon from "lucide-solid/icons/qr-code";
import Search from "lucide-solid/icons/search";
import Settings from "lucide-solid/icons/settings";
import { For, Show } from "solid-js";
import { MarkOfKith } from "../../components/mark-of-kith.tsx";
import "../../components/mark-of-kith.css";
import { t } from "../../i18n/words.ts";
import { fromList } from "../shell/back-button.tsx";
import { showOverlay } from "../shell/overlays.ts";
import { AskedLines } from "./asked-lines.tsx";
import { ChatLine } from "./chat-line.tsx";
import { NewMenu } from "./new-menu.tsx";

export interface ChatListProps {
  /** Undefined until the engine has told. */
  readonly conversations: readonly ConversationSummary[] | undefined;
  readonly chosen: string | undefined;
}

/** With more chats than this the cards have done their work; the button in the head remains. */
const fewChats = 5;

export function ChatList(props: ChatListProps) {
  return (
    <>
      <header class="chats-head">
        <MarkOfKith size={28} />
        <h1 class="chats-title">{t("chats.title")}</h1>
        <button type="button" class="icon-button" aria-label={t("chats.search")} onClick={() => showOverlay("palette")}>
          <Search size={20} />
        </button>
        <NewMenu />
        <A class="icon-button" href="/settings" state={fromList} aria-label={t("chats.settings")}>
          <Settings size={20} />
        </A>
      </header>
      <div class="chats-scroll">
        <AskedLines />
        <ul class="chats-lines">
          <For each={props.conversations}>
            {(conversation) => (
              <li>
                <ChatLine conversation={conversation} chosen={conversation.id === props.chosen} />
              </li>
            )}
          </For>
        </ul>
        <Show when={props.conversations && props.conversations.length <= fewChats}>
          <div class="chats-cards">
            <A class="chats-card" href="/invite" state={fromList}>
              <span class="chats-card-icon" aria-hidden="true">
                <QrCodeIcon size={22} />
              </span>
              <span>
                <span class="chats-card-title">{t("chats.shareTitle")}</span>
                <span class="chats-card-text">{t("chats.shareText")}</span>
              </span>
            </A>
            <button type="button" class="chats-card" onClick={() => showOverlay("paste")}>
              <span class="chats-card-icon" aria-hidden="true">
                <ClipboardPaste size={22} />
              </span>
              <span>
                <span class="chats-card-title">{t("chats.pasteTitle")}</span>
                <span class="chats-card-text">{t("chats.pasteText")}</span>
              </span>
            </button>
          </div>
        </Show>
      </div>
    </>
  );
}

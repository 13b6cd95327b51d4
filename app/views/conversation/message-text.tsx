/** The words of a message: text nodes and links, never markup. */
import { For, Match, Switch } from "solid-js";
import { t } from "../../i18n/words.ts";
import { isEmojiOnly } from "./emoji-only.ts";
import { isInviteHere, linkify } from "./linkify.ts";

export function MessageText(props: { readonly text: string }) {
  return (
    <p class="message-text" classList={{ "message-emoji": isEmojiOnly(props.text) }} dir="auto">
      <For each={linkify(props.text)}>
        {(part) => (
          <Switch>
            <Match when={part.kind === "link" && isInviteHere(part.href) && part}>
              {(link) => (
                <a href={link().href} title={link().href} tabindex="-1">
                  {t("chat.openInvite")}
                </a>
              )}
            </Match>
            <Match when={part.kind === "link" && part}>
              {(link) => (
                <a href={link().href} title={link().href} target="_blank" rel="noopener noreferrer" tabindex="-1">
                  {link().text}
                </a>
              )}
            </Match>
            <Match when={part.kind === "text"}>{part.text}</Match>
          </Switch>
        )}
      </For>
    </p>
  );
}

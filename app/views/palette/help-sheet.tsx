/** The keys that do something. */
import "./palette.css";
import { For } from "solid-js";
import { Sheet } from "../../components/sheet.tsx";
import { type SentenceKey, t } from "../../i18n/words.ts";

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);
const mod = isApple ? "⌘" : "Ctrl";

const rows: readonly (readonly [keys: string, words: SentenceKey])[] = [
  [`${mod} K`, "help.palette"],
  ["Alt ↓", "help.next"],
  ["Alt ↑", "help.previous"],
  ["Esc", "help.escape"],
  [`${mod} /`, "help.help"],
  ["Enter", "help.send"],
  ["Shift Enter", "help.newline"],
  ["↑ ↓", "help.messages"],
  ["Home End", "help.ends"],
  ["Enter", "help.into"],
  ["Shift F10", "help.menu"],
];

export function HelpSheet(props: { readonly onClose: () => void }) {
  return (
    <Sheet title={t("help.title")} onClose={props.onClose}>
      <dl class="help-rows">
        <For each={rows}>
          {([keys, words]) => (
            <>
              <dt>
                <kbd class="keys">{keys}</kbd>
              </dt>
              <dd>{t(words)}</dd>
            </>
          )}
        </For>
      </dl>
    </Sheet>
  );
}

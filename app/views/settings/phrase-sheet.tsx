/** The recovery phrase, behind a warning. It is read from the engine only when asked for, and not kept here. */
import { createSignal, For, Show } from "solid-js";
import { Sheet } from "../../components/sheet.tsx";
import { t } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";

export function PhraseSheet(props: { readonly onClose: () => void }) {
  const messenger = useMessenger();
  const [words, setWords] = createSignal<readonly string[]>();
  const [missing, setMissing] = createSignal(false);
  const reveal = async () => {
    const phrase = await messenger.phrase();
    setMissing(phrase === undefined);
    setWords(phrase?.split(" "));
  };
  return (
    <Sheet title={t("settings.phraseTitle")} onClose={props.onClose}>
      <p>{t("settings.phraseWarning")}</p>
      <Show
        when={words()}
        fallback={
          <>
            <Show when={missing()}>
              <p class="field-fault" role="alert">
                {t("settings.phraseMissing")}
              </p>
            </Show>
            <button type="button" class="button" onClick={() => void reveal()}>
              {t("settings.phraseReveal")}
            </button>
          </>
        }
      >
        {(list) => (
          <>
            <ol class="phrase" aria-label={t("settings.phraseWords")} translate="no">
              <For each={list()}>{(word) => <li>{word}</li>}</For>
            </ol>
            <button type="button" class="button button-quiet" onClick={() => setWords(undefined)}>
              {t("settings.phraseHide")}
            </button>
          </>
        )}
      </Show>
    </Sheet>
  );
}

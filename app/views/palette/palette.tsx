/** Ctrl/⌘ K: chats and actions by name. */
import "./palette.css";
import type { ConversationSummary } from "@kith/core";
import { useNavigate } from "@solidjs/router";
import { createEffect, createMemo, createSignal, For, on, Show } from "solid-js";
import { Sheet } from "../../components/sheet.tsx";
import { titleOf } from "../../i18n/people-words.ts";
import { t } from "../../i18n/words.ts";
import { setTheme } from "../../platform/theme.ts";
import { showOverlay } from "../shell/overlays.ts";
import { matches } from "./find.ts";

interface Entry {
  readonly label: string;
  readonly kind: string;
  readonly keys?: string;
  readonly run: () => void;
}

export interface PaletteProps {
  readonly conversations: readonly ConversationSummary[];
  readonly onClose: () => void;
}

const listId = "palette-results";
const optionId = (index: number) => `palette-option-${index}`;

export function Palette(props: PaletteProps) {
  const navigate = useNavigate();
  const [query, setQuery] = createSignal("");
  const [at, setAt] = createSignal(0);

  const action = (label: string, run: () => void, keys?: string): Entry => ({
    label,
    kind: t("palette.action"),
    run,
    ...(keys === undefined ? {} : { keys }),
  });
  const entries = createMemo<readonly Entry[]>(() => [
    ...props.conversations.map((conversation) => ({
      label: titleOf(conversation),
      kind: t("palette.chat"),
      run: () => navigate(`/c/${conversation.id}`),
    })),
    action(t("palette.goInvite"), () => navigate("/invite")),
    action(t("group.newTitle"), () => navigate("/new-group")),
    action(t("palette.goPaste"), () => showOverlay("paste")),
    action(t("palette.goSettings"), () => navigate("/settings")),
    action(t("palette.goHelp"), () => showOverlay("help"), "Ctrl+/"),
    action(t("palette.themeLight"), () => setTheme("light")),
    action(t("palette.themeDark"), () => setTheme("dark")),
  ]);
  const found = createMemo(() => entries().filter((entry) => matches(entry.label, query())));
  createEffect(on(query, () => setAt(0)));

  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    props.onClose();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const count = found().length;
    if (event.key === "ArrowDown") setAt((at() + 1) % Math.max(1, count));
    else if (event.key === "ArrowUp") setAt((at() - 1 + count) % Math.max(1, count));
    else if (event.key === "Enter") run(found()[at()]);
    else return;
    event.preventDefault();
    document.getElementById(optionId(at()))?.scrollIntoView({ block: "nearest" });
  };

  return (
    <Sheet title={t("palette.label")} hideTitle onClose={props.onClose} class="palette">
      <input
        class="field-input"
        type="text"
        role="combobox"
        aria-label={t("palette.field")}
        placeholder={t("palette.label")}
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={found().length > 0 ? optionId(at()) : undefined}
        autocomplete="off"
        value={query()}
        onInput={(event) => setQuery(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div id={listId} class="palette-results" role="listbox" aria-label={t("palette.results")}>
        <For each={found()}>
          {(entry, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: focus stays in the field, which has the keys (ARIA combobox)
            // biome-ignore lint/a11y/useFocusableInteractive: the field points here by aria-activedescendant
            <div
              id={optionId(index())}
              class="palette-option"
              role="option"
              aria-selected={index() === at()}
              onPointerMove={() => setAt(index())}
              onClick={() => run(entry)}
            >
              <bdi class="palette-label">{entry.label}</bdi>
              <Show when={entry.keys}>{(keys) => <kbd class="keys">{keys()}</kbd>}</Show>
              <span class="muted small">{entry.kind}</span>
            </div>
          )}
        </For>
      </div>
      <Show when={found().length === 0}>
        <p class="muted" role="status">
          {t("palette.none")}
        </p>
      </Show>
    </Sheet>
  );
}

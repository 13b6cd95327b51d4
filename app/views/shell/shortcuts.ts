/** Keys that work everywhere. None is a browser's or a single letter. */
import { onCleanup } from "solid-js";
import { tinykeys } from "tinykeys";

export interface Shortcuts {
  readonly palette: () => void;
  readonly help: () => void;
  /** +1: further down the list. */
  readonly step: (by: 1 | -1) => void;
  readonly escape: () => void;
}

export function useShortcuts(shortcuts: Shortcuts): void {
  const act = (action: () => void) => (event: KeyboardEvent) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    action();
  };
  const end = tinykeys(
    window,
    {
      "$mod+k": act(shortcuts.palette),
      "$mod+/": act(shortcuts.help),
      "Alt+ArrowDown": act(() => shortcuts.step(1)),
      "Alt+ArrowUp": act(() => shortcuts.step(-1)),
      Escape: act(shortcuts.escape),
      F6: act(nextRegion),
      "Control+F6": act(nextRegion),
    },
    { ignore: () => false },
  );
  onCleanup(end);
}

/** Moves focus to the next region of the page: chats, conversation, details. */
function nextRegion(): void {
  const regions = [...document.querySelectorAll<HTMLElement>("[data-region]")].filter((region) => region.offsetParent);
  const here = regions.findIndex((region) => region.contains(document.activeElement));
  regions[(here + 1) % regions.length]?.focus();
}

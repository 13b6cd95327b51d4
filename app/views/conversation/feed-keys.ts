/** Keys inside the messages: one Tab stop, ↑ ↓ Home End between them, Enter into one, Esc out again. */
import { type Accessor, createMemo, createSignal } from "solid-js";
import type { TimelineRow } from "./timeline-rows.ts";

export interface FeedKeysOptions {
  readonly rows: () => readonly TimelineRow[];
  readonly feed: () => HTMLElement | undefined;
  /** Brings the row at this index into sight, which also draws it. */
  readonly show: (index: number) => void;
  readonly leave: () => void;
}

export interface FeedKeys {
  /** Key of the row that Tab reaches. */
  readonly active: Accessor<string | undefined>;
  readonly setActive: (key: string) => void;
  /** Index of the active row: it stays drawn, so that focus is never lost. */
  readonly mounted: Accessor<readonly number[]>;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

const framesToDraw = 30;

export function useFeedKeys(options: FeedKeysOptions): FeedKeys {
  const [chosen, setChosen] = createSignal<string>();
  const active = createMemo(() => {
    const rows = options.rows();
    const still = rows.find((row) => row.key === chosen());
    return (still ?? rows.findLast((row) => row.kind === "message"))?.key;
  });
  const mounted = createMemo(() => {
    const index = options.rows().findIndex((row) => row.key === active());
    return index < 0 ? [] : [index];
  });
  const article = () => options.feed()?.querySelector<HTMLElement>(`[data-key="${CSS.escape(active() ?? "")}"]`);
  const inner = () => [...(article()?.querySelectorAll<HTMLElement>("a, button") ?? [])];

  /** The nearest message from `from` on, in steps of `by`. */
  function go(from: number, by: 1 | -1): void {
    const rows = options.rows();
    for (let index = from; index >= 0 && index < rows.length; index += by) {
      const row = rows[index];
      if (row?.kind !== "message") continue;
      setChosen(row.key);
      options.show(index);
      focusDrawn(row.key, framesToDraw);
      return;
    }
  }

  /** A row that was out of sight is drawn, measured and only then visible: focus is refused until it is. */
  function focusDrawn(key: string, frames: number): void {
    if (frames === 0 || active() !== key) return;
    const row = article();
    row?.focus({ preventScroll: true });
    if (!row || document.activeElement !== row) requestAnimationFrame(() => focusDrawn(key, frames - 1));
  }

  function within(by: 1 | -1): boolean {
    const all = inner();
    const at = all.indexOf(document.activeElement as HTMLElement);
    if (at < 0) return false;
    all[(at + by + all.length) % all.length]?.focus();
    return true;
  }

  function act(key: string): boolean {
    const rows = options.rows();
    const at = rows.findIndex((row) => row.key === active());
    const onArticle = document.activeElement === article();
    if (key === "ArrowRight") return within(1);
    if (key === "ArrowLeft") return within(-1);
    if (key === "ArrowUp") go(at - 1, -1);
    else if (key === "ArrowDown") go(at + 1, 1);
    else if (key === "Home") go(0, 1);
    else if (key === "End") go(rows.length - 1, -1);
    else if (key === "Enter" && onArticle) inner()[0]?.focus();
    else if (key === "Escape" && !onArticle) article()?.focus();
    else if (key === "Escape") options.leave();
    else return false;
    return true;
  }

  return {
    active,
    setActive: (key) => setChosen(key),
    mounted,
    onKeyDown(event) {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (act(event.key)) event.preventDefault();
    },
  };
}

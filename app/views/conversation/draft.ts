/** Keeps what is being written: a moment after the last key, and at once when the composer or the page goes. */
import { type Accessor, createEffect, on, onCleanup } from "solid-js";

export interface DraftOptions {
  /** What is kept now. */
  readonly saved: string;
  readonly text: Accessor<string>;
  readonly save: (text: string) => Promise<void>;
}

const restMs = 600;

export function useDraft(options: DraftOptions): { forget(): void } {
  let saved = options.saved;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const keep = (text: string) => {
    clearTimeout(timer);
    if (text === saved) return;
    saved = text;
    void options.save(text);
  };
  const keepNow = () => keep(options.text());
  createEffect(
    on(
      options.text,
      (text) => {
        clearTimeout(timer);
        timer = setTimeout(() => keep(text), restMs);
      },
      { defer: true },
    ),
  );
  document.addEventListener("visibilitychange", keepNow);
  onCleanup(() => {
    document.removeEventListener("visibilitychange", keepNow);
    keepNow();
  });
  return {
    /** The text was sent: nothing is left to keep. */
    forget: () => keep(""),
  };
}

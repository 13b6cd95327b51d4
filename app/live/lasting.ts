/** What passes by itself in a moment is not worth a word: true once `source` has been true for `afterMs` without a break. */
import { type Accessor, createEffect, createMemo, createSignal, onCleanup } from "solid-js";

export function createLasting(source: Accessor<boolean>, afterMs: number): Accessor<boolean> {
  const [lasts, setLasts] = createSignal(false);
  const is = createMemo(source);
  createEffect(() => {
    setLasts(false);
    if (!is()) return;
    const timer = setTimeout(() => setLasts(true), afterMs);
    onCleanup(() => clearTimeout(timer));
  });
  return () => is() && lasts();
}

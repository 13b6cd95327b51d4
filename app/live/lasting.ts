/** What passes by itself in a moment is not worth a word: true once `source` has been true for `afterMs` without a break. */
import { type Accessor, createEffect, createSignal, onCleanup } from "solid-js";

export function createLasting(source: Accessor<boolean>, afterMs: number): Accessor<boolean> {
  const [lasts, setLasts] = createSignal(false);
  createEffect(() => {
    setLasts(false);
    if (!source()) return;
    const timer = setTimeout(() => setLasts(true), afterMs);
    onCleanup(() => clearTimeout(timer));
  });
  return () => source() && lasts();
}

/** How long until one may write again, counted down. */
import { type Accessor, createEffect, createMemo, createSignal, onCleanup } from "solid-js";

const stepMs = 250;

/** Whole seconds that are left; 0 where nothing has to be waited for. */
export function useCountDown(untilMs: Accessor<number | undefined>): Accessor<number> {
  const [nowMs, setNowMs] = createSignal(Date.now());
  const left = createMemo(() => Math.max(0, Math.ceil(((untilMs() ?? 0) - nowMs()) / 1_000)));
  createEffect(() => {
    if (untilMs() === undefined) return;
    setNowMs(Date.now());
    const timer = setInterval(() => {
      setNowMs(Date.now());
      if (left() === 0) clearInterval(timer);
    }, stepMs);
    onCleanup(() => clearInterval(timer));
  });
  return left;
}

/** "0:42", "1:05:00". */
export function clockOf(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Tells the other side that somebody writes: repeated while it lasts, ended when it rests. */
import { onCleanup } from "solid-js";

const repeatMs = 4_000;
const restMs = 5_000;

export function useTyping(tell: (typing: boolean) => void): { touch(writing: boolean): void; stop(): void } {
  let toldAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const stop = () => {
    clearTimeout(timer);
    if (toldAt === 0) return;
    toldAt = 0;
    tell(false);
  };
  onCleanup(stop);
  return {
    touch(writing) {
      if (!writing) return stop();
      clearTimeout(timer);
      timer = setTimeout(stop, restMs);
      if (Date.now() - toldAt < repeatMs) return;
      toldAt = Date.now();
      tell(true);
    },
    stop,
  };
}

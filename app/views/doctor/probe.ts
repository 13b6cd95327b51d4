/** Looking again takes a while and has no answer of its own: it is done when the diagnosis tells of a new try, or in time. */
import type { DiagnosisView } from "@kith/core";
import { type Accessor, createEffect, createSignal, onCleanup } from "solid-js";

/** Shorter, and one would not see that anything was done. */
const shortestMs = 1_000;
/** A dial ends by itself before this. */
const longestMs = 15_000;

export interface Probe {
  readonly state: Accessor<"idle" | "looking" | "done">;
  readonly look: () => void;
}

export function useProbe(ask: () => void, found: Accessor<DiagnosisView | undefined>): Probe {
  const [state, setState] = createSignal<"idle" | "looking" | "done">("idle");
  let askedAtMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const endIn = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => setState("done"), ms);
  };
  onCleanup(() => clearTimeout(timer));
  createEffect(() => {
    const dialled = found()?.lastDial?.atMs ?? 0;
    if (state() === "looking" && dialled >= askedAtMs) endIn(shortestMs);
  });
  return {
    state,
    look() {
      askedAtMs = Date.now();
      setState("looking");
      endIn(longestMs);
      ask();
    },
  };
}

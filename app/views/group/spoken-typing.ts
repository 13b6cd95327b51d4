/** Tells screen readers that somebody in a group types: that it began, not who comes and goes meanwhile. Knows no names. */
import { type Accessor, createEffect } from "solid-js";
import { announce } from "../../components/announcer.tsx";

/** Whoever thinks between two sentences has not begun anew. Lower: a lively group talks over what is read out. */
const restMs = 30_000;

/** `words`: what is shown of it; empty while nobody types. */
export function useSpokenTyping(words: Accessor<string>): void {
  let typing = false;
  let endedAtMs = Number.NEGATIVE_INFINITY;
  createEffect(() => {
    const sentence = words();
    const atMs = Date.now();
    if (sentence !== "" && !typing && atMs - endedAtMs >= restMs) announce(sentence);
    if (sentence === "" && typing) endedAtMs = atMs;
    typing = sentence !== "";
  });
}

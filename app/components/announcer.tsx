/**
 * The one place that speaks to screen readers about what arrives. Never the message list itself: a windowed list draws
 * its rows again and would read old messages out.
 */
import { type Accessor, createRoot, createSignal, For } from "solid-js";

interface Spoken {
  readonly id: number;
  readonly text: string;
}

const [spoken, setSpoken]: [Accessor<readonly Spoken[]>, (next: readonly Spoken[]) => void] = createRoot(() =>
  createSignal<readonly Spoken[]>([]),
);
let serial = 0;

export function announce(text: string): void {
  setSpoken([...spoken().slice(-2), { id: ++serial, text }]);
}

export function Announcer() {
  return (
    <div class="hidden-words" role="log" aria-live="polite" aria-relevant="additions">
      <For each={spoken()}>{(line) => <p>{line.text}</p>}</For>
    </div>
  );
}

/** The present as a signal, once a minute: "2 minutes ago" and "Today" grow old by themselves. */
import { type Accessor, createRoot, createSignal } from "solid-js";

const stepMs = 60_000;

export const now: Accessor<number> = createRoot(() => {
  const [value, setValue] = createSignal(Date.now());
  setInterval(() => setValue(Date.now()), stepMs);
  document.addEventListener("visibilitychange", () => setValue(Date.now()));
  return value;
});

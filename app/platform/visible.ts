/** Whether somebody can be looking at the page. */
import { type Accessor, createRoot, createSignal } from "solid-js";

export const visible: Accessor<boolean> = createRoot(() => {
  const look = () => document.visibilityState === "visible";
  const [value, setValue] = createSignal(look());
  document.addEventListener("visibilitychange", () => setValue(look()));
  return value;
});

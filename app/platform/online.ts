/** Whether the browser believes that it has a network. False is certain; true is a hope. */
import { type Accessor, createRoot, createSignal } from "solid-js";

export const online: Accessor<boolean> = createRoot(() => {
  const [value, setValue] = createSignal(navigator.onLine);
  window.addEventListener("online", () => setValue(true));
  window.addEventListener("offline", () => setValue(false));
  return value;
});

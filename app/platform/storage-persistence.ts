/** Whether the browser may throw the data away by itself, and asking it not to. */
import { type Accessor, createRoot, createSignal } from "solid-js";

const [kept, setKept] = createRoot(() => createSignal<boolean>());

/** Undefined until it was looked up. */
export const isPersisted: Accessor<boolean | undefined> = kept;

export async function lookUpPersistence(): Promise<void> {
  try {
    setKept((await navigator.storage?.persisted?.()) ?? false);
  } catch {
    setKept(false);
  }
}

/**
 * Firefox asks the person, Chromium decides alone: so call it inside a click that makes something worth keeping. What is
 * kept already is not asked for again.
 */
export async function askToPersist(): Promise<boolean> {
  try {
    setKept((await navigator.storage?.persist?.()) ?? false);
  } catch {
    setKept(false);
  }
  return kept() === true;
}

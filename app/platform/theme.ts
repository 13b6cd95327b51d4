/** Light, dark or as the system: kept in this browser, shown by an attribute that styles/tokens.css reads. */
import { type Accessor, createRoot, createSignal } from "solid-js";

export type Theme = "system" | "light" | "dark";

const storageKey = "kith-theme";
const isTheme = (value: unknown): value is Theme => value === "system" || value === "light" || value === "dark";

const [chosen, setChosen] = createRoot(() => createSignal<Theme>(readTheme()));

export const theme: Accessor<Theme> = chosen;

export function setTheme(next: Theme): void {
  setChosen(next);
  try {
    localStorage.setItem(storageKey, next);
  } catch {
    // Refused storage: the choice then holds for this page only.
  }
  showTheme();
}

export function showTheme(): void {
  const root = document.documentElement;
  if (chosen() === "system") root.removeAttribute("data-theme");
  else root.setAttribute("data-theme", chosen());
}

function readTheme(): Theme {
  try {
    const stored = localStorage.getItem(storageKey);
    return isTheme(stored) ? stored : "system";
  } catch {
    return "system";
  }
}

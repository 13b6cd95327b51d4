/** Which dialog of the shell is open: one at a time. */
import { type Accessor, createRoot, createSignal } from "solid-js";

export type Overlay = "palette" | "help" | "paste";

const [overlay, setOverlay] = createRoot(() => createSignal<Overlay>());

export const openOverlay: Accessor<Overlay | undefined> = overlay;
export const showOverlay = (next: Overlay): void => void setOverlay(next);
export const closeOverlay = (): void => void setOverlay(undefined);

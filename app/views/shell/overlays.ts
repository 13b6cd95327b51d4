/** Which dialog of the shell is open: one at a time, so that one can lead to another. */
import type { ConversationId, MessageView } from "@kith/core";
import { type Accessor, createRoot, createSignal } from "solid-js";

type Subject =
  /** Why somebody can or cannot be reached. */
  | { readonly kind: "doctor"; readonly conversation: ConversationId }
  /** At which nodes a conversation is kept. */
  | { readonly kind: "nodes"; readonly conversation: ConversationId }
  | { readonly kind: "message"; readonly conversation: ConversationId; readonly message: MessageView }
  | { readonly kind: "remove"; readonly conversation: ConversationId; readonly message: MessageView }
  | { readonly kind: "report"; readonly conversation: ConversationId; readonly message: MessageView };
export type Overlay = "palette" | "help" | "paste" | Subject;

const [overlay, setOverlay] = createRoot(() => createSignal<Overlay>());

export const openOverlay: Accessor<Overlay | undefined> = overlay;
export const showOverlay = (next: Overlay): void => void setOverlay(next);
export const closeOverlay = (): void => void setOverlay(undefined);

/** The open dialog about something, when it is of this kind. */
export function overlayOf<K extends Subject["kind"]>(kind: K): Extract<Subject, { readonly kind: K }> | undefined {
  const open = overlay();
  return typeof open === "object" && open.kind === kind ? (open as Extract<Subject, { readonly kind: K }>) : undefined;
}

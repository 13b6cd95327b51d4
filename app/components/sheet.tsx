/**
 * A dialog over the page, on the browser's own <dialog>: focus stays inside, Esc closes, focus returns to the opener.
 */
import "./sheet.css";
import X from "lucide-solid/icons/x";
import { createUniqueId, type JSX, onCleanup, onMount, Show } from "solid-js";
import { t } from "../i18n/words.ts";

export interface SheetProps {
  readonly title: string;
  /** Shown to screen readers only, when the content is its own title. */
  readonly hideTitle?: boolean;
  readonly onClose: () => void;
  readonly children: JSX.Element;
  readonly class?: string;
}

export function Sheet(props: SheetProps) {
  const titleId = createUniqueId();
  let dialog: HTMLDialogElement | undefined;
  let gone = false;
  onMount(() => dialog?.showModal());
  // Back, on a phone the usual way to close a dialog, leaves no dialog over another page.
  const onBack = () => dialog?.close();
  addEventListener("popstate", onBack);
  // Closed also when its owner takes it away, because only closing gives the focus back to the opener.
  onCleanup(() => {
    gone = true;
    removeEventListener("popstate", onBack);
    dialog?.close();
  });
  const onShade = (event: MouseEvent) => {
    if (event.target === dialog) dialog?.close();
  };
  return (
    <dialog
      ref={dialog}
      class={`sheet ${props.class ?? ""}`}
      aria-labelledby={titleId}
      onClose={() => gone || props.onClose()}
      onMouseDown={onShade}
    >
      <div class="sheet-body">
        <div class={props.hideTitle ? "hidden-words" : "sheet-head"}>
          <h2 id={titleId} class="sheet-title">
            {props.title}
          </h2>
          <Show when={!props.hideTitle}>
            <button type="button" class="icon-button" aria-label={t("close")} onClick={() => dialog?.close()}>
              <X size={20} />
            </button>
          </Show>
        </div>
        {props.children}
      </div>
    </dialog>
  );
}

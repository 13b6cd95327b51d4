/** Asks before something that cannot be taken back. */
import type { JSX } from "solid-js";
import { t } from "../i18n/words.ts";
import { Sheet } from "./sheet.tsx";

export interface ConfirmProps {
  readonly title: string;
  readonly children: JSX.Element;
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function Confirm(props: ConfirmProps) {
  return (
    <Sheet title={props.title} onClose={() => props.onClose()}>
      <p>{props.children}</p>
      <div class="sheet-actions">
        <button type="button" class="button button-quiet" onClick={() => props.onClose()}>
          {t("cancel")}
        </button>
        <button type="button" class="button button-danger" onClick={() => props.onConfirm()}>
          {props.action}
        </button>
      </div>
    </Sheet>
  );
}

/** The name field of the first screen: filled in, selected on focus, with its fault below. */
import type { NameFault, WriteFaultView } from "@kith/core";
import { createUniqueId, Show } from "solid-js";
import { nameFaultWords } from "../../i18n/fault-words.ts";
import { t } from "../../i18n/words.ts";

export interface NameFieldProps {
  readonly value: string;
  readonly fault: NameFault | WriteFaultView | "already-started" | undefined;
  readonly onInput: (name: string) => void;
  readonly hint?: string;
}

export function NameField(props: NameFieldProps) {
  const id = createUniqueId();
  const hintId = createUniqueId();
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {t("welcome.name")}
      </label>
      <input
        id={id}
        class="field-input"
        type="text"
        autocomplete="nickname"
        maxlength={60}
        value={props.value}
        aria-describedby={hintId}
        aria-invalid={props.fault !== undefined}
        onInput={(event) => props.onInput(event.currentTarget.value)}
        onFocus={(event) => event.currentTarget.select()}
      />
      <p id={hintId} class={props.fault ? "field-fault" : "field-hint"} role={props.fault ? "alert" : undefined}>
        <Show when={props.fault} fallback={props.hint ?? t("welcome.nameHint")}>
          {(fault) => <>{t(nameFaultWords[fault()])}</>}
        </Show>
      </p>
    </div>
  );
}

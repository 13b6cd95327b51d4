/** What a group that is being made shall be called, and what is wrong with it. */
import { createUniqueId, Show } from "solid-js";
import { t } from "../../i18n/words.ts";

export interface GroupNameFieldProps {
  readonly ref: (field: HTMLInputElement) => void;
  readonly name: string;
  readonly fault: string | undefined;
  readonly onChange: (name: string) => void;
}

export function GroupNameField(props: GroupNameFieldProps) {
  const nameId = createUniqueId();
  const faultId = createUniqueId();
  return (
    <div class="field">
      <label class="field-label" for={nameId}>
        {t("group.newName")}
      </label>
      <input
        ref={props.ref}
        id={nameId}
        class="field-input"
        type="text"
        maxlength={60}
        autocomplete="off"
        dir="auto"
        value={props.name}
        aria-invalid={props.fault !== undefined}
        aria-describedby={props.fault ? faultId : undefined}
        onInput={(event) => props.onChange(event.currentTarget.value)}
      />
      <Show when={props.fault}>
        <span id={faultId} class="field-fault" role="alert">
          {props.fault}
        </span>
      </Show>
    </div>
  );
}

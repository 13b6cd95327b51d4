/** On or off, with what it means. Shows what is true: a change that was refused springs back. */
import "./switch.css";
import { createUniqueId } from "solid-js";

export interface SwitchProps {
  readonly label: string;
  readonly hint: string;
  readonly on: boolean;
  readonly disabled?: boolean;
  /** Settles when the change is kept or refused. */
  readonly onChange: (on: boolean) => Promise<void>;
}

export function Switch(props: SwitchProps) {
  const hintId = createUniqueId();
  const change = async (input: HTMLInputElement) => {
    await props.onChange(input.checked);
    input.checked = props.on;
  };
  return (
    <label class="switch">
      <span class="switch-words">
        <span class="switch-label">{props.label}</span>
        <span id={hintId} class="muted small">
          {props.hint}
        </span>
      </span>
      <input
        class="switch-input"
        type="checkbox"
        // biome-ignore lint/a11y/useAriaPropsForRole: a checkbox tells by itself whether it is checked
        role="switch"
        aria-label={props.label}
        aria-describedby={hintId}
        checked={props.on}
        disabled={props.disabled}
        onChange={(event) => void change(event.currentTarget)}
      />
    </label>
  );
}

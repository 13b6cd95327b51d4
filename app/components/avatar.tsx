/** A person: their initial inside the seal of their key. */
import "./avatar.css";
import NotebookPen from "lucide-solid/icons/notebook-pen";
import { createMemo, Show } from "solid-js";
import { initialOf, keySeal } from "./key-seal.ts";

export interface AvatarProps {
  readonly name: string;
  /** Absent for Note to self. */
  readonly account?: string | undefined;
  readonly size: "s" | "m" | "l";
  readonly online?: boolean | undefined;
}

export function Avatar(props: AvatarProps) {
  const seal = createMemo(() => keySeal(props.account ?? ""));
  return (
    <span class={`avatar avatar-${props.size}`} aria-hidden="true">
      <Show
        when={props.account}
        fallback={
          <span class="avatar-self">
            <NotebookPen size={props.size === "l" ? 36 : 20} strokeWidth={1.75} />
          </span>
        }
      >
        <svg class={`avatar-seal avatar-hue-${seal().hue}`} viewBox="0 0 48 48" aria-hidden="true">
          <circle class="avatar-ground" cx="24" cy="24" r="24" />
          <path class="avatar-strokes" d={seal().path} />
          <text class="avatar-initial" x="24" y="24" text-anchor="middle" dominant-baseline="central">
            {initialOf(props.name)}
          </text>
        </svg>
      </Show>
      <Show when={props.online}>
        <span class="avatar-online" />
      </Show>
    </span>
  );
}

/** The sign of an own message's state: clock, one tick, two ticks, two filled ticks, or "!". Says nothing by itself. */
import "./mark-sign.css";
import type { MessageMark } from "@kith/core";
import Check from "lucide-solid/icons/check";
import CheckCheck from "lucide-solid/icons/check-check";
import CircleAlert from "lucide-solid/icons/circle-alert";
import Clock3 from "lucide-solid/icons/clock-3";
import { Match, Switch } from "solid-js";

const iconSize = 15;

export function MarkSign(props: { readonly mark: MessageMark }) {
  return (
    <span class={`sign sign-${props.mark.kind}`} aria-hidden="true">
      <Switch fallback={<CircleAlert size={iconSize} />}>
        <Match when={props.mark.kind === "saved"}>
          <Clock3 size={iconSize} />
        </Match>
        <Match when={props.mark.kind === "held" || props.mark.kind === "kept"}>
          <Check size={iconSize} />
        </Match>
        <Match when={props.mark.kind === "delivered" || props.mark.kind === "read"}>
          <CheckCheck size={iconSize} />
        </Match>
      </Switch>
    </span>
  );
}

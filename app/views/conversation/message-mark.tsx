/** The sign under an own message: clock, one tick, two ticks, or "!". Hover, focus or a tap says the whole sentence. */
import type { MessageMark as Mark } from "@kith/core";
import Check from "lucide-solid/icons/check";
import CheckCheck from "lucide-solid/icons/check-check";
import CircleAlert from "lucide-solid/icons/circle-alert";
import Clock3 from "lucide-solid/icons/clock-3";
import { createMemo, createUniqueId, Match, Show, Switch } from "solid-js";
import { now } from "../../platform/clock.ts";
import { markInWords } from "./mark-words.ts";

export interface MessageMarkProps {
  readonly mark: Mark;
  readonly name: string;
  /** The words stand beside the sign. */
  readonly spoken: boolean;
}

const iconSize = 15;

export function MessageMark(props: MessageMarkProps) {
  const tipId = createUniqueId();
  const words = createMemo(() => markInWords(props.mark, props.name, now()));
  return (
    <span class={`mark mark-${props.mark.kind}`}>
      <button type="button" class="mark-button" tabindex="-1" aria-label={words().short} aria-describedby={tipId}>
        <Show when={props.spoken}>
          <span class="mark-words">{words().short}</span>
        </Show>
        <Switch fallback={<CircleAlert size={iconSize} />}>
          <Match when={props.mark.kind === "saved"}>
            <Clock3 size={iconSize} />
          </Match>
          <Match when={props.mark.kind === "held"}>
            <Check size={iconSize} />
          </Match>
          <Match when={props.mark.kind === "delivered"}>
            <CheckCheck size={iconSize} />
          </Match>
        </Switch>
      </button>
      <span id={tipId} class="mark-tip" role="tooltip">
        {words().long}
      </span>
    </span>
  );
}

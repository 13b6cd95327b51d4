/**
 * The sign under an own message: clock, one tick, two ticks, two filled ticks, or "!". Hover or focus says the whole
 * sentence; a tap opens the facts behind it.
 */
import type { MessageMark as Mark, MessageView } from "@kith/core";
import Check from "lucide-solid/icons/check";
import CheckCheck from "lucide-solid/icons/check-check";
import CircleAlert from "lucide-solid/icons/circle-alert";
import Clock3 from "lucide-solid/icons/clock-3";
import { createMemo, createUniqueId, Match, Show, Switch } from "solid-js";
import { now } from "../../platform/clock.ts";
import { ownMarkInWords } from "./mark-words.ts";

export interface MessageMarkProps {
  readonly mark: Mark;
  readonly reached: MessageView["reached"];
  readonly name: string;
  /** The words stand beside the sign. */
  readonly spoken: boolean;
  readonly onOpen: () => void;
}

const iconSize = 15;

export function MessageMark(props: MessageMarkProps) {
  const tipId = createUniqueId();
  const words = createMemo(() => ownMarkInWords(props, props.name, now()) ?? { short: "", long: "" });
  return (
    <span class={`mark mark-${props.mark.kind}`}>
      <button
        type="button"
        class="mark-button"
        tabindex="-1"
        aria-label={words().short}
        aria-describedby={tipId}
        aria-haspopup="dialog"
        onClick={() => props.onOpen()}
      >
        <Show when={props.spoken}>
          <span class="mark-words">{words().short}</span>
        </Show>
        <span class="mark-sign">
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
      </button>
      <span id={tipId} class="mark-tip" role="tooltip">
        {words().long}
      </span>
    </span>
  );
}

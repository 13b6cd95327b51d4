/**
 * The sign under an own message: clock, one tick, two ticks, two filled ticks, or "!". Hover or focus says the whole
 * sentence; a tap opens the facts behind it.
 */
import type { MessageMark as Mark, MessageView } from "@kith/core";
import { createMemo, createUniqueId, Show } from "solid-js";
import { MarkSign } from "../../components/mark-sign.tsx";
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
        <MarkSign mark={props.mark} />
      </button>
      <span id={tipId} class="mark-tip" role="tooltip">
        {words().long}
      </span>
    </span>
  );
}

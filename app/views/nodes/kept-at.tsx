/** The nodes at which a conversation is kept, each with how it fares here. */
import type { ConversationView } from "@kith/core";
import { For, Show } from "solid-js";
import { hostOf } from "../../i18n/people-words.ts";
import { fromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { now } from "../../platform/clock.ts";
import { nodeStateInWords } from "./node-words.ts";

export function KeptAt(props: { readonly nodes: ConversationView["nodes"] }) {
  const messenger = useMessenger();
  const known = fromLive(() => messenger.nodes);
  return (
    <ul>
      <For each={props.nodes}>
        {(node) => (
          <li class="details-node">
            {hostOf(node)}
            <Show when={known()?.find((each) => each.node === node)}>
              {(state) => <span class="muted small">{nodeStateInWords(state(), now())}</span>}
            </Show>
          </li>
        )}
      </For>
    </ul>
  );
}

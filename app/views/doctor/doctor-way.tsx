/** From a general word about the connection to the person whose chat is open. Nothing where none is. */
import type { ConversationId } from "@kith/core";
import { useLocation } from "@solidjs/router";
import { Show } from "solid-js";
import { titleOf } from "../../i18n/people-words.ts";
import { t } from "../../i18n/words.ts";
import { fromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { showOverlay } from "../shell/overlays.ts";

/** `onLeave`: closes what it stands in. */
export function DoctorWay(props: { readonly onLeave: () => void }) {
  const messenger = useMessenger();
  const location = useLocation();
  const id = () => (/^\/c\/([^/]+)/.exec(location.pathname)?.[1] ?? "") as ConversationId;
  const view = fromLive(() => messenger.conversation(id()));
  const open = () => {
    props.onLeave();
    showOverlay({ kind: "doctor", conversation: id() });
  };
  return (
    <Show when={view()?.standing === "connected" && view()}>
      {(conversation) => (
        <div class="sheet-actions">
          <button type="button" class="button button-quiet" onClick={open}>
            {t("doctor.ask", { name: titleOf(conversation()) })}
          </button>
        </div>
      )}
    </Show>
  );
}

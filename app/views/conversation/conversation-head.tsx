/** Who this is, whether they are there, and the way to the details. */
import type { ConversationView } from "@kith/core";
import { A } from "@solidjs/router";
import Info from "lucide-solid/icons/info";
import ShieldCheck from "lucide-solid/icons/shield-check";
import { Show } from "solid-js";
import { Avatar } from "../../components/avatar.tsx";
import { presenceInWords, titleOf } from "../../i18n/people-words.ts";
import { t } from "../../i18n/words.ts";
import { now } from "../../platform/clock.ts";
import { BackButton } from "../shell/back-button.tsx";
import { showOverlay } from "../shell/overlays.ts";

export interface ConversationHeadProps {
  readonly view: ConversationView;
  readonly detailsOpen: boolean;
}

export function ConversationHead(props: ConversationHeadProps) {
  const status = () =>
    props.view.typing && props.view.standing === "connected"
      ? t("presence.typing")
      : presenceInWords(props.view.presence, now());
  return (
    <header class="page-head">
      <BackButton />
      <Avatar
        name={titleOf(props.view)}
        account={props.view.contact}
        size="s"
        online={props.view.presence.kind === "here"}
      />
      <div class="conversation-who">
        <h1 class="conversation-title" dir="auto">
          <span class="conversation-name">{titleOf(props.view)}</span>
          <Show when={props.view.person?.verified}>
            <span class="conversation-verified">
              <ShieldCheck size={16} aria-label={t("contact.verified")} role="img" />
            </span>
          </Show>
        </h1>
        <p class="conversation-status">
          <span class="conversation-presence">{status()}</span>
          <Show when={props.view.standing === "connected" && props.view.presence.kind === "away"}>
            <button
              type="button"
              class="text-button conversation-why"
              aria-label={t("doctor.ask", { name: titleOf(props.view) })}
              onClick={() => showOverlay({ kind: "doctor", conversation: props.view.id })}
            >
              {t("why")}
            </button>
          </Show>
        </p>
      </div>
      <Show when={props.view.person}>
        <A
          class="icon-button"
          href={props.detailsOpen ? `/c/${props.view.id}` : `/c/${props.view.id}/info`}
          aria-label={props.detailsOpen ? t("contact.closeDetails") : t("chat.details", { name: titleOf(props.view) })}
        >
          <Info size={20} />
        </A>
      </Show>
    </header>
  );
}

/** One open invitation, to show and to send: its code, its link, and how far it reaches. */
import "./invite-page.css";
import type { InviteView } from "@kith/core";
import { Show } from "solid-js";
import { QrCode } from "../../components/qr-code.tsx";
import { t } from "../../i18n/words.ts";
import { fromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { linkEnding } from "./invite-state.ts";
import { LinkActions, LinkField, LinkReach } from "./link-to-send.tsx";

export interface InviteCardProps {
  readonly invite: InviteView;
  readonly making: boolean;
  readonly onAnother: () => void;
}

export function InviteCard(props: InviteCardProps) {
  const messenger = useMessenger();
  const profile = fromLive(() => messenger.profile);
  // Whoever opens it needs both: the page it leads to, and the node where it is left.
  const addresses = () => {
    const me = profile();
    return [props.invite.link, ...(me?.kind === "person" ? me.nodes.slice(0, 1) : [])];
  };
  return (
    <section class="card invite-card" aria-labelledby="invite-lead">
      <div class="invite-code">
        <QrCode text={props.invite.link} label={t("invite.qr")} />
      </div>
      <div class="invite-side">
        <p id="invite-lead" class="invite-lead">
          {t("invite.lead")}
        </p>
        <Show when={props.invite.state === "preparing"}>
          <p class="invite-preparing" role="status">
            {t("invite.statePreparing")}
          </p>
        </Show>
        <LinkReach addresses={addresses()} />
        <LinkField label={t("invite.link")} link={props.invite.link} />
        <p class="muted small">{t("invite.endingOf", { ending: linkEnding(props.invite) })}</p>
        <div class="invite-actions">
          <LinkActions words={t("invite.shareMessage")} link={props.invite.link} />
          <button type="button" class="button button-quiet" disabled={props.making} onClick={() => props.onAnother()}>
            {t("invite.another")}
          </button>
        </div>
        <p class="muted small">{t("invite.honest")}</p>
      </div>
    </section>
  );
}

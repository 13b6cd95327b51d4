/** One open invitation, to show and to send: its code, its link, and how far it reaches. */
import "./invite-page.css";
import type { InviteView } from "@kith/core";
import Copy from "lucide-solid/icons/copy";
import Share2 from "lucide-solid/icons/share-2";
import { createMemo, Show } from "solid-js";
import { notify } from "../../components/notices.tsx";
import { QrCode } from "../../components/qr-code.tsx";
import { t } from "../../i18n/words.ts";
import { fromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { canShare, copyText, shareLink } from "../../platform/share.ts";
import { leastReach } from "../nodes/host-reach.ts";
import { linkEnding } from "./invite-state.ts";

export interface InviteCardProps {
  readonly invite: InviteView;
  readonly making: boolean;
  readonly onAnother: () => void;
}

export function InviteCard(props: InviteCardProps) {
  const messenger = useMessenger();
  const profile = fromLive(() => messenger.profile);
  // Whoever opens it needs both: the page it leads to, and the node where it is left.
  const reach = createMemo(() => {
    const me = profile();
    return leastReach([props.invite.link, ...(me?.kind === "person" ? me.nodes.slice(0, 1) : [])]);
  });
  const copy = async () => {
    const copied = await copyText(props.invite.link);
    notify(copied ? t("copied") : t("copyFailed"), copied ? "calm" : "fault");
  };
  const share = async () => {
    if (!(await shareLink(t("invite.shareMessage"), props.invite.link))) await copy();
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
        <Show when={reach().reach !== "everywhere"}>
          <p class="invite-preparing">
            {reach().reach === "computer" ? t("invite.onlyHere", reach()) : t("invite.onlyNear", reach())}
          </p>
        </Show>
        <label class="field">
          <span class="field-label">{t("invite.link")}</span>
          <input
            class="field-input invite-link"
            type="text"
            readonly
            value={props.invite.link}
            onFocus={(event) => event.currentTarget.select()}
          />
        </label>
        <p class="muted small">{t("invite.endingOf", { ending: linkEnding(props.invite) })}</p>
        <div class="invite-actions">
          <Show when={canShare()}>
            <button type="button" class="button" onClick={() => void share()}>
              <Share2 size={18} />
              {t("invite.share")}
            </button>
          </Show>
          <button type="button" class="button" classList={{ "button-quiet": canShare() }} onClick={() => void copy()}>
            <Copy size={18} />
            {t("invite.copy")}
          </button>
          <button type="button" class="button button-quiet" disabled={props.making} onClick={() => props.onAnother()}>
            {t("invite.another")}
          </button>
        </div>
        <p class="muted small">{t("invite.honest")}</p>
      </div>
    </section>
  );
}

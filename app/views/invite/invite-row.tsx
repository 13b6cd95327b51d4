/** One of my invitations in the list: how it stands, when it was made, how its link ends. */
import type { InviteView } from "@kith/core";
import { Show } from "solid-js";
import { fromNow, moment } from "../../i18n/time.ts";
import { t } from "../../i18n/words.ts";
import { now } from "../../platform/clock.ts";
import { inviteStateInWords, isOpen, linkEnding } from "./invite-state.ts";

export interface InviteRowProps {
  readonly invite: InviteView;
  /** Its code and link are on the page. */
  readonly shown: boolean;
  readonly onShow: () => void;
  readonly onWithdraw: () => void;
}

export function InviteRow(props: InviteRowProps) {
  const words = () => ({ when: moment(props.invite.createdAtMs, now()), ending: linkEnding(props.invite) });
  return (
    <li class="invite-row">
      <div>
        <p class="invite-state">{inviteStateInWords(props.invite)}</p>
        <p class="muted small">
          {t("invite.made", words())}
          <Show when={isOpen(props.invite)}>
            {t("list.dot")}
            {t("invite.ends", { when: fromNow(props.invite.expiresAtMs, now()) })}
          </Show>
          {t("list.dot")}
          {t("invite.ending", words())}
        </p>
      </div>
      <Show when={isOpen(props.invite)}>
        <div class="invite-row-actions">
          <Show when={!props.shown}>
            <button
              type="button"
              class="button button-quiet"
              aria-label={t("invite.showNamed", words())}
              onClick={() => props.onShow()}
            >
              {t("invite.show")}
            </button>
          </Show>
          <button
            type="button"
            class="button button-danger"
            aria-label={t("invite.withdrawNamed", words())}
            onClick={() => props.onWithdraw()}
          >
            {t("invite.withdraw")}
          </button>
        </div>
      </Show>
    </li>
  );
}

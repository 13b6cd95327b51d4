/** Links by which others come into the group: how each stands, showing and withdrawing it, making another. */
import type { GroupInviteView, GroupView } from "@kith/core";
import LinkIcon from "lucide-solid/icons/link";
import { For, Show } from "solid-js";
import type { Naming } from "../../i18n/group-words.ts";
import { personIn } from "../../i18n/group-words.ts";
import { fromNow } from "../../i18n/time.ts";
import { t } from "../../i18n/words.ts";
import { rowsOf } from "../../live/from-live.ts";
import { now } from "../../platform/clock.ts";
import { linkEnding } from "../invite/invite-state.ts";
import type { Ask } from "./group-dialog.ts";

export interface LinksPartProps {
  readonly group: GroupView;
  readonly naming: Naming;
  readonly onAsk: Ask;
}

export function LinksPart(props: LinksPartProps) {
  const invites = rowsOf(() => props.group.invites, "id");
  return (
    <section class="details-part" aria-labelledby="group-links">
      <h3 id="group-links" class="details-part-title">
        {t("group.links")}
      </h3>
      <p class="muted small">{t(props.group.rules.joining === "open" ? "group.linksTextOpen" : "group.linksText")}</p>
      <ul class="group-rows">
        <For each={invites()} fallback={<li class="muted small">{t("group.linksNone")}</li>}>
          {(invite) => <LinkRow invite={invite} naming={props.naming} onAsk={props.onAsk} />}
        </For>
      </ul>
      <div class="details-actions">
        <button type="button" class="button button-quiet" onClick={() => props.onAsk({ kind: "new-link" })}>
          <LinkIcon size={18} />
          {t("group.linkNew")}
        </button>
      </div>
    </section>
  );
}

const canBeUsed = (invite: GroupInviteView) => invite.state === "ready" || invite.state === "preparing";

function LinkRow(props: { readonly invite: GroupInviteView; readonly naming: Naming; readonly onAsk: Ask }) {
  const ending = () => linkEnding(props.invite);
  const state = () => {
    const { state, used, budget } = props.invite;
    if (state === "used-up") return t("group.linkUsedUp");
    if (state === "expired") return t("group.linkExpired");
    return t("group.linkUsed", { used, budget });
  };
  const facts = () =>
    [
      canBeUsed(props.invite) ? t("group.linkEnds", { when: fromNow(props.invite.expiresAtMs, now()) }) : "",
      t("group.linkBy", { name: personIn(props.naming, props.invite.by) }),
      t("invite.ending", { ending: ending() }),
    ]
      .filter((fact) => fact !== "")
      .join(t("list.dot"));
  return (
    <li class="group-row">
      <span class="group-row-words">
        <span class="group-row-title">{state()}</span>
        <span class="muted small">{facts()}</span>
        <Show when={props.invite.state === "preparing"}>
          <span class="muted small">{t("group.linkPreparing")}</span>
        </Show>
      </span>
      <Show when={canBeUsed(props.invite)}>
        <span class="group-row-actions">
          <button
            type="button"
            class="button button-danger"
            aria-label={t("group.linkWithdrawNamed", { ending: ending() })}
            onClick={() => props.onAsk({ kind: "withdraw", invite: props.invite.id })}
          >
            {t("group.linkWithdraw")}
          </button>
          <button
            type="button"
            class="button button-quiet"
            aria-label={t("group.linkShowNamed", { ending: ending() })}
            onClick={() => props.onAsk({ kind: "link", invite: props.invite.id })}
          >
            {t("group.linkShow")}
          </button>
        </span>
      </Show>
    </li>
  );
}

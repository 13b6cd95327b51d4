/** Making a contact: a code to show, a link to send, and what became of earlier ones. */
import "./invite-page.css";
import type { InviteView } from "@kith/core";
import Copy from "lucide-solid/icons/copy";
import Share2 from "lucide-solid/icons/share-2";
import { createEffect, createMemo, createSignal, For, Show } from "solid-js";
import { notify } from "../../components/notices.tsx";
import { QrCode } from "../../components/qr-code.tsx";
import { writeFaultWords } from "../../i18n/fault-words.ts";
import { fromNow, moment } from "../../i18n/time.ts";
import { t } from "../../i18n/words.ts";
import { rowsFromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { now } from "../../platform/clock.ts";
import { canShare, copyText, shareLink } from "../../platform/share.ts";
import { askToPersist } from "../../platform/storage-persistence.ts";
import { BackButton } from "../shell/back-button.tsx";
import { showOverlay } from "../shell/overlays.ts";
import { inviteStateInWords, isOpen } from "./invite-state.ts";

export function InvitePage() {
  const messenger = useMessenger();
  const invites = rowsFromLive(() => messenger.invites, "id");
  const [making, setMaking] = createSignal(false);
  const current = createMemo(() => invites()?.find(isOpen));

  const make = async () => {
    if (making()) return;
    // The click that led here, or the one on the button: an invitation is worth keeping the keys for.
    void askToPersist();
    setMaking(true);
    const made = await messenger.createInvite();
    setMaking(false);
    if (!made.ok) notify(t(writeFaultWords[made.error]), "fault");
  };
  // Whoever comes here wants a link: make one when none is open. Once, so that withdrawing the last one holds.
  let looked = false;
  createEffect(() => {
    if (looked || invites() === undefined) return;
    looked = true;
    if (!current()) void make();
  });
  const withdraw = async (invite: InviteView) => {
    const done = await messenger.withdrawInvite(invite.id);
    notify(done.ok ? t("invite.withdrawn") : t(writeFaultWords[done.error]), done.ok ? "calm" : "fault");
  };

  return (
    <main class="page" aria-label={t("invite.label")} tabindex="-1" data-region>
      <header class="page-head">
        <BackButton />
        <h1 class="page-title">{t("invite.title")}</h1>
      </header>
      <div class="page-body">
        <div class="page-column">
          <Show
            when={current()}
            fallback={
              <section class="card">
                <p class="muted" role="status">
                  {making() ? t("invite.making") : t("invite.lead")}
                </p>
                <button type="button" class="button" disabled={making()} onClick={() => void make()}>
                  {t("invite.make")}
                </button>
              </section>
            }
          >
            {(invite) => <OpenInvite invite={invite()} making={making()} onAnother={() => void make()} />}
          </Show>
          <p class="invite-got">
            {t("invite.got")}
            <button type="button" class="button button-quiet" onClick={() => showOverlay("paste")}>
              {t("paste.title")}
            </button>
          </p>
          <section class="invite-list" aria-labelledby="invite-list-title">
            <h2 id="invite-list-title" class="card-title">
              {t("invite.open")}
            </h2>
            <Show when={(invites()?.length ?? 0) > 0} fallback={<p class="muted">{t("invite.none")}</p>}>
              <ul class="invite-rows">
                <For each={invites()}>
                  {(invite) => (
                    <li class="invite-row">
                      <div>
                        <p class="invite-state">{inviteStateInWords(invite)}</p>
                        <p class="muted small">
                          {t("invite.made", { when: moment(invite.createdAtMs, now()) })}
                          <Show when={isOpen(invite)}>
                            {t("list.dot")}
                            {t("invite.ends", { when: fromNow(invite.expiresAtMs, now()) })}
                          </Show>
                        </p>
                      </div>
                      <Show when={isOpen(invite)}>
                        <button
                          type="button"
                          class="button button-danger"
                          aria-label={t("invite.withdrawNamed", { when: moment(invite.createdAtMs, now()) })}
                          onClick={() => void withdraw(invite)}
                        >
                          {t("invite.withdraw")}
                        </button>
                      </Show>
                    </li>
                  )}
                </For>
              </ul>
            </Show>
          </section>
        </div>
      </div>
    </main>
  );
}

interface OpenInviteProps {
  readonly invite: InviteView;
  readonly making: boolean;
  readonly onAnother: () => void;
}

function OpenInvite(props: OpenInviteProps) {
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

/** Making a contact: a code to show, a link to send, and what became of earlier ones. */
import "./invite-page.css";
import type { InviteId, InviteView } from "@kith/core";
import { createEffect, createMemo, createSignal, For, Show } from "solid-js";
import { Confirm } from "../../components/confirm.tsx";
import { notify } from "../../components/notices.tsx";
import { writeFaultWords } from "../../i18n/fault-words.ts";
import { moment } from "../../i18n/time.ts";
import { t } from "../../i18n/words.ts";
import { rowsFromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { now } from "../../platform/clock.ts";
import { askToPersist } from "../../platform/storage-persistence.ts";
import { BackButton } from "../shell/back-button.tsx";
import { showOverlay } from "../shell/overlays.ts";
import { InviteCard } from "./invite-card.tsx";
import { InviteRow } from "./invite-row.tsx";
import { isOpen, linkEnding } from "./invite-state.ts";

export function InvitePage() {
  const messenger = useMessenger();
  const invites = rowsFromLive(() => messenger.invites, "id");
  const [making, setMaking] = createSignal(false);
  const [chosen, setChosen] = createSignal<InviteId>();
  const [withdrawing, setWithdrawing] = createSignal<InviteView>();
  const open = createMemo(() => (invites() ?? []).filter(isOpen));
  const current = createMemo(() => open().find((invite) => invite.id === chosen()) ?? open()[0]);

  const make = async () => {
    if (making()) return;
    // The click that led here, or the one on the button: an invitation is worth keeping the keys for.
    void askToPersist();
    setMaking(true);
    const made = await messenger.createInvite();
    setMaking(false);
    if (made.ok) setChosen(made.value.id);
    else notify(t(writeFaultWords[made.error]), "fault");
  };
  // Whoever comes here wants a link: make one when none is open. Once, so that withdrawing the last one holds.
  let looked = false;
  createEffect(() => {
    if (looked || invites() === undefined) return;
    looked = true;
    if (!current()) void make();
  });
  const withdraw = async (invite: InviteView) => {
    setWithdrawing(undefined);
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
            {(invite) => <InviteCard invite={invite()} making={making()} onAnother={() => void make()} />}
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
                    <InviteRow
                      invite={invite}
                      shown={invite.id === current()?.id}
                      onShow={() => setChosen(invite.id)}
                      onWithdraw={() => setWithdrawing(invite)}
                    />
                  )}
                </For>
              </ul>
            </Show>
          </section>
        </div>
      </div>
      <Show when={withdrawing()} keyed>
        {(invite) => (
          <Confirm
            title={t("invite.withdrawTitle")}
            action={t("invite.withdraw")}
            onConfirm={() => void withdraw(invite)}
            onClose={() => setWithdrawing(undefined)}
          >
            {t("invite.withdrawText", {
              when: moment(invite.createdAtMs, now()),
              ending: linkEnding(invite),
            })}
          </Confirm>
        )}
      </Show>
    </main>
  );
}

/** Who came by a link and waits to be let in. */
import type { AccountId, ConversationId, GroupView } from "@kith/core";
import { For, Show } from "solid-js";
import { Avatar } from "../../components/avatar.tsx";
import { moment } from "../../i18n/time.ts";
import { t } from "../../i18n/words.ts";
import { rowsOf } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { now } from "../../platform/clock.ts";
import { tellFault } from "./group-act.ts";

export function JoinRequests(props: { readonly id: ConversationId; readonly group: GroupView }) {
  const messenger = useMessenger();
  const requests = rowsOf(() => props.group.requests, "account");
  const answer = async (account: AccountId, letIn: boolean) => {
    const done = await messenger.groups.answerJoinRequest(props.id, account, letIn);
    if (!done.ok) tellFault(done.error);
  };
  return (
    <Show when={requests().length > 0 && props.group.rights.add}>
      <section class="details-part" aria-labelledby="group-requests">
        <h3 id="group-requests" class="details-part-title">
          {t("group.requests")}
        </h3>
        <p class="muted small">{t("group.requestsText")}</p>
        <ul class="group-rows">
          <For each={requests()}>
            {(request) => {
              const name = () => request.name || t("someone");
              return (
                <li class="group-row">
                  <Avatar name={name()} account={request.account} size="s" />
                  <span class="group-row-words">
                    <bdi class="member-name">{name()}</bdi>
                    <span class="muted small">{t("group.askedAt", { when: moment(request.atMs, now()) })}</span>
                  </span>
                  <span class="group-row-actions">
                    <button
                      type="button"
                      class="button button-quiet"
                      aria-label={t("group.refuseNamed", { name: name() })}
                      onClick={() => void answer(request.account, false)}
                    >
                      {t("group.refuse")}
                    </button>
                    <button
                      type="button"
                      class="button"
                      aria-label={t("group.letInNamed", { name: name() })}
                      onClick={() => void answer(request.account, true)}
                    >
                      {t("group.letIn")}
                    </button>
                  </span>
                </li>
              );
            }}
          </For>
        </ul>
      </section>
    </Show>
  );
}

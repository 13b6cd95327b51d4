/** A stranger wrote: three answers instead of a composer. */
import type { ConversationView } from "@kith/core";
import { useNavigate } from "@solidjs/router";
import { createSignal, Match, Switch } from "solid-js";
import { Confirm } from "../../components/confirm.tsx";
import { notify } from "../../components/notices.tsx";
import { writeFaultWords } from "../../i18n/fault-words.ts";
import { titleOf } from "../../i18n/people-words.ts";
import { t } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { askToPersist } from "../../platform/storage-persistence.ts";

type Answer = "accept" | "block" | "delete";

export function RequestBar(props: { readonly view: ConversationView }) {
  const messenger = useMessenger();
  const navigate = useNavigate();
  const [asking, setAsking] = createSignal<Exclude<Answer, "accept">>();
  const name = () => titleOf(props.view);

  const answer = async (choice: Answer) => {
    setAsking(undefined);
    if (choice === "accept") void askToPersist();
    const answered = await messenger.answerRequest(props.view.id, choice);
    if (!answered.ok) notify(t(writeFaultWords[answered.error]), "fault");
    else if (choice !== "accept") navigate("/", { replace: true });
  };

  return (
    <section class="request" aria-label={t("chats.request")}>
      <div>
        <p class="request-title">{t("chat.requestTitle", { name: name() })}</p>
        <p class="muted small">{t("chat.requestText")}</p>
      </div>
      <div class="request-actions">
        <button type="button" class="button button-quiet" onClick={() => setAsking("delete")}>
          {t("chat.remove")}
        </button>
        <button type="button" class="button button-danger" onClick={() => setAsking("block")}>
          {t("chat.block")}
        </button>
        <button type="button" class="button" onClick={() => void answer("accept")}>
          {t("chat.accept")}
        </button>
      </div>
      <Switch>
        <Match when={asking() === "block"}>
          <Confirm
            title={t("chat.blockTitle", { name: name() })}
            action={t("chat.block")}
            onConfirm={() => void answer("block")}
            onClose={() => setAsking(undefined)}
          >
            {t("chat.blockText")}
          </Confirm>
        </Match>
        <Match when={asking() === "delete"}>
          <Confirm
            title={t("chat.removeTitle")}
            action={t("chat.remove")}
            onConfirm={() => void answer("delete")}
            onClose={() => setAsking(undefined)}
          >
            {t("chat.removeText", { name: name() })}
          </Confirm>
        </Match>
      </Switch>
    </section>
  );
}

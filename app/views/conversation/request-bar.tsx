/** A stranger wrote: three answers instead of a composer. */
import type { ConversationView } from "@kith/core";
import { createSignal } from "solid-js";
import { notify } from "../../components/notices.tsx";
import { writeFaultWords } from "../../i18n/fault-words.ts";
import { titleOf } from "../../i18n/people-words.ts";
import { t } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { askToPersist } from "../../platform/storage-persistence.ts";
import { ConfirmEnding, type Ending } from "../contact/end-contact.tsx";

export function RequestBar(props: { readonly view: ConversationView }) {
  const messenger = useMessenger();
  const [asking, setAsking] = createSignal<Ending>();
  const name = () => titleOf(props.view);

  const accept = async () => {
    void askToPersist();
    const accepted = await messenger.answerRequest(props.view.id, "accept");
    if (!accepted.ok) notify(t(writeFaultWords[accepted.error]), "fault");
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
        <button type="button" class="button" onClick={() => void accept()}>
          {t("chat.accept")}
        </button>
      </div>
      <ConfirmEnding
        asking={asking()}
        conversation={props.view.id}
        name={name()}
        deleteTitle={t("chat.removeTitle")}
        deleteText={t("chat.removeText", { name: name() })}
        onClose={() => setAsking(undefined)}
      />
    </section>
  );
}

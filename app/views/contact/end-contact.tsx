/** The two ways to end a contact, each asked once more. A request has them too, beside accepting. */
import type { ConversationId } from "@kith/core";
import { useNavigate } from "@solidjs/router";
import { createSignal, Match, Switch } from "solid-js";
import { Confirm } from "../../components/confirm.tsx";
import { notify } from "../../components/notices.tsx";
import { writeFaultWords } from "../../i18n/fault-words.ts";
import { t } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";

export type Ending = "block" | "delete";

export function EndContact(props: { readonly conversation: ConversationId; readonly name: string }) {
  const [asking, setAsking] = createSignal<Ending>();
  return (
    <section class="details-end" aria-label={t("contact.end")}>
      <button type="button" class="button button-quiet" onClick={() => setAsking("delete")}>
        {t("contact.deleteChat")}
      </button>
      <button type="button" class="button button-danger" onClick={() => setAsking("block")}>
        {t("contact.block")}
      </button>
      <ConfirmEnding
        asking={asking()}
        conversation={props.conversation}
        name={props.name}
        deleteTitle={t("chat.deleteTitle", { name: props.name })}
        deleteText={t("chat.deleteText", { name: props.name })}
        onClose={() => setAsking(undefined)}
      />
    </section>
  );
}

export interface ConfirmEndingProps {
  readonly asking: Ending | undefined;
  readonly conversation: ConversationId;
  readonly name: string;
  readonly deleteTitle: string;
  readonly deleteText: string;
  readonly onClose: () => void;
}

export function ConfirmEnding(props: ConfirmEndingProps) {
  const messenger = useMessenger();
  const navigate = useNavigate();

  const end = async (ending: Ending) => {
    const { conversation } = props;
    props.onClose();
    const ended = await messenger.answerRequest(conversation, ending);
    if (!ended.ok) notify(t(writeFaultWords[ended.error]), "fault");
    else navigate("/", { replace: true });
  };

  return (
    <Switch>
      <Match when={props.asking === "block"}>
        <Confirm
          title={t("chat.blockTitle", { name: props.name })}
          action={t("chat.block")}
          onConfirm={() => void end("block")}
          onClose={() => props.onClose()}
        >
          {t("chat.blockText")}
        </Confirm>
      </Match>
      <Match when={props.asking === "delete"}>
        <Confirm
          title={props.deleteTitle}
          action={t("chat.remove")}
          onConfirm={() => void end("delete")}
          onClose={() => props.onClose()}
        >
          {props.deleteText}
        </Confirm>
      </Match>
    </Switch>
  );
}

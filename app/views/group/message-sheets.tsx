/** Before a message is taken away for everybody, and before it is told to the admins. */
import "./group-details.css";
import type { ConversationId, MessageView } from "@kith/core";
import { createSignal } from "solid-js";
import { Confirm } from "../../components/confirm.tsx";
import { notify } from "../../components/notices.tsx";
import { Sheet } from "../../components/sheet.tsx";
import { t } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { tellFault } from "./group-act.ts";
import { useNaming } from "./group-talk.ts";

export interface MessageSheetProps {
  readonly conversation: ConversationId;
  readonly message: MessageView;
  readonly onClose: () => void;
}

export function RemoveSheet(props: MessageSheetProps) {
  const messenger = useMessenger();
  const naming = useNaming(() => props.conversation);
  const remove = async () => {
    const { id } = props.message;
    props.onClose();
    const done = await messenger.groups.removeMessage(id);
    if (done.ok) notify(t("group.messageRemoved"));
    else tellFault(done.error);
  };
  return (
    <Confirm
      title={t("group.removeTitle")}
      action={t("group.removeMember")}
      onConfirm={() => void remove()}
      onClose={() => props.onClose()}
    >
      {props.message.mine
        ? t("group.removeOwnText")
        : t("group.removeText", { name: naming.name(props.message.author) })}
    </Confirm>
  );
}

const mostWords = 500;

export function ReportSheet(props: MessageSheetProps) {
  const messenger = useMessenger();
  const naming = useNaming(() => props.conversation);
  const [words, setWords] = createSignal("");
  const report = async (event: Event) => {
    event.preventDefault();
    const done = await messenger.groups.reportMessage(props.message.id, words().trim());
    if (!done.ok) return tellFault(done.error);
    props.onClose();
    notify(t("group.reported"));
  };
  return (
    <Sheet title={t("group.reportTitle")} onClose={() => props.onClose()}>
      <form class="group-form" onSubmit={(event) => void report(event)}>
        <p class="muted">{t("group.reportText", { name: naming.name(props.message.author) })}</p>
        <label class="field">
          <span class="field-label">{t("group.reportField")}</span>
          <textarea
            class="field-input group-words"
            rows={3}
            maxlength={mostWords}
            dir="auto"
            value={words()}
            onInput={(event) => setWords(event.currentTarget.value)}
          />
        </label>
        <div class="sheet-actions">
          <button type="button" class="button button-quiet" onClick={() => props.onClose()}>
            {t("cancel")}
          </button>
          <button type="submit" class="button">
            {t("group.reportSend")}
          </button>
        </div>
      </form>
    </Sheet>
  );
}

/** What a person can do with one message, and what is said about how it went. */
import type { ConversationId, MessageView } from "@kith/core";
import { notify } from "../../components/notices.tsx";
import { sendAgainFaultWords } from "../../i18n/fault-words.ts";
import { t } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { copyText } from "../../platform/share.ts";
import { showOverlay } from "../shell/overlays.ts";

export interface MessageActions {
  copy(message: MessageView): void;
  sendAgain(message: Pick<MessageView, "id">): void;
  info(message: MessageView): void;
  /** In groups: asks before it is taken away for everybody, or told to the admins. */
  remove(message: MessageView): void;
  report(message: MessageView): void;
}

export function useMessageActions(conversation: () => ConversationId): MessageActions {
  const messenger = useMessenger();
  return {
    async copy({ body }) {
      if (!("text" in body)) return;
      const copied = await copyText(body.text);
      notify(copied ? t("copied") : t("copyFailed"), copied ? "calm" : "fault");
    },
    async sendAgain({ id }) {
      const again = await messenger.sendAgain(id);
      notify(again.ok ? t("message.againDone") : t(sendAgainFaultWords[again.error]), again.ok ? "calm" : "fault");
    },
    remove: (message) => showOverlay({ kind: "remove", conversation: conversation(), message }),
    report: (message) => showOverlay({ kind: "report", conversation: conversation(), message }),
    info: (message) => showOverlay({ kind: "message", conversation: conversation(), message }),
  };
}

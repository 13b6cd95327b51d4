/** State of one of my invitations in a sentence. */
import type { InviteView } from "@kith/core";
import { t } from "../../i18n/words.ts";

export function inviteStateInWords(invite: InviteView): string {
  switch (invite.state) {
    case "preparing":
      return t("invite.statePreparing");
    case "ready":
      return t("invite.stateReady");
    case "used":
      return invite.usedBy ? t("invite.stateUsed", { name: invite.usedBy }) : t("invite.stateUsedUnnamed");
    case "expired":
      return t("invite.stateExpired");
  }
}

/** Can still be used by somebody. */
export const isOpen = (invite: InviteView): boolean => invite.state === "preparing" || invite.state === "ready";

const endingLength = 5;

/** Tells two links apart by eye. The joiner keeps it on one line. */
export const linkEnding = (invite: Pick<InviteView, "link">): string => `…\u2060${invite.link.slice(-endingLength)}`;

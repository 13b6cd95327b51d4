/** Orders a change of a group, and says what is wrong where it is refused at once. */
import type { ConversationId, GroupAct, GroupFault } from "@kith/core";
import { notify } from "../../components/notices.tsx";
import { groupFaultWords } from "../../i18n/group-words.ts";
import { t } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";

export type Order = (act: GroupAct) => Promise<boolean>;

/** Answers whether the change is under way. What would change nothing is no fault of anybody's. */
export function useOrder(conversation: () => ConversationId): Order {
  const messenger = useMessenger();
  return async (act) => {
    const done = await messenger.groups.changeGroup(conversation(), act);
    if (done.ok || done.error === "no-change") return true;
    tellFault(done.error);
    return false;
  };
}

export function tellFault(fault: GroupFault | "hand-over" | "too-long"): void {
  notify(t(groupFaultWords[fault]), "fault");
}

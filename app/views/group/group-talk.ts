/** What rows and dialogs of a group's conversation need to know of it: what people are called, and what may be done. */
import type { AccountId, ConversationView, GroupRole, GroupView, MessageId, MessageView } from "@kith/core";
import { type Accessor, createContext, createMemo, createSignal, useContext } from "solid-js";
import type { Naming } from "../../i18n/group-words.ts";
import { t } from "../../i18n/words.ts";
import { fromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";

export interface GroupTalk extends Naming {
  readonly group: () => GroupView;
  /** May be taken away for everybody by this person: their own, or as an admin one of lower rank. */
  mayRemove(message: MessageView): boolean;
  /** Somebody else's, in a group where an admin other than its author decides about it. */
  mayReport(message: MessageView): boolean;
  /** Of blocked persons, opened one by one. */
  isOpen(message: MessageId): boolean;
  toggle(message: MessageId): void;
}

export const GroupTalkContext = createContext<GroupTalk>();

/** Undefined where the conversation is no group. */
export const useGroupTalk = (): GroupTalk | undefined => useContext(GroupTalkContext);

/** Names of everybody of the group, also of those who are gone. */
export function useNaming(conversation: () => ConversationView["id"]): Naming {
  const messenger = useMessenger();
  const names = fromLive(() => messenger.groups.names(conversation()));
  const profile = fromLive(() => messenger.profile);
  const me = createMemo(() => {
    const view = profile();
    return view?.kind === "person" ? view.account : undefined;
  });
  return {
    get me() {
      return me();
    },
    name(account) {
      const known = names()?.get(account);
      return known?.knownAs || known?.name || t("someone");
    },
  };
}

const rank: Readonly<Record<GroupRole, number>> = { owner: 3, admin: 2, member: 1 };

const isSaid = ({ body }: MessageView) => body.kind === "text" || body.kind === "unknown";

export function createGroupTalk(id: () => ConversationView["id"], group: Accessor<GroupView>): GroupTalk {
  const naming = useNaming(id);
  const [open, setOpen] = createSignal<ReadonlySet<MessageId>>(new Set());
  const rankOf = (account: AccountId) => {
    const role = group().members.find((member) => member.account === account)?.role;
    return role ? rank[role] : 0;
  };
  return {
    get me() {
      return naming.me;
    },
    name: (account) => naming.name(account),
    group,
    mayRemove(message) {
      const { standing, rights } = group();
      if (standing.kind !== "member" || !isSaid(message)) return false;
      return message.mine || (rights.moderate && rankOf(message.author) < rank[standing.role]);
    },
    mayReport(message) {
      const { standing, rights, members } = group();
      if (standing.kind !== "member" || rights.moderate || message.mine || !isSaid(message)) return false;
      return members.some(({ account, role }) => role !== "member" && account !== message.author);
    },
    isOpen: (message) => open().has(message),
    toggle(message) {
      const next = new Set(open());
      if (!next.delete(message)) next.add(message);
      setOpen(next);
    },
  };
}

/** What can be done about a member, by the rights one has now. */
import type { ConversationId, GroupMemberView, GroupView } from "@kith/core";
import { useNavigate } from "@solidjs/router";
import type { LucideIcon } from "lucide-solid";
import Ban from "lucide-solid/icons/ban";
import Crown from "lucide-solid/icons/crown";
import MessageSquare from "lucide-solid/icons/message-square";
import ShieldMinus from "lucide-solid/icons/shield-minus";
import ShieldPlus from "lucide-solid/icons/shield-plus";
import UserMinus from "lucide-solid/icons/user-minus";
import { notify } from "../../components/notices.tsx";
import { writeFaultWords } from "../../i18n/fault-words.ts";
import { t } from "../../i18n/words.ts";
import { rowsFromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { useOrder } from "./group-act.ts";
import type { Ask } from "./group-dialog.ts";
import { calledName } from "./member-names.ts";

export interface MemberAct {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly danger?: true;
  readonly run: () => void;
}

/** Nothing for oneself: leaving stands at the end of the details. */
export function useMemberActs(
  id: () => ConversationId,
  group: () => GroupView,
  ask: Ask,
): (member: GroupMemberView) => readonly MemberAct[] {
  const messenger = useMessenger();
  const navigate = useNavigate();
  const order = useOrder(id);
  const conversations = rowsFromLive(() => messenger.conversations, "id");
  const unblock = async (member: GroupMemberView) => {
    const done = await messenger.groups.setBlocked(member.account, false);
    if (done.ok) notify(t("group.unblockedNow", { name: calledName(member) }));
    else notify(t(writeFaultWords[done.error]), "fault");
  };

  return (member) => {
    if (member.me) return [];
    const { account } = member;
    const { rights } = group();
    const chat = conversations()?.find((each) => each.contact === account);
    const appointed = member.role === "admin" ? "member" : "admin";
    const acts: (MemberAct | false | undefined)[] = [
      chat && { label: t("group.openChat"), icon: MessageSquare, run: () => navigate(`/c/${chat.id}`) },
      rights.appoint &&
        member.role !== "owner" && {
          label: t(appointed === "admin" ? "group.makeAdmin" : "group.unmakeAdmin"),
          icon: appointed === "admin" ? ShieldPlus : ShieldMinus,
          run: () => void order({ kind: "role", account, role: appointed }),
        },
      rights.appoint && { label: t("group.handOver"), icon: Crown, run: () => ask({ kind: "hand-over", account }) },
      rights.remove.includes(account) && {
        label: t("group.remove"),
        icon: UserMinus,
        danger: true as const,
        run: () => ask({ kind: "remove", account }),
      },
      member.standing === "blocked"
        ? { label: t("group.unblock"), icon: Ban, run: () => void unblock(member) }
        : { label: t("group.block"), icon: Ban, danger: true as const, run: () => ask({ kind: "block", account }) },
    ];
    return acts.filter((act) => act !== false && act !== undefined);
  };
}

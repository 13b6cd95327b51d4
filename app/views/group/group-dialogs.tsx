/** The open dialog about the group. */
import type { ConversationId, GroupMemberView, GroupView } from "@kith/core";
import { Match, Switch } from "solid-js";
import { Confirm } from "../../components/confirm.tsx";
import { notify } from "../../components/notices.tsx";
import { writeFaultWords } from "../../i18n/fault-words.ts";
import { t } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { AddPeopleSheet } from "./add-people-sheet.tsx";
import { tellFault, useOrder } from "./group-act.ts";
import type { Ask, GroupDialog } from "./group-dialog.ts";
import { EndDialogs } from "./group-end.tsx";
import { RulesSheet } from "./group-rules.tsx";
import { LinkSheet, NewLinkSheet } from "./link-sheets.tsx";
import { calledName } from "./member-names.ts";
import { MemberSheet } from "./member-sheet.tsx";
import { OwnerGoneSheet } from "./owner-gone.tsx";

export interface GroupDialogsProps {
  readonly id: ConversationId;
  readonly group: GroupView;
  readonly open: GroupDialog | undefined;
  readonly onAsk: Ask;
  readonly onClose: () => void;
}

export function GroupDialogs(props: GroupDialogsProps) {
  const messenger = useMessenger();
  const order = useOrder(() => props.id);
  const memberOf = (kind: GroupDialog["kind"]) => {
    const { open } = props;
    if (open?.kind !== kind || !("account" in open)) return undefined;
    return props.group.members.find((member) => member.account === open.account);
  };
  const inviteOf = (kind: GroupDialog["kind"]) => {
    const { open } = props;
    if (open?.kind !== kind || !("invite" in open)) return undefined;
    return props.group.invites.find((invite) => invite.id === open.invite);
  };
  const close = () => props.onClose();
  const remove = ({ account }: GroupMemberView) => {
    close();
    void order({ kind: "remove", account });
  };
  const handOver = ({ account }: GroupMemberView) => {
    close();
    void order({ kind: "hand-over", account });
  };
  const block = async (member: GroupMemberView) => {
    close();
    const done = await messenger.groups.setBlocked(member.account, true);
    if (done.ok) notify(t("group.blockedNow", { name: calledName(member) }));
    else notify(t(writeFaultWords[done.error]), "fault");
  };
  const withdraw = async () => {
    const invite = inviteOf("withdraw");
    close();
    if (!invite) return;
    const done = await messenger.groups.withdrawGroupInvite(props.id, invite.id);
    if (done.ok) notify(t("group.linkWithdrawn"));
    else tellFault(done.error);
  };

  return (
    <>
      <Switch>
        <Match when={memberOf("member")}>
          {(member) => (
            <MemberSheet id={props.id} group={props.group} member={member()} onAsk={props.onAsk} onClose={close} />
          )}
        </Match>
        <Match when={memberOf("remove")}>
          {(member) => (
            <Confirm
              title={t("group.removeMemberTitle", { name: calledName(member()) })}
              action={t("group.removeMember")}
              onConfirm={() => remove(member())}
              onClose={close}
            >
              {t("group.removeMemberText", { name: calledName(member()) })}
            </Confirm>
          )}
        </Match>
        <Match when={memberOf("hand-over")}>
          {(member) => (
            <Confirm
              title={t("group.handOverTitle", { name: calledName(member()) })}
              action={t("group.handOverAction")}
              onConfirm={() => handOver(member())}
              onClose={close}
            >
              {t("group.handOverText", { name: calledName(member()) })}
            </Confirm>
          )}
        </Match>
        <Match when={memberOf("block")}>
          {(member) => (
            <Confirm
              title={t("group.blockTitle", { name: calledName(member()) })}
              action={t("group.block")}
              onConfirm={() => void block(member())}
              onClose={close}
            >
              {t("group.blockText")}
            </Confirm>
          )}
        </Match>
        <Match when={props.open?.kind === "add"}>
          <AddPeopleSheet id={props.id} group={props.group} onClose={close} />
        </Match>
        <Match when={props.open?.kind === "owner-gone"}>
          <OwnerGoneSheet id={props.id} group={props.group} onClose={close} />
        </Match>
        <Match when={props.open?.kind === "rules"}>
          <RulesSheet id={props.id} group={props.group} onClose={close} />
        </Match>
        <Match when={props.open?.kind === "new-link"}>
          <NewLinkSheet
            id={props.id}
            group={props.group}
            onMade={(invite) => props.onAsk({ kind: "link", invite })}
            onClose={close}
          />
        </Match>
        <Match when={inviteOf("link")}>
          {(invite) => <LinkSheet invite={invite()} group={props.group} onClose={close} />}
        </Match>
        <Match when={inviteOf("withdraw")}>
          <Confirm
            title={t("group.linkWithdrawTitle")}
            action={t("group.linkWithdraw")}
            onConfirm={() => void withdraw()}
            onClose={close}
          >
            {t("group.linkWithdrawText")}
          </Confirm>
        </Match>
      </Switch>
      <EndDialogs id={props.id} group={props.group} kind={props.open?.kind} onAsk={props.onAsk} onClose={close} />
    </>
  );
}

/** Making a copy of the group, leaving it, and deleting it here once it has ended for this person. */
import type { AccountId, ConversationId, GroupView } from "@kith/core";
import { useNavigate } from "@solidjs/router";
import Copy from "lucide-solid/icons/copy";
import LogOut from "lucide-solid/icons/log-out";
import Trash from "lucide-solid/icons/trash";
import { createMemo, createSignal, For, Match, Show, Switch } from "solid-js";
import { Avatar } from "../../components/avatar.tsx";
import { Confirm } from "../../components/confirm.tsx";
import { notify } from "../../components/notices.tsx";
import { Sheet } from "../../components/sheet.tsx";
import { roleWords } from "../../i18n/group-words.ts";
import { t } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { CopySheet } from "./copy-sheet.tsx";
import { tellFault, useOrder } from "./group-act.ts";
import type { Ask, GroupDialog } from "./group-dialog.ts";
import { calledName } from "./member-names.ts";

export function EndPart(props: { readonly group: GroupView; readonly onAsk: Ask }) {
  const member = () => props.group.standing.kind === "member";
  const leave = () => props.onAsk({ kind: props.group.rights.leave === "hand-over" ? "next-owner" : "leave" });
  return (
    <div class="details-end">
      <button type="button" class="button button-quiet" onClick={() => props.onAsk({ kind: "copy" })}>
        <Copy size={18} />
        {t("group.copy")}
      </button>
      <Show
        when={member()}
        fallback={
          <button type="button" class="button button-danger" onClick={() => props.onAsk({ kind: "delete" })}>
            <Trash size={18} />
            {t("group.deleteGroup")}
          </button>
        }
      >
        <button type="button" class="button button-danger" onClick={leave}>
          <LogOut size={18} />
          {t("group.leave")}
        </button>
      </Show>
    </div>
  );
}

export interface EndDialogsProps {
  readonly id: ConversationId;
  readonly group: GroupView;
  readonly kind: GroupDialog["kind"] | undefined;
  readonly onAsk: Ask;
  readonly onClose: () => void;
}

/** The dialogs of the end: leaving, choosing who owns it then, deleting. */
export function EndDialogs(props: EndDialogsProps) {
  const messenger = useMessenger();
  const navigate = useNavigate();
  const leave = async () => {
    props.onClose();
    const done = await messenger.groups.leaveGroup(props.id);
    if (done.ok) notify(t("group.left"));
    else if (done.error === "hand-over") props.onAsk({ kind: "next-owner" });
    else tellFault(done.error);
  };
  const remove = async () => {
    props.onClose();
    const done = await messenger.groups.deleteGroup(props.id);
    if (done.ok) navigate("/", { replace: true });
    else tellFault(done.error);
  };
  return (
    <Switch>
      <Match when={props.kind === "leave"}>
        <Confirm
          title={t("group.leaveTitle", { name: props.group.name })}
          action={t("group.leaveAction")}
          onConfirm={() => void leave()}
          onClose={() => props.onClose()}
        >
          {t("group.leaveText")}
        </Confirm>
      </Match>
      <Match when={props.kind === "copy"}>
        <CopySheet id={props.id} group={props.group} onClose={() => props.onClose()} />
      </Match>
      <Match when={props.kind === "next-owner"}>
        <NextOwner id={props.id} group={props.group} onClose={() => props.onClose()} />
      </Match>
      <Match when={props.kind === "delete"}>
        <Confirm
          title={t("group.deleteTitle", { name: props.group.name })}
          action={t("group.deleteAction")}
          onConfirm={() => void remove()}
          onClose={() => props.onClose()}
        >
          {t("group.deleteText")}
        </Confirm>
      </Match>
    </Switch>
  );
}

function NextOwner(props: { readonly id: ConversationId; readonly group: GroupView; readonly onClose: () => void }) {
  const order = useOrder(() => props.id);
  const [chosen, setChosen] = createSignal<AccountId>();
  const others = createMemo(() => props.group.members.filter((member) => !member.me && !member.leaving));
  const handOver = async (event: Event) => {
    event.preventDefault();
    const account = chosen();
    if (account === undefined || !(await order({ kind: "hand-over", account }))) return;
    notify(t("group.leaveOwnerDone"));
    props.onClose();
  };
  return (
    <Sheet title={t("group.leaveOwnerTitle")} onClose={props.onClose}>
      <form class="group-form" onSubmit={(event) => void handOver(event)}>
        <fieldset class="picker">
          <legend class="muted">{t("group.leaveOwnerText")}</legend>
          <div class="picker-list">
            <For each={others()}>
              {(member) => (
                <label class="picker-row">
                  <input
                    type="radio"
                    class="picker-box"
                    name="next-owner"
                    checked={chosen() === member.account}
                    onChange={() => setChosen(member.account)}
                  />
                  <Avatar name={calledName(member)} account={member.account} size="s" />
                  <bdi class="picker-name">{calledName(member)}</bdi>
                  <Show when={member.role === "admin"}>
                    <span class="member-role">{t(roleWords.admin)}</span>
                  </Show>
                  <span class="picker-sign picker-sign-one" aria-hidden="true" />
                </label>
              )}
            </For>
          </div>
        </fieldset>
        <div class="sheet-actions">
          <button type="button" class="button button-quiet" onClick={() => props.onClose()}>
            {t("cancel")}
          </button>
          <button type="submit" class="button" disabled={chosen() === undefined}>
            {t("group.leaveOwnerNext")}
          </button>
        </div>
      </form>
    </Sheet>
  );
}

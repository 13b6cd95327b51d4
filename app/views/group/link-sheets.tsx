/** Making a link to the group, and one link to show and to send. */
import "../invite/invite-page.css";
import type { ConversationId, GroupInviteView, GroupView, InviteId } from "@kith/core";
import { createSignal, Show } from "solid-js";
import { QrCode } from "../../components/qr-code.tsx";
import { Sheet } from "../../components/sheet.tsx";
import { spanInWords } from "../../i18n/group-words.ts";
import { fromNow } from "../../i18n/time.ts";
import { t, tCount } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { now } from "../../platform/clock.ts";
import { LinkActions, LinkField, LinkReach } from "../invite/link-to-send.tsx";
import { tellFault } from "./group-act.ts";
import { Choose } from "./group-rules.tsx";

const daySeconds = 86_400;
const lasts: readonly number[] = [3_600, daySeconds, 7 * daySeconds, 30 * daySeconds];
const budgets: readonly number[] = [1, 5, 10, 25, 50, 100];

export interface NewLinkSheetProps {
  readonly id: ConversationId;
  readonly group: GroupView;
  readonly onMade: (invite: InviteId) => void;
  readonly onClose: () => void;
}

export function NewLinkSheet(props: NewLinkSheetProps) {
  const messenger = useMessenger();
  const [seconds, setSeconds] = createSignal(7 * daySeconds);
  const [budget, setBudget] = createSignal(10);
  const [making, setMaking] = createSignal(false);
  const make = async (event: Event) => {
    event.preventDefault();
    if (making()) return;
    setMaking(true);
    const made = await messenger.groups.createGroupInvite(props.id, { lastsMs: seconds() * 1_000, budget: budget() });
    setMaking(false);
    if (made.ok) props.onMade(made.value.id);
    else tellFault(made.error);
  };
  return (
    <Sheet title={t("group.linkNewTitle")} onClose={props.onClose}>
      <form class="group-form" onSubmit={(event) => void make(event)}>
        <Choose
          label={t("group.linkLasts")}
          options={lasts.map((each) => [String(each), spanInWords(each)])}
          value={String(seconds())}
          onChange={(value) => setSeconds(Number(value))}
        />
        <Choose
          label={t("group.linkBudget")}
          options={budgets.map((each) => [String(each), tCount("group.linkPeople", each)])}
          value={String(budget())}
          onChange={(value) => setBudget(Number(value))}
        />
        <p class="muted small">{joiningInWords(props.group)}</p>
        <div class="sheet-actions">
          <button type="submit" class="button" disabled={making()}>
            {making() ? t("group.linkMaking") : t("group.linkMake")}
          </button>
        </div>
      </form>
    </Sheet>
  );
}

const joiningInWords = (group: GroupView) =>
  group.rules.joining === "approval" ? t("group.linkApproval") : t("group.linkOpen");

export interface LinkSheetProps {
  readonly invite: GroupInviteView;
  readonly group: GroupView;
  readonly onClose: () => void;
}

export function LinkSheet(props: LinkSheetProps) {
  return (
    <Sheet title={t("group.linkTitle", { name: props.group.name })} onClose={props.onClose}>
      <div class="invite-code">
        <QrCode text={props.invite.link} label={t("group.linkQr")} />
      </div>
      <Show when={props.invite.state === "preparing"}>
        <p class="invite-preparing" role="status">
          {t("group.linkPreparing")}
        </p>
      </Show>
      <LinkReach addresses={[props.invite.link]} />
      <LinkField label={t("group.linkField")} link={props.invite.link} />
      <p class="muted small">
        {t("group.linkUsed", { used: props.invite.used, budget: props.invite.budget })}
        {t("list.dot")}
        {t("group.linkEnds", { when: fromNow(props.invite.expiresAtMs, now()) })}
        {t("list.dot")}
        {joiningInWords(props.group)}
      </p>
      <div class="sheet-actions">
        <LinkActions words={t("group.linkShareMessage", { name: props.group.name })} link={props.invite.link} />
      </div>
    </Sheet>
  );
}

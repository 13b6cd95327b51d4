/** Makes a copy of the group: its name, who of the contacts comes along at once, and a link for the others. */
import type { AccountId, ConversationId, GroupView } from "@kith/core";
import { useNavigate } from "@solidjs/router";
import { createMemo, createSignal, onCleanup, Show } from "solid-js";
import { notify } from "../../components/notices.tsx";
import { Sheet } from "../../components/sheet.tsx";
import { Switch } from "../../components/switch.tsx";
import { groupFaultWords } from "../../i18n/group-words.ts";
import { t, tCount } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { GroupNameField } from "./group-name-field.tsx";
import { PeoplePicker } from "./people-picker.tsx";

const linkLastsMs = 7 * 24 * 3_600_000;

export interface CopySheetProps {
  readonly id: ConversationId;
  readonly group: GroupView;
  readonly onClose: () => void;
}

export function CopySheet(props: CopySheetProps) {
  const messenger = useMessenger();
  const navigate = useNavigate();
  const others = createMemo(() => props.group.members.filter(({ me }) => !me));
  const contacts = createMemo(() => others().flatMap((one) => (one.standing === "contact" ? [one.account] : [])));
  const [name, setName] = createSignal(props.group.name);
  const [people, setPeople] = createSignal<readonly AccountId[]>(contacts());
  const [history, setHistory] = createSignal(true);
  const [link, setLink] = createSignal(true);
  const [tell, setTell] = createSignal(true);
  const [making, setMaking] = createSignal(false);
  const [read, setRead] = createSignal(0);
  const [fault, setFault] = createSignal<string>();
  const left = () => others().length - people().length;
  const byLink = () => link() && left() > 0;
  const maySay = () => props.group.standing.kind === "member" && props.group.rights.write;
  let field: HTMLInputElement | undefined;
  let copying = new AbortController();
  // Whoever closes it while it copies wants no copy.
  onCleanup(() => copying.abort());

  /** The copy stands, whatever becomes of its link. */
  const invite = async (copy: ConversationId, called: string) => {
    const made = await messenger.groups.createGroupInvite(copy, { lastsMs: linkLastsMs, budget: left() });
    if (made.ok && !(tell() && maySay())) return true;
    const words = made.ok && t("group.copyMessage", { name: called, link: made.value.link });
    return words !== false && (await messenger.sendText(props.id, words)).ok;
  };
  const make = async (event: Event) => {
    event.preventDefault();
    if (making()) return;
    setMaking(true);
    setRead(0);
    copying = new AbortController();
    const { signal } = copying;
    const called = name().trim();
    const { emoji } = props.group;
    const choice = { name: called, emoji, people: people(), history: history(), byLink: byLink() };
    const copy = await messenger.groups.forkGroup(props.id, choice, { signal, read: setRead });
    const told = !copy.ok || !byLink() || (await invite(copy.value, called));
    setMaking(false);
    if (!copy.ok) {
      if (copy.error === "cancelled") return;
      setFault(t(groupFaultWords[copy.error]));
      field?.focus();
      return;
    }
    if (!told) notify(t("group.copyUntold"), "fault");
    props.onClose();
    navigate(`/c/${copy.value}`);
  };

  return (
    <Sheet title={t("group.copy")} onClose={props.onClose}>
      <form class="group-form" onSubmit={(event) => void make(event)}>
        <p class="muted">{t("group.copyText")}</p>
        <GroupNameField
          ref={(input) => {
            field = input;
          }}
          name={name()}
          fault={fault()}
          onChange={(value) => {
            setName(value);
            setFault(undefined);
          }}
        />
        <Show when={contacts().length > 0}>
          <PeoplePicker chosen={people()} among={contacts()} onChange={setPeople} />
        </Show>
        <Switch
          label={t("group.copyHistory")}
          hint={t("group.copyHistoryText")}
          on={history()}
          onChange={async (on) => void setHistory(on)}
        />
        <Show when={left() > 0}>
          <Switch
            label={tCount("group.copyLink", left())}
            hint={t("group.copyLinkText")}
            on={link()}
            onChange={async (on) => void setLink(on)}
          />
        </Show>
        <Show when={byLink() && maySay()}>
          <Switch
            label={t("group.copyTell")}
            hint={t("group.copyTellText")}
            on={tell()}
            onChange={async (on) => void setTell(on)}
          />
        </Show>
        <p class="muted" role="status">
          {making() && read() > 0 ? tCount("group.copyRead", read()) : ""}
        </p>
        <div class="sheet-actions">
          <button type="submit" class="button" disabled={making()}>
            {making() ? t("group.copyMaking") : t("group.copyAction")}
          </button>
          <Show when={making()}>
            <button type="button" class="button button-quiet" onClick={() => copying.abort()}>
              {t("group.copyStop")}
            </button>
          </Show>
        </div>
      </form>
    </Sheet>
  );
}

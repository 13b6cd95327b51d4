/** What is known of one member: who they say they are, the number to compare, my own name for them, and what can be done. */
import "../contact/contact-details.css";
import "./member-sheet.css";
import type { ConversationId, GroupMemberView, GroupView } from "@kith/core";
import { createSignal, createUniqueId, For, Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import { Avatar } from "../../components/avatar.tsx";
import { notify } from "../../components/notices.tsx";
import { Sheet } from "../../components/sheet.tsx";
import { groupFaultWords, roleWords } from "../../i18n/group-words.ts";
import { presenceInWords } from "../../i18n/people-words.ts";
import { t, tCount } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { now } from "../../platform/clock.ts";
import { SafetyNumber } from "../contact/safety-number.tsx";
import type { Ask } from "./group-dialog.ts";
import { useMemberActs } from "./member-acts.ts";
import { calledName, givenName } from "./member-names.ts";

export interface MemberSheetProps {
  readonly id: ConversationId;
  readonly group: GroupView;
  readonly member: GroupMemberView;
  readonly onAsk: Ask;
  readonly onClose: () => void;
}

export function MemberSheet(props: MemberSheetProps) {
  const actsOf = useMemberActs(
    () => props.id,
    () => props.group,
    (dialog) => props.onAsk(dialog),
  );
  const name = () => calledName(props.member);
  const facts = () =>
    [
      t(roleWords[props.member.role]),
      props.member.standing === "blocked" ? t("group.blocked") : "",
      props.member.leaving ? t("group.leaving") : "",
      presenceInWords(props.member.presence, now()),
      tCount("contact.deviceCount", props.member.devices),
    ]
      .filter((fact) => fact !== "")
      .join(t("list.dot"));
  const run = (act: () => void) => {
    props.onClose();
    act();
  };

  return (
    <Sheet title={props.member.me ? t("group.you") : t("group.memberTitle", { name: name() })} onClose={props.onClose}>
      <div class="member-sheet-who">
        <Avatar name={name()} account={props.member.account} size="l" online={props.member.presence.kind === "here"} />
        <p class="member-sheet-name" dir="auto">
          {name()}
        </p>
        <Show when={givenName(props.member)}>
          <p class="muted" dir="auto">
            {givenName(props.member)}
          </p>
        </Show>
        <p class="muted small">{facts()}</p>
      </div>
      <Show when={!props.member.me}>
        <Show when={props.member.standing === "stranger" && !props.member.verified}>
          <p class="member-sheet-stranger">{t("group.strangerText", { name: name() })}</p>
        </Show>
        <div class="member-sheet-acts">
          <For each={actsOf(props.member)}>
            {(act) => (
              <button
                type="button"
                class="member-sheet-act"
                classList={{ "member-sheet-act-danger": act.danger === true }}
                onClick={() => run(act.run)}
              >
                <Dynamic component={act.icon} size={20} />
                {act.label}
              </button>
            )}
          </For>
        </div>
        <OwnName member={props.member} />
        <SafetyNumber person={props.member} name={name()} />
      </Show>
    </Sheet>
  );
}

function OwnName(props: { readonly member: GroupMemberView }) {
  const messenger = useMessenger();
  const fieldId = createUniqueId();
  const hintId = createUniqueId();
  const [name, setName] = createSignal(props.member.knownAs);
  const [fault, setFault] = createSignal<string>();
  const save = async (event: Event) => {
    event.preventDefault();
    const kept = await messenger.groups.setKnownAs(props.member.account, name().trim());
    setFault(kept.ok ? undefined : t(groupFaultWords[kept.error]));
    if (kept.ok) notify(t("group.knownAsSaved"));
  };
  return (
    <form class="group-form" onSubmit={(event) => void save(event)}>
      <div class="field">
        <label class="field-label" for={fieldId}>
          {t("group.knownAs", { name: props.member.name || t("someone") })}
        </label>
        <input
          id={fieldId}
          aria-describedby={hintId}
          class="field-input"
          type="text"
          maxlength={60}
          autocomplete="off"
          dir="auto"
          placeholder={props.member.name}
          value={name()}
          aria-invalid={fault() !== undefined}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <span id={hintId} class={fault() ? "field-fault" : "field-hint"} role={fault() ? "alert" : undefined}>
          {fault() ?? t("group.knownAsHint")}
        </span>
      </div>
      <Show when={name().trim() !== props.member.knownAs}>
        <div class="sheet-actions">
          <button type="submit" class="button">
            {t("group.knownAsSave")}
          </button>
        </div>
      </Show>
    </form>
  );
}

/** Picture, name and description of the group, changed in place by whoever may. */
import type { ConversationId, GroupView } from "@kith/core";
import Pencil from "lucide-solid/icons/pencil";
import { createSignal, Show } from "solid-js";
import { GroupAvatar } from "../../components/group-avatar.tsx";
import { t, tCount } from "../../i18n/words.ts";
import { useOrder } from "./group-act.ts";
import { membersNow } from "./member-names.ts";
import { PictureChoice } from "./picture-choice.tsx";

export interface GroupAboutProps {
  readonly id: ConversationId;
  readonly group: GroupView;
}

export function GroupAbout(props: GroupAboutProps) {
  const [editing, setEditing] = createSignal(false);
  let editButton: HTMLButtonElement | undefined;
  const stop = () => {
    setEditing(false);
    editButton?.focus();
  };
  return (
    <Show
      when={editing() && props.group.rights.edit}
      fallback={
        <div class="details-person">
          <GroupAvatar name={props.group.name} emoji={props.group.emoji} id={props.id} size="l" />
          <p class="details-name" dir="auto">
            {props.group.name}
          </p>
          <p class="muted">{tCount("group.members", membersNow(props.group).length)}</p>
          <Show when={props.group.description}>
            <p class="group-description" dir="auto">
              {props.group.description}
            </p>
          </Show>
          <Show when={props.group.rights.edit}>
            <button
              ref={editButton}
              type="button"
              class="button button-quiet group-edit"
              onClick={() => setEditing(true)}
            >
              <Pencil size={16} />
              {t("group.edit")}
            </button>
          </Show>
        </div>
      }
    >
      <EditForm {...props} onDone={stop} />
    </Show>
  );
}

function EditForm(props: GroupAboutProps & { readonly onDone: () => void }) {
  const order = useOrder(() => props.id);
  // What is not touched here stays as others leave it meanwhile.
  const was = { ...props.group };
  const [name, setName] = createSignal(was.name);
  const [description, setDescription] = createSignal(was.description);
  const [emoji, setEmoji] = createSignal(was.emoji);

  const save = async (event: Event) => {
    event.preventDefault();
    const { group } = props;
    const isNew = (now: string, key: "name" | "description" | "emoji") => now !== was[key] && now !== group[key];
    const renamed = isNew(name().trim(), "name");
    const described = isNew(description().trim(), "description");
    const pictured = isNew(emoji(), "emoji");
    if (renamed && !(await order({ kind: "rename", name: name().trim() }))) return;
    if (described && !(await order({ kind: "describe", description: description().trim() }))) return;
    if (pictured && !(await order({ kind: "picture", emoji: emoji() }))) return;
    props.onDone();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    props.onDone();
  };

  return (
    <form class="group-form" onSubmit={(event) => void save(event)} onKeyDown={onKeyDown}>
      <PictureChoice name={name()} emoji={emoji()} id={props.id} onChange={setEmoji} />
      <label class="field">
        <span class="field-label">{t("group.name")}</span>
        <input
          ref={(field) => queueMicrotask(() => field.focus())}
          class="field-input"
          type="text"
          maxlength={60}
          autocomplete="off"
          dir="auto"
          value={name()}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        <span class="field-label">{t("group.description")}</span>
        <textarea
          class="field-input group-words"
          rows={3}
          maxlength={500}
          dir="auto"
          value={description()}
          onInput={(event) => setDescription(event.currentTarget.value)}
        />
      </label>
      <div class="sheet-actions">
        <button type="button" class="button button-quiet" onClick={() => props.onDone()}>
          {t("cancel")}
        </button>
        <button type="submit" class="button">
          {t("group.save")}
        </button>
      </div>
    </form>
  );
}

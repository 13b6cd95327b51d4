/** Making a group: its name, its picture, who is in it. */
import "./new-group-page.css";
import type { AccountId } from "@kith/core";
import { useNavigate } from "@solidjs/router";
import { createSignal, onMount } from "solid-js";
import { groupFaultWords } from "../../i18n/group-words.ts";
import { t } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { askToPersist } from "../../platform/storage-persistence.ts";
import { GroupNameField } from "../group/group-name-field.tsx";
import { PeoplePicker } from "../group/people-picker.tsx";
import { PictureChoice } from "../group/picture-choice.tsx";
import { BackButton } from "../shell/back-button.tsx";

export function NewGroupPage() {
  const messenger = useMessenger();
  const navigate = useNavigate();
  const [name, setName] = createSignal("");
  const [emoji, setEmoji] = createSignal("");
  const [people, setPeople] = createSignal<readonly AccountId[]>([]);
  const [making, setMaking] = createSignal(false);
  const [fault, setFault] = createSignal<string>();
  let field: HTMLInputElement | undefined;
  onMount(() => field?.focus());

  const create = async (event: Event) => {
    event.preventDefault();
    if (making()) return;
    void askToPersist();
    setMaking(true);
    const made = await messenger.groups.createGroup({ name: name().trim(), emoji: emoji(), people: people() });
    setMaking(false);
    if (made.ok) return navigate(`/c/${made.value}`, { replace: true });
    setFault(t(groupFaultWords[made.error]));
    if (made.error === "name") field?.focus();
  };
  const label = () => {
    if (making()) return t("group.newCreating");
    return people().length === 0 ? t("group.newAlone") : t("group.newCreate");
  };

  return (
    <main class="page" aria-label={t("group.newTitle")} tabindex="-1" data-region>
      <header class="page-head">
        <BackButton />
        <h1 class="page-title">{t("group.newTitle")}</h1>
      </header>
      <div class="page-body">
        <form class="page-column new-group" onSubmit={(event) => void create(event)}>
          <p class="muted">{t("group.newLead")}</p>
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
          <PictureChoice name={name()} emoji={emoji()} onChange={setEmoji} />
          <PeoplePicker chosen={people()} onChange={setPeople} />
          <div class="new-group-end">
            <p class="muted small">{t("group.newHonest")}</p>
            <button type="submit" class="button" disabled={making()}>
              {label()}
            </button>
          </div>
        </form>
      </div>
    </main>
  );
}

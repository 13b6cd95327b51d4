/** Adds contacts to the group. */
import type { AccountId, ConversationId, GroupView } from "@kith/core";
import { createSignal } from "solid-js";
import { Sheet } from "../../components/sheet.tsx";
import { t } from "../../i18n/words.ts";
import { useOrder } from "./group-act.ts";
import { PeoplePicker } from "./people-picker.tsx";

export interface AddPeopleSheetProps {
  readonly id: ConversationId;
  readonly group: GroupView;
  readonly onClose: () => void;
}

export function AddPeopleSheet(props: AddPeopleSheetProps) {
  const order = useOrder(() => props.id);
  const [people, setPeople] = createSignal<readonly AccountId[]>([]);
  const add = async (event: Event) => {
    event.preventDefault();
    if (await order({ kind: "add", people: people() })) props.onClose();
  };
  return (
    <Sheet title={t("group.addPeople")} onClose={props.onClose}>
      <form class="group-form" onSubmit={(event) => void add(event)}>
        <PeoplePicker
          chosen={people()}
          without={props.group.members.map((member) => member.account)}
          onChange={setPeople}
        />
        <div class="sheet-actions">
          <button type="submit" class="button" disabled={people().length === 0}>
            {t("group.add")}
          </button>
        </div>
      </form>
    </Sheet>
  );
}

/** Chooses people of one's contacts: a search, the chosen ones as chips, and a list to tick. */
import "./people-picker.css";
import type { AccountId, ConversationSummary } from "@kith/core";
import Check from "lucide-solid/icons/check";
import X from "lucide-solid/icons/x";
import { createMemo, createSignal, For, Show } from "solid-js";
import { Avatar } from "../../components/avatar.tsx";
import { titleOf } from "../../i18n/people-words.ts";
import { t, tCount } from "../../i18n/words.ts";
import { rowsFromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { matches } from "../palette/find.ts";

export interface PeoplePickerProps {
  readonly chosen: readonly AccountId[];
  readonly onChange: (chosen: readonly AccountId[]) => void;
  /** Who is in already and is not offered. */
  readonly without?: readonly AccountId[];
  /** Of whom alone some are chosen. */
  readonly among?: readonly AccountId[];
}

interface Choice {
  readonly account: AccountId;
  readonly name: string;
}

export function PeoplePicker(props: PeoplePickerProps) {
  const messenger = useMessenger();
  const conversations = rowsFromLive(() => messenger.conversations, "id");
  const [query, setQuery] = createSignal("");
  let search: HTMLInputElement | undefined;

  const contacts = createMemo(() => (conversations() ?? []).flatMap(choiceOf).sort(byName));
  const offered = createMemo(() =>
    contacts().filter(({ account }) => !props.without?.includes(account) && (props.among?.includes(account) ?? true)),
  );
  const found = createMemo(() => offered().filter(({ name }) => matches(name, query())));
  const picked = createMemo(() =>
    props.chosen.flatMap((account) => contacts().find((each) => each.account === account) ?? []),
  );
  const toggle = (account: AccountId, on: boolean) => {
    const rest = props.chosen.filter((each) => each !== account);
    props.onChange(on ? [...rest, account] : rest);
  };
  const takeOut = (account: AccountId) => {
    toggle(account, false);
    search?.focus();
  };
  // In a form, Enter in the search would send it: it ticks the first one found instead.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    const first = found()[0];
    if (query() === "" || !first) return;
    toggle(first.account, !props.chosen.includes(first.account));
    setQuery("");
  };

  return (
    <fieldset class="picker">
      <legend class="field-label">{t("group.pick")}</legend>
      <Show
        when={offered().length > 0}
        fallback={<p class="muted small">{contacts().length > 0 ? t("group.pickAllIn") : t("group.pickNobody")}</p>}
      >
        <input
          ref={search}
          class="field-input"
          type="search"
          autocomplete="off"
          aria-label={t("group.pickSearch")}
          placeholder={t("group.pickSearch")}
          value={query()}
          onInput={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <Show when={picked().length > 0}>
          <ul class="picker-chips" aria-label={t("group.picked")}>
            <For each={picked()}>
              {({ account, name }) => (
                <li>
                  <button type="button" class="picker-chip" onClick={() => takeOut(account)}>
                    <Avatar name={name} account={account} size="s" />
                    <bdi class="picker-name">{name}</bdi>
                    <X size={14} />
                    <span class="hidden-words">{t("group.unpick")}</span>
                  </button>
                </li>
              )}
            </For>
          </ul>
        </Show>
        <p class="hidden-words" role="status">
          {props.chosen.length > 0 ? tCount("group.pickCount", props.chosen.length) : ""}
        </p>
        <div class="picker-list">
          <For each={found()} fallback={<p class="muted small">{t("group.pickNone")}</p>}>
            {({ account, name }) => (
              <label class="picker-row">
                <input
                  type="checkbox"
                  class="picker-box"
                  checked={props.chosen.includes(account)}
                  onChange={(event) => toggle(account, event.currentTarget.checked)}
                />
                <Avatar name={name} account={account} size="s" />
                <bdi class="picker-name">{name}</bdi>
                <span class="picker-sign" aria-hidden="true">
                  <Check size={14} strokeWidth={3} />
                </span>
              </label>
            )}
          </For>
        </div>
      </Show>
    </fieldset>
  );
}

function choiceOf(conversation: ConversationSummary): readonly Choice[] {
  const { contact, standing } = conversation;
  return contact && standing === "connected" ? [{ account: contact, name: titleOf(conversation) }] : [];
}

const byName = (a: Choice, b: Choice) => a.name.localeCompare(b.name);

/** The rules of the group, for everybody to read and for admins to change. */
import type { ConversationId, GroupRules, GroupView } from "@kith/core";
import { createSignal, createUniqueId, For, Show } from "solid-js";
import { Sheet } from "../../components/sheet.tsx";
import { type SentenceKey, t } from "../../i18n/words.ts";
import { useOrder } from "./group-act.ts";
import type { Ask } from "./group-dialog.ts";
import { historyWords, joiningWords, slowInWords, slowSteps, writersWords } from "./rules-words.ts";

export function RulesPart(props: { readonly group: GroupView; readonly onAsk: Ask }) {
  const rules = () => props.group.rules;
  return (
    <section class="details-part" aria-labelledby="group-rules">
      <h3 id="group-rules" class="details-part-title">
        {t("group.rules")}
      </h3>
      <dl class="details-facts">
        <dt>{t("group.writers")}</dt>
        <dd>{t(writersWords[rules().writers])}</dd>
        <dt>{t("group.slow")}</dt>
        <dd>{slowInWords(rules().slowModeS)}</dd>
        <dt>{t("group.history")}</dt>
        <dd>{t(historyWords[rules().history])}</dd>
        <dt>{t("group.joining")}</dt>
        <dd>{t(joiningWords[rules().joining])}</dd>
      </dl>
      <Show when={props.group.rights.edit}>
        <div class="details-actions">
          <button type="button" class="button button-quiet" onClick={() => props.onAsk({ kind: "rules" })}>
            {t("group.rulesEdit")}
          </button>
        </div>
      </Show>
    </section>
  );
}

export interface RulesSheetProps {
  readonly id: ConversationId;
  readonly group: GroupView;
  readonly onClose: () => void;
}

export function RulesSheet(props: RulesSheetProps) {
  const order = useOrder(() => props.id);
  // What is not touched here stays as others leave it meanwhile.
  const [chosen, setChosen] = createSignal<Partial<GroupRules>>({});
  const rules = (): GroupRules => ({ ...props.group.rules, ...chosen() });
  const set = (change: Partial<GroupRules>) => setChosen({ ...chosen(), ...change });
  const same = () => JSON.stringify(rules()) === JSON.stringify({ ...props.group.rules });
  const save = async (event: Event) => {
    event.preventDefault();
    if (same() || (await order({ kind: "rules", rules: rules() }))) props.onClose();
  };
  const slowOptions = () => [...new Set([...slowSteps, props.group.rules.slowModeS])].sort((a, b) => a - b);

  return (
    <Sheet title={t("group.rulesEdit")} onClose={props.onClose}>
      <form class="group-form" onSubmit={(event) => void save(event)}>
        <Choose
          label={t("group.writers")}
          options={optionsOf(writersWords)}
          value={rules().writers}
          onChange={(writers) => set({ writers })}
        />
        <Choose
          label={t("group.slow")}
          hint={t("group.slowHint")}
          options={slowOptions().map((seconds) => [String(seconds), slowInWords(seconds)])}
          value={String(rules().slowModeS)}
          onChange={(seconds) => set({ slowModeS: Number(seconds) })}
        />
        <Choose
          label={t("group.history")}
          hint={t("group.historyHint")}
          options={optionsOf(historyWords)}
          value={rules().history}
          onChange={(history) => set({ history })}
        />
        <Choose
          label={t("group.joining")}
          options={optionsOf(joiningWords)}
          value={rules().joining}
          onChange={(joining) => set({ joining })}
        />
        <div class="sheet-actions">
          <button type="button" class="button button-quiet" onClick={() => props.onClose()}>
            {t("cancel")}
          </button>
          <button type="submit" class="button" disabled={same()}>
            {t("group.rulesSave")}
          </button>
        </div>
      </form>
    </Sheet>
  );
}

type Option<T extends string> = readonly [value: T, words: string];

const optionsOf = <T extends string>(words: Readonly<Record<T, SentenceKey>>): readonly Option<T>[] =>
  (Object.entries(words) as [T, SentenceKey][]).map(([value, key]) => [value, t(key)]);

export interface ChooseProps<T extends string> {
  readonly label: string;
  readonly hint?: string;
  readonly options: readonly Option<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** One of a few, by the browser's own list. */
export function Choose<T extends string>(props: ChooseProps<T>) {
  const fieldId = createUniqueId();
  const hintId = createUniqueId();
  return (
    <div class="field">
      <label class="field-label" for={fieldId}>
        {props.label}
      </label>
      <select
        id={fieldId}
        aria-describedby={props.hint ? hintId : undefined}
        class="field-input"
        onChange={(event) => props.onChange(event.currentTarget.value as T)}
      >
        <For each={props.options}>
          {([value, words]) => (
            <option value={value} selected={value === props.value}>
              {words}
            </option>
          )}
        </For>
      </select>
      <Show when={props.hint}>
        <span id={hintId} class="field-hint">
          {props.hint}
        </span>
      </Show>
    </div>
  );
}

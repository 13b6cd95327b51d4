/** The picture of a group: initials, one of a few emoji, or any other one. Shows what it becomes. */
import "./picture-choice.css";
import { createUniqueId, For } from "solid-js";
import { GroupAvatar, initialsOf } from "../../components/group-avatar.tsx";
import { t } from "../../i18n/words.ts";

export interface PictureChoiceProps {
  /** The name whose initials are shown. */
  readonly name: string;
  readonly emoji: string;
  /** Of the group; none while it is being made. */
  readonly id?: string | undefined;
  readonly onChange: (emoji: string) => void;
}

const offered: readonly string[] = t("group.pictureChoices").split(" ");
/** One emoji may be long: a family with skin tones. */
const mostUnits = 16;

export function PictureChoice(props: PictureChoiceProps) {
  const group = createUniqueId();
  const hintId = createUniqueId();
  return (
    <div class="picture">
      <GroupAvatar name={props.name} emoji={props.emoji} id={props.id} size="l" />
      <fieldset class="picture-choices">
        <legend class="field-label">{t("group.picture")}</legend>
        <div class="picture-row">
          <label class="picture-option">
            <input
              type="radio"
              name={group}
              aria-label={t("group.pictureInitials")}
              checked={props.emoji === ""}
              onChange={() => props.onChange("")}
            />
            <span class="picture-initials" aria-hidden="true">
              {initialsOf(props.name) || t("group.pictureInitials").slice(0, 2)}
            </span>
          </label>
          <For each={offered}>
            {(emoji) => (
              <label class="picture-option">
                <input
                  type="radio"
                  name={group}
                  checked={props.emoji === emoji}
                  onChange={() => props.onChange(emoji)}
                />
                <span>{emoji}</span>
              </label>
            )}
          </For>
        </div>
        <label class="picture-other">
          <span class="field-hint">{t("group.pictureOther")}</span>
          <input
            class="field-input"
            type="text"
            autocomplete="off"
            aria-describedby={hintId}
            value={offered.includes(props.emoji) ? "" : props.emoji}
            onInput={(event) => props.onChange(lastGrapheme(event.currentTarget.value))}
          />
        </label>
        <p id={hintId} class="hidden-words">
          {t("group.pictureOtherHint")}
        </p>
      </fieldset>
    </div>
  );
}

/** What was typed last takes the place of what stood there; letters are no picture. */
function lastGrapheme(text: string): string {
  const all = [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)];
  const last = all.findLast(({ segment }) => /\p{Extended_Pictographic}|\p{RI}/u.test(segment))?.segment ?? "";
  return last.length <= mostUnits ? last : "";
}

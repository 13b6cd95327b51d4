/** A group: its emoji, or the initials of its name. Less round than a person, and without the seal of a key. */
import "./avatar.css";
import "./group-avatar.css";
import { createMemo, Show } from "solid-js";
import { initialOf, keySeal } from "./key-seal.ts";

export interface GroupAvatarProps {
  readonly name: string;
  /** "": initials. */
  readonly emoji: string;
  /** Of the conversation: gives the hue. Who is not in the group yet does not know it, and sees the first one. */
  readonly id?: string | undefined;
  readonly size: "s" | "m" | "l";
}

export function GroupAvatar(props: GroupAvatarProps) {
  const hue = createMemo(() => (props.id === undefined ? 0 : keySeal(props.id).hue));
  return (
    <span class={`avatar group-avatar avatar-${props.size} avatar-hue-${hue()}`} aria-hidden="true">
      <Show when={props.emoji} fallback={<span>{initialsOf(props.name)}</span>}>
        <span class="group-avatar-emoji">{props.emoji}</span>
      </Show>
    </span>
  );
}

/** First letters of the first and the last word. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u);
  const first = initialOf(words[0] ?? "");
  return words.length > 1 ? first + initialOf(words.at(-1) ?? "") : first;
}

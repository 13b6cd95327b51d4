/** Where one writes. Keeps the draft, sends with Enter (on a touch screen Enter is a new line), grows with the text. */
import "./composer.css";
import type { ConversationView } from "@kith/core";
import SendHorizontal from "lucide-solid/icons/send-horizontal";
import { createEffect, createSignal, createUniqueId, onMount, Show } from "solid-js";
import { notify } from "../../components/notices.tsx";
import { sendFaultWords, writeFaultWords } from "../../i18n/fault-words.ts";
import { spanInWords } from "../../i18n/group-words.ts";
import { titleOf } from "../../i18n/people-words.ts";
import { t } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { clockOf, useCountDown } from "../group/slow-mode.ts";
import { useDraft } from "./draft.ts";
import { useTyping } from "./typing.ts";

export interface ComposerProps {
  readonly view: ConversationView;
  readonly onSent: () => void;
  /** Gives the page a way to put the cursor here. */
  readonly focusRef: (focus: () => void) => void;
}

/** As many as the engine takes (PROTOCOL.md §1). */
const mostCharacters = 8_000;
const tallestPx = 220;
const touch = () => matchMedia("(pointer: coarse)").matches;

export function Composer(props: ComposerProps) {
  const messenger = useMessenger();
  const { id } = props.view;
  const hintId = createUniqueId();
  const [text, setText] = createSignal(props.view.draft);
  const draft = useDraft({
    saved: props.view.draft,
    text,
    async save(next) {
      const kept = await messenger.saveDraft(id, next);
      if (!kept.ok) notify(t(writeFaultWords[kept.error]), "fault");
    },
  });
  const typing = useTyping((on) => messenger.setTyping(id, on));
  let field: HTMLTextAreaElement | undefined;

  const tooMany = () => Math.max(0, [...text()].length - mostCharacters);
  const empty = () => text().trim() === "";
  const waitS = useCountDown(() => props.view.group?.writableAtMs);
  const stopped = () => empty() || tooMany() > 0 || waitS() > 0;
  const placeholder = () => {
    const slowS = props.view.group?.rules.slowModeS ?? 0;
    if (slowS > 0 && !props.view.group?.rights.moderate) return t("group.slowHere", { time: spanInWords(slowS) });
    return props.view.kind === "self" ? t("chat.fieldSelf") : t("chat.composer");
  };

  const grow = () => {
    if (!field) return;
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, tallestPx)}px`;
  };
  createEffect(() => {
    text();
    grow();
  });
  onMount(() => {
    props.focusRef(() => field?.focus());
    if (!touch()) field?.focus();
  });

  const send = async () => {
    const words = text();
    if (stopped()) return;
    setText("");
    typing.stop();
    draft.forget();
    props.onSent();
    field?.focus();
    const sent = await messenger.sendText(id, words);
    if (sent.ok) return;
    // Nothing that was written may be lost: it comes back, unless the next message has begun.
    if (text() === "") setText(words);
    notify(t(sendFaultWords[sent.error]), "fault");
  };
  const onInput = (value: string) => {
    setText(value);
    typing.touch(value !== "");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || touch()) return;
    event.preventDefault();
    void send();
  };

  return (
    <form
      class="composer"
      aria-label={t("chat.composer")}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <textarea
        ref={field}
        class="composer-field"
        rows={1}
        dir="auto"
        enterkeyhint={touch() ? "enter" : "send"}
        placeholder={placeholder()}
        aria-label={props.view.kind === "self" ? t("chat.fieldSelf") : t("chat.field", { name: titleOf(props.view) })}
        aria-describedby={tooMany() > 0 || waitS() > 0 ? hintId : undefined}
        value={text()}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onBlur={() => typing.stop()}
      />
      <button
        type="submit"
        class="composer-send"
        aria-label={t("chat.send")}
        disabled={stopped()}
        // Keeps the cursor, and a screen keyboard, where they are.
        onPointerDown={(event) => event.preventDefault()}
      >
        <SendHorizontal size={20} />
      </button>
      <Show when={tooMany() > 0}>
        <p id={hintId} class="composer-hint field-fault" role="status">
          {t("chat.longDraft", { count: tooMany() })}
        </p>
      </Show>
      {/* No live region: it would be read out every second. */}
      <Show when={tooMany() === 0 && waitS() > 0}>
        <p id={hintId} class="composer-hint muted small">
          {t("group.slowWait", { time: clockOf(waitS()) })}
        </p>
      </Show>
    </form>
  );
}

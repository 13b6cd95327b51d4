/** One message: bubble, and below the last of a group its time and mark. One short name for screen readers. */
import Ellipsis from "lucide-solid/icons/ellipsis";
import { createMemo, Show } from "solid-js";
import { timeOfDay } from "../../i18n/time.ts";
import { t } from "../../i18n/words.ts";
import { now } from "../../platform/clock.ts";
import { isFailed } from "./failed-mark.ts";
import { markInWords } from "./mark-words.ts";
import { useMenuGesture } from "./menu-gesture.ts";
import type { MessageActions } from "./message-actions.ts";
import { MessageMark } from "./message-mark.tsx";
import { hasMenu, type MenuFor } from "./message-menu.tsx";
import { MessageText } from "./message-text.tsx";
import type { TimelineRow } from "./timeline-rows.ts";

export interface MessageRowProps {
  readonly row: Extract<TimelineRow, { kind: "message" }>;
  /** The other person. */
  readonly name: string;
  /** The row that Tab reaches. */
  readonly active: boolean;
  readonly actions: MessageActions;
  readonly onFocus: () => void;
  readonly onMenu: (menu: MenuFor) => void;
}

export function MessageRow(props: MessageRowProps) {
  const message = () => props.row.message;
  const text = () => {
    const { body } = message();
    return body.kind === "text" ? body.text : t("chat.unknownBody");
  };
  const label = createMemo(() => {
    const author = message().mine ? t("you") : props.name;
    const mark = message().mark;
    const words = { author, time: timeOfDay(message().sentAtMs), text: text() };
    return mark
      ? t("chat.rowMark", { ...words, mark: markInWords(mark, props.name, now()).short })
      : t("chat.row", words);
  });
  const openMenu = (at: MenuFor["at"]) => {
    if (hasMenu(message())) props.onMenu({ message: message(), at });
  };
  const gesture = useMenuGesture(openMenu);
  const openBelow = (button: HTMLElement) => {
    const { left, bottom } = button.getBoundingClientRect();
    openMenu({ x: left, y: bottom });
  };

  return (
    <article
      class="message"
      classList={{
        "message-mine": message().mine,
        "message-first": props.row.first,
        "message-last": props.row.last,
      }}
      aria-label={label()}
      tabindex={props.active ? 0 : -1}
      data-key={props.row.key}
      onFocusIn={() => props.onFocus()}
      onContextMenu={gesture.onContextMenu}
      onPointerDown={gesture.onPointerDown}
      onPointerMove={gesture.onPointerMove}
      onPointerUp={gesture.onPointerUp}
      onPointerCancel={gesture.onPointerUp}
    >
      <div class="message-line">
        <div class="message-bubble">
          <Show
            when={message().body.kind === "text"}
            fallback={<p class="message-text message-unknown">{t("chat.unknownBody")}</p>}
          >
            <MessageText text={text()} />
          </Show>
        </div>
        <Show when={hasMenu(message())}>
          <button
            type="button"
            class="icon-button message-more"
            tabindex="-1"
            aria-label={t("message.menu")}
            aria-haspopup="menu"
            onClick={(event) => openBelow(event.currentTarget)}
          >
            <Ellipsis size={16} />
          </button>
        </Show>
        <Show when={!props.row.detail}>
          <time class="message-aside">{timeOfDay(message().sentAtMs)}</time>
        </Show>
      </div>
      <Show when={props.row.detail}>
        <div class="message-detail">
          <time>{timeOfDay(message().sentAtMs)}</time>
          <Show when={message().mark}>
            {(mark) => (
              <>
                <MessageMark
                  mark={mark()}
                  name={props.name}
                  spoken={props.row.newestOwn || isFailed(mark())}
                  onOpen={() => props.actions.info(message())}
                />
                <Show when={isFailed(mark())}>
                  <button
                    type="button"
                    class="text-button message-again"
                    tabindex="-1"
                    onClick={() => props.actions.sendAgain(message())}
                  >
                    {t("message.again")}
                  </button>
                </Show>
              </>
            )}
          </Show>
        </div>
      </Show>
    </article>
  );
}

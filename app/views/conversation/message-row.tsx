/** One message: bubble, and below the last of a group its time and mark. One short name for screen readers. */
import Ellipsis from "lucide-solid/icons/ellipsis";
import { createMemo, Match, Show, Switch } from "solid-js";
import { Avatar } from "../../components/avatar.tsx";
import { keySeal } from "../../components/key-seal.ts";
import { removedInWords } from "../../i18n/group-words.ts";
import { timeOfDay } from "../../i18n/time.ts";
import { t } from "../../i18n/words.ts";
import { now } from "../../platform/clock.ts";
import { useGroupTalk } from "../group/group-talk.ts";
import { isFailed } from "./failed-mark.ts";
import { ownMarkInWords } from "./mark-words.ts";
import { useMenuGesture } from "./menu-gesture.ts";
import type { MessageActions } from "./message-actions.ts";
import { MessageMark } from "./message-mark.tsx";
import { hasMenu, type MenuFor } from "./message-menu.tsx";
import { MessageText } from "./message-text.tsx";
import type { TimelineRow } from "./timeline-rows.ts";

export interface MessageRowProps {
  readonly row: Extract<TimelineRow, { kind: "message" }>;
  /** The other person, or the group. */
  readonly name: string;
  /** The row that Tab reaches. */
  readonly active: boolean;
  readonly actions: MessageActions;
  readonly onFocus: () => void;
  readonly onMenu: (menu: MenuFor) => void;
}

export function MessageRow(props: MessageRowProps) {
  const message = () => props.row.message;
  const talk = useGroupTalk();
  const author = () => (talk ? talk.name(message().author) : props.name);
  const inGroup = () => talk !== undefined && !message().mine;
  /** Who gave it to somebody who was not there yet: nothing but their word says that its author wrote it. */
  const sharedBy = () => {
    const by = message().sharedBy;
    if (by === undefined) return undefined;
    return by === talk?.me ? t("group.copiedHere") : t("group.sharedBy", { name: talk?.name(by) ?? "" });
  };
  const veiled = () => message().hidden && message().body.kind !== "removed";
  const hidden = () => veiled() && !talk?.isOpen(message().id);
  const text = () => {
    const { body } = message();
    if (hidden()) return t("group.hidden");
    if (body.kind === "removed" && talk) return removedInWords(talk, message(), body.by);
    if (body.kind === "too-soon") return t("group.tooSoon", { text: body.text });
    return body.kind === "text" ? body.text : t("chat.unknownBody");
  };
  const label = createMemo(() => {
    if (hidden()) return text();
    const words = { author: message().mine ? t("you") : author(), time: timeOfDay(message().sentAtMs), text: text() };
    const shared = sharedBy();
    if (shared) return t("group.rowShared", { row: t("chat.row", words), shared });
    const mark = ownMarkInWords(message(), props.name, now());
    return mark ? t("chat.rowMark", { ...words, mark: mark.short }) : t("chat.row", words);
  });
  /** The button that was pressed is gone then: the focus goes to its message. */
  const toggle = (button: HTMLElement) => {
    const row = button.closest("article");
    talk?.toggle(message().id);
    row?.focus({ preventScroll: true });
  };
  const menu = () => hasMenu(message()) && !hidden();
  const openMenu = (at: MenuFor["at"]) => {
    if (menu()) props.onMenu({ message: message(), at });
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
        "message-in-group": inGroup(),
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
        <Show when={inGroup() && props.row.last && !hidden()}>
          <span class="message-avatar">
            <Avatar name={author()} account={message().author} size="s" />
          </span>
        </Show>
        <div class="message-bubble" classList={{ "message-quiet": hidden() || message().body.kind === "removed" }}>
          <Show when={inGroup() && props.row.first && !hidden() && message().body.kind !== "removed"}>
            <p class={`message-author avatar-hue-${keySeal(message().author).hue}`} dir="auto">
              {author()}
              <Show when={sharedBy()}>{(shared) => <span class="muted small"> {shared()}</span>}</Show>
            </p>
          </Show>
          <Switch fallback={<p class="message-text message-unknown">{text()}</p>}>
            <Match when={hidden()}>
              <p class="message-text message-unknown">
                {text()}
                {t("list.dot")}
                <button
                  type="button"
                  class="text-button"
                  tabindex="-1"
                  onClick={(event) => toggle(event.currentTarget)}
                >
                  {t("group.hiddenShow")}
                </button>
              </p>
            </Match>
            <Match when={message().body.kind === "text"}>
              <MessageText text={text()} />
            </Match>
          </Switch>
          <Show when={veiled() && !hidden()}>
            <button
              type="button"
              class="text-button message-hide"
              tabindex="-1"
              onClick={(event) => toggle(event.currentTarget)}
            >
              {t("group.hiddenHide")}
            </button>
          </Show>
        </div>
        <Show when={menu()}>
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
                  reached={message().reached}
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

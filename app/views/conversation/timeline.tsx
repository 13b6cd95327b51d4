/**
 * The messages of a conversation: a window that grows upwards, drawn as far as it is seen. Stays at the end while one
 * is near it, and stays put otherwise. One Tab stop; arrows walk the messages.
 */
import "./timeline.css";
import type { ConversationView, TimelineView } from "@kith/core";
import ArrowDown from "lucide-solid/icons/arrow-down";
import { batch, createComputed, createEffect, createMemo, createSignal, on, onCleanup, onMount, Show } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { Virtualizer, type VirtualizerHandle } from "virtua/solid";
import { titleOf } from "../../i18n/people-words.ts";
import { dayInWords } from "../../i18n/time.ts";
import { t, tCount } from "../../i18n/words.ts";
import { fromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { now } from "../../platform/clock.ts";
import { visible } from "../../platform/visible.ts";
import { useFeedKeys } from "./feed-keys.ts";
import { useMessageActions } from "./message-actions.ts";
import { type MenuFor, MessageMenu } from "./message-menu.tsx";
import { useSpokenChanges } from "./spoken-changes.ts";
import { TimelineRowView } from "./timeline-row-view.tsx";
import { droppedAbove, grewUpwards, newSince, onlyAbove, type TimelineRow, timelineRows } from "./timeline-rows.ts";

export interface TimelineProps {
  readonly view: ConversationView;
  /** Where the unread line stands, since the conversation was opened. */
  readonly unreadFrom: string | undefined;
  /** Leave the messages, towards the composer. */
  readonly onLeave: () => void;
}

const firstWindow = 60;
const largestFirstWindow = 1_000;
const windowStep = 100;
/** Closer to the end than this counts as being at the end. */
const nearEndPx = 80;
/** Older messages are fetched this far before they are needed. */
const nearTopPx = 600;
/** After rows came above: time for the list to measure them and to move along. */
const settleMs = 60;
/** How long the floating day stays after one has scrolled: longer, it would cover what one reads. */
const dayShownMs = 1_500;

export function Timeline(props: TimelineProps) {
  const messenger = useMessenger();
  // One Timeline serves one conversation: the page makes a new one for another.
  const { id, unread } = props.view;
  const [limit, setLimit] = createSignal(Math.min(largestFirstWindow, Math.max(firstWindow, unread + 30)));
  const timeline = fromLive(() => messenger.timeline(id, limit()));
  const [state, setState] = createStore<{ rows: TimelineRow[] }>({ rows: [] });
  const [shift, setShift] = createSignal(false);
  // With an unread line one begins there, and the end is reached by reading.
  const [atEnd, setAtEnd] = createSignal(props.unreadFrom === undefined);
  const [seen, setSeen] = createSignal<string>();
  const [topDay, setTopDay] = createSignal<number>();
  const [menu, setMenu] = createSignal<MenuFor>();
  const actions = useMessageActions(() => id);
  let scroller: HTMLDivElement | undefined;
  let list: VirtualizerHandle | undefined;
  let opened = false;
  const name = () => titleOf(props.view);
  const feedLabel = () => {
    if (props.view.kind === "self") return t("chat.feedSelf");
    return t(props.view.kind === "group" ? "group.feed" : "chat.feed", { name: name() });
  };
  useSpokenChanges(() => timeline()?.messages, name);

  let belowTimer: ReturnType<typeof setTimeout> | undefined;
  const [drawRest, setDrawRest] = createSignal(0);
  const drawBelow = () => {
    belowTimer = undefined;
    setDrawRest((times) => times + 1);
  };
  onCleanup(() => clearTimeout(belowTimer));

  createComputed(() => {
    drawRest();
    const view = timeline();
    if (!view) return;
    const dropped = droppedAbove(state.rows, view.messages);
    // What one is reading must not fall out of the window because something new came in at its other end.
    if (dropped > 0 && !atEnd()) {
      setLimit((before) => before + dropped + windowStep);
      return;
    }
    draw(view, props.unreadFrom);
  });

  function draw(view: TimelineView, unreadFrom: string | undefined) {
    // The list keeps its place when rows come above or below, but not both at once: then first above.
    const above = onlyAbove(state.rows, view.messages);
    const rows = timelineRows(above ?? view.messages, { more: view.more, unreadFrom });
    batch(() => {
      setShift(grewUpwards(state.rows, rows));
      setState("rows", reconcile(structuredClone(rows), { key: "key" }));
    });
    if (above) belowTimer ??= setTimeout(drawBelow, settleMs);
  }

  const newest = createMemo(() => timeline()?.messages.at(-1));
  const below = createMemo(() =>
    seen() === undefined ? props.view.unread : newSince(timeline()?.messages ?? [], seen()),
  );
  const toEnd = () => list?.scrollToIndex(state.rows.length - 1, { align: "end" });

  const place = () => {
    if (!list || state.rows.length === 0) return;
    if (!opened) {
      opened = true;
      const divider = state.rows.findIndex((row) => row.kind === "unread");
      if (divider >= 0) list.scrollToIndex(divider, { align: "start", offset: -nearEndPx });
      else toEnd();
    } else if (atEnd()) toEnd();
  };
  createEffect(
    on(
      () => state.rows.length,
      () => queueMicrotask(place),
    ),
  );
  createEffect(
    on(
      () => newest()?.id,
      () => {
        // What I send myself is always shown.
        if (newest()?.mine && opened) queueMicrotask(toEnd);
      },
      { defer: true },
    ),
  );

  const look = () => {
    if (!list || list.viewportSize === 0) return;
    const rest = list.scrollSize - list.viewportSize - list.scrollOffset;
    setAtEnd(rest < nearEndPx);
    if (list.scrollOffset < nearTopPx && timeline()?.more && opened) setLimit((before) => before + windowStep);
  };
  let dayTimer: ReturnType<typeof setTimeout> | undefined;
  const scrolled = () => {
    look();
    const top = list && state.rows[list.findItemIndex(list.scrollOffset + 8)];
    setTopDay((top?.kind === "message" || top?.kind === "notice") && !atEnd() ? top.message.sentAtMs : undefined);
    clearTimeout(dayTimer);
    dayTimer = setTimeout(() => setTopDay(undefined), dayShownMs);
  };
  onCleanup(() => clearTimeout(dayTimer));
  createEffect(() => {
    const last = newest();
    if (atEnd() && visible() && last) {
      setSeen(last.id);
      if (props.view.unread > 0) void messenger.markRead(id);
    }
  });
  onMount(() => {
    // A growing composer or a screen keyboard takes room at the end: the newest message stays in sight.
    const resized = new ResizeObserver(() => {
      if (atEnd()) toEnd();
    });
    if (scroller) resized.observe(scroller);
    onCleanup(() => resized.disconnect());
  });

  const keys = useFeedKeys({
    rows: () => state.rows,
    feed: () => scroller,
    show: (index) => list?.scrollToIndex(index, { align: "nearest" }),
    leave: () => props.onLeave(),
  });

  return (
    <div class="timeline">
      <Show when={topDay()}>
        {(day) => (
          <div class="timeline-day-now" aria-hidden="true">
            <span class="timeline-pill">{dayInWords(day(), now())}</span>
          </div>
        )}
      </Show>
      {/* Arrow keys walk the messages inside: the feed pattern of ARIA. */}
      <div
        ref={scroller}
        class="timeline-scroll"
        role="feed"
        aria-label={feedLabel()}
        aria-busy={timeline() === undefined}
        onKeyDown={keys.onKeyDown}
      >
        <div class="timeline-spacer" />
        <Virtualizer
          ref={(handle) => {
            list = handle;
          }}
          data={state.rows}
          shift={shift()}
          bufferSize={400}
          keepMounted={keys.mounted()}
          onScroll={scrolled}
          onResize={look}
        >
          {(row) => (
            <TimelineRowView
              row={row}
              view={props.view}
              active={row.key === keys.active()}
              actions={actions}
              onFocus={() => keys.setActive(row.key)}
              onMenu={setMenu}
            />
          )}
        </Virtualizer>
      </div>
      <Show when={menu()} keyed>
        {(chosen) => (
          <MessageMenu
            for={chosen}
            actions={actions}
            floorPx={scroller?.getBoundingClientRect().bottom}
            onClose={() => setMenu(undefined)}
          />
        )}
      </Show>
      <Show when={!atEnd()}>
        <button
          type="button"
          class="timeline-jump"
          aria-label={below() > 0 ? tCount("chat.toNewestCount", below()) : t("chat.toNewest")}
          onClick={toEnd}
        >
          <ArrowDown size={20} />
          <Show when={below() > 0}>
            <span class="timeline-jump-count" aria-hidden="true">
              {below()}
            </span>
          </Show>
        </button>
      </Show>
    </div>
  );
}

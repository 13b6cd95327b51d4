/** Any row of the timeline. */
import type { ConversationView } from "@kith/core";
import { Match, Switch } from "solid-js";
import { titleOf } from "../../i18n/people-words.ts";
import { dayInWords, timeOfDay } from "../../i18n/time.ts";
import { t } from "../../i18n/words.ts";
import { now } from "../../platform/clock.ts";
import { useGroupTalk } from "../group/group-talk.ts";
import { historyInWords } from "../group/history-words.ts";
import type { MessageActions } from "./message-actions.ts";
import type { MenuFor } from "./message-menu.tsx";
import { MessageRow } from "./message-row.tsx";
import { noticeInWords } from "./notice-words.ts";
import type { TimelineRow } from "./timeline-rows.ts";

export interface TimelineRowViewProps {
  readonly row: TimelineRow;
  readonly view: ConversationView;
  readonly active: boolean;
  readonly actions: MessageActions;
  readonly onFocus: () => void;
  readonly onMenu: (menu: MenuFor) => void;
}

export function TimelineRowView(props: TimelineRowViewProps) {
  const talk = useGroupTalk();
  const beginning = () => {
    if (props.view.kind === "self") return t("chat.beginningSelf");
    if (!talk) return t("chat.beginning", { name: titleOf(props.view) });
    return [t("group.beginning"), historyInWords(talk)].filter(Boolean).join(" ");
  };
  const of = <K extends TimelineRow["kind"]>(kind: K) =>
    props.row.kind === kind ? (props.row as Extract<TimelineRow, { kind: K }>) : undefined;
  return (
    <Switch>
      <Match when={of("message")}>
        {(row) => (
          <MessageRow
            row={row()}
            name={titleOf(props.view)}
            active={props.active}
            actions={props.actions}
            onFocus={() => props.onFocus()}
            onMenu={(menu) => props.onMenu(menu)}
          />
        )}
      </Match>
      <Match when={of("notice")}>
        {(row) => (
          <p class="timeline-event">
            {noticeInWords(row().message, talk)} <time>{timeOfDay(row().message.sentAtMs)}</time>
          </p>
        )}
      </Match>
      <Match when={of("day")}>
        {(row) => (
          <div class="timeline-day">
            <span class="timeline-pill">{dayInWords(row().atMs, now())}</span>
          </div>
        )}
      </Match>
      <Match when={of("unread")}>
        <div class="timeline-unread">
          <span>{t("chat.newMessages")}</span>
        </div>
      </Match>
      <Match when={props.row.kind === "older"}>
        <p class="timeline-note">{t("chat.older")}</p>
      </Match>
      <Match when={props.row.kind === "beginning"}>
        <p class="timeline-note">{beginning()}</p>
      </Match>
    </Switch>
  );
}

/** A conversation, with the details of the person beside it (or in its place, where there is no room). */
import "./conversation.css";
import type { ConversationId, ConversationView } from "@kith/core";
import { A, type RouteSectionProps } from "@solidjs/router";
import { createEffect, createSignal, Match, on, Show, Switch } from "solid-js";
import { lazily } from "../../components/lazily.ts";
import { titleOf } from "../../i18n/people-words.ts";
import { t } from "../../i18n/words.ts";
import { fromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { visible } from "../../platform/visible.ts";
import { ContactDetails } from "../contact/contact-details.tsx";
import { GroupChanges } from "../group/group-changes.tsx";
import { closedInWords, GroupClosed } from "../group/group-closed.tsx";
import { GroupHead } from "../group/group-head.tsx";
import { createGroupTalk, GroupTalkContext, useGroupTalk } from "../group/group-talk.ts";
import { Composer } from "./composer.tsx";
import { ConversationHead } from "./conversation-head.tsx";
import { ConversationNotes } from "./conversation-notes.tsx";
import { RequestBar } from "./request-bar.tsx";
import { Timeline } from "./timeline.tsx";

const GroupDetails = lazily(async () => (await import("../group/group-details.tsx")).GroupDetails);

export function ContactOrConversation(props: RouteSectionProps) {
  return (
    <Show when={props.params["id"]} keyed>
      {(id) => <ConversationById id={id as ConversationId} details={props.params["pane"] === "info"} />}
    </Show>
  );
}

function ConversationById(props: { readonly id: ConversationId; readonly details: boolean }) {
  const messenger = useMessenger();
  // Wrapped, because "there is none" and "not known yet" would otherwise both be undefined.
  const known = fromLive<Known>(() => ({
    subscribe: (listener) => messenger.conversation(props.id).subscribe((view) => listener({ view })),
  }));
  return (
    <Show
      when={known()?.view}
      fallback={
        <Show when={known()}>
          <Gone />
        </Show>
      }
    >
      {(shown) => (
        <Show
          when={shown().kind === "group"}
          fallback={<Conversation view={shown()} details={props.details && shown().person !== undefined} />}
        >
          <GroupConversation view={shown()} details={props.details} />
        </Show>
      )}
    </Show>
  );
}

function GroupConversation(props: { readonly view: ConversationView; readonly details: boolean }) {
  return (
    <Show when={props.view.group}>
      {(group) => {
        const talk = createGroupTalk(() => props.view.id, group);
        return (
          <GroupTalkContext.Provider value={talk}>
            <Conversation view={props.view} details={props.details} />
          </GroupTalkContext.Provider>
        );
      }}
    </Show>
  );
}

interface Known {
  readonly view: ConversationView | undefined;
}

function Gone() {
  return (
    <main class="nothing" tabindex="-1" data-region>
      <h1 class="card-title">{t("chat.goneTitle")}</h1>
      <p class="muted">{t("chat.goneText")}</p>
      <A class="button" href="/">
        {t("back")}
      </A>
    </main>
  );
}

function Conversation(props: { readonly view: ConversationView; readonly details: boolean }) {
  const [unreadFrom, setUnreadFrom] = createSignal<string | undefined>(props.view.firstUnread);
  // What came while nobody was looking is marked on return; otherwise the line stays where the chat was opened.
  createEffect(
    on(
      visible,
      (seen) => {
        if (seen && unreadFrom() === undefined) setUnreadFrom(props.view.firstUnread);
      },
      { defer: true },
    ),
  );
  let focusComposer = () => {};
  const name = () => titleOf(props.view);
  const talk = useGroupTalk();
  const closed = () => (talk && props.view.group ? closedInWords(props.view.group, talk) : "");
  const label = () => {
    if (props.view.kind === "self") return t("chat.labelSelf");
    return t(talk ? "group.label" : "chat.label", { name: name() });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented || unreadFrom() === undefined) return;
    event.preventDefault();
    setUnreadFrom(undefined);
  };

  return (
    <div class="conversation-panes" classList={{ "conversation-with-details": props.details }}>
      <main class="conversation page" aria-label={label()} tabindex="-1" data-region onKeyDown={onKeyDown}>
        <Show when={props.view.group} fallback={<ConversationHead view={props.view} detailsOpen={props.details} />}>
          {(group) => <GroupHead view={props.view} group={group()} detailsOpen={props.details} />}
        </Show>
        <Timeline view={props.view} unreadFrom={unreadFrom()} onLeave={() => focusComposer()} />
        <ConversationNotes view={props.view} />
        <Show when={talk}>
          {(known) => <GroupChanges id={props.view.id} group={known().group()} naming={known()} spoken />}
        </Show>
        <Switch
          fallback={
            <Composer
              view={props.view}
              onSent={() => setUnreadFrom(undefined)}
              focusRef={(focus) => {
                focusComposer = focus;
              }}
            />
          }
        >
          <Match when={closed() !== "" && talk}>
            {(known) => <GroupClosed id={props.view.id} group={known().group()} naming={known()} />}
          </Match>
          <Match when={props.view.standing === "request"}>
            <RequestBar view={props.view} />
          </Match>
          <Match when={props.view.standing === "blocked"}>
            <p class="conversation-closed">{t("chat.blocked", { name: name() })}</p>
          </Match>
          <Match when={props.view.standing === "invite-used"}>
            <p class="conversation-closed">{t("chat.inviteUsed", { name: name() })}</p>
          </Match>
        </Switch>
      </main>
      <Show when={props.details && props.view.person}>
        {(person) => <ContactDetails person={person()} view={props.view} />}
      </Show>
      <Show when={props.details && props.view.group}>
        {(group) => <GroupDetails group={group()} view={props.view} />}
      </Show>
    </div>
  );
}

/**
 * Somebody opened an invitation: who invites, and Accept. For a new person the name is asked on the same screen, so that
 * one tap makes the person, the contact and the chat.
 */
import "./welcome.css";
import type { ConversationId, InviteFault, InvitePreview, Messenger, NodeUrl } from "@kith/core";
import { createResource, createSignal, Match, Show, Switch } from "solid-js";
import { Avatar } from "../../components/avatar.tsx";
import { GroupAvatar } from "../../components/group-avatar.tsx";
import { MarkOfKith } from "../../components/mark-of-kith.tsx";
import "../../components/mark-of-kith.css";
import { inviteFaultPasses, inviteFaultWords } from "../../i18n/fault-words.ts";
import { fromNow } from "../../i18n/time.ts";
import { t, tCount } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { now } from "../../platform/clock.ts";
import { askToPersist } from "../../platform/storage-persistence.ts";
import { NameField, type NameFieldProps } from "./name-field.tsx";
import { suggestedName } from "./suggested-name.ts";

export interface ArrivalProps {
  readonly link: string;
  readonly node: NodeUrl;
  /** Nobody lives in this browser yet: ask for a name too. */
  readonly newcomer: boolean;
  /** Says that the answer is under way, so that the screen stays until it is there. */
  readonly onBusy: (busy: boolean) => void;
  readonly onAccepted: (conversation: ConversationId) => void;
  readonly onLeave: () => void;
}

type Asked = Awaited<ReturnType<Messenger["previewInvite"]>>;

export function Arrival(props: ArrivalProps) {
  const messenger = useMessenger();
  const [asked, { refetch }] = createResource<Asked, string>(
    () => props.link,
    (link) => messenger.previewInvite(link),
  );
  const [refused, setRefused] = createSignal<InviteFault>();
  const fault = () => {
    const answer = asked();
    return refused() ?? (answer && !answer.ok ? answer.error : undefined);
  };
  const preview = () => {
    const answer = asked();
    return answer?.ok ? answer.value : undefined;
  };
  const again = () => {
    setRefused(undefined);
    void refetch();
  };

  return (
    <main class="welcome" aria-label={t("arrival.label")}>
      <div class="welcome-card">
        <div class="welcome-brand">
          <MarkOfKith size={36} />
          <span>{t("product")}</span>
        </div>
        <Switch
          fallback={
            <p class="muted" role="status">
              {t("arrival.asking")}
            </p>
          }
        >
          <Match when={fault()}>
            {(reason) => (
              <>
                <h1 class="arrival-title">{t(reason() === "asked" ? "arrival.askedTitle" : "arrival.faultTitle")}</h1>
                <p role="alert">{t(inviteFaultWords[reason()])}</p>
                <div class="arrival-actions">
                  <Show when={inviteFaultPasses.has(reason())}>
                    <button type="button" class="button" onClick={again}>
                      {t("retry")}
                    </button>
                  </Show>
                  <button type="button" class="button button-quiet" onClick={() => props.onLeave()}>
                    {props.newcomer ? t("arrival.startAnyway") : t("arrival.toChats")}
                  </button>
                </div>
              </>
            )}
          </Match>
          <Match when={preview()}>
            {(invite) => <Invitation {...props} preview={invite()} onRefused={setRefused} />}
          </Match>
        </Switch>
      </div>
    </main>
  );
}

interface InvitationProps extends ArrivalProps {
  readonly preview: InvitePreview;
  readonly onRefused: (fault: InviteFault) => void;
}

function Invitation(props: InvitationProps) {
  const messenger = useMessenger();
  const [name, setName] = createSignal(suggestedName());
  const [nameFault, setNameFault] = createSignal<NameFieldProps["fault"]>();
  const [busy, setBusy] = createSignal(false);
  const inviter = () => props.preview.name || t("someone");
  const group = () => props.preview.group;
  const accepting = () => {
    const shown = group();
    if (!shown) return busy() ? t("arrival.accepting") : t("arrival.accept");
    if (busy()) return t("arrival.groupAsking");
    return shown.open ? t("arrival.groupJoin") : t("arrival.groupAsk");
  };
  const ends = () => {
    const when = fromNow(props.preview.expiresAtMs, now());
    return group() ? t("arrival.groupEnds", { when }) : t("arrival.ends", { when });
  };
  // Asked once: a newcomer stops being one in the middle of accepting.
  const newcomer = props.newcomer;

  const accept = async () => {
    if (newcomer) {
      const started = await messenger.start({ name: name(), node: props.node });
      if (!started.ok && started.error !== "already-started") return setNameFault(started.error);
    }
    const accepted = await messenger.acceptInvite(props.link);
    if (!accepted.ok) return props.onRefused(accepted.error);
    props.onAccepted(accepted.value);
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy()) return;
    // Before anything is waited for: what follows is no answer to the click any more.
    void askToPersist();
    setBusy(true);
    setNameFault(undefined);
    props.onBusy(true);
    await accept();
    setBusy(false);
    props.onBusy(false);
  };

  return (
    <>
      <Show when={group()} fallback={<Inviter preview={props.preview} />}>
        {(shown) => <LinkedGroup preview={props.preview} group={shown()} />}
      </Show>
      <form class="welcome-form" onSubmit={(event) => void submit(event)}>
        <Show when={newcomer}>
          <NameField
            value={name()}
            fault={nameFault()}
            onInput={setName}
            hint={group() ? t("welcome.nameHintGroup") : t("welcome.nameHintInvited", { name: inviter() })}
          />
        </Show>
        <div class="arrival-actions">
          <Show when={!newcomer}>
            <button type="button" class="button button-quiet" onClick={() => props.onLeave()}>
              {t("arrival.later")}
            </button>
          </Show>
          <button type="submit" class="button" disabled={busy()}>
            {accepting()}
          </button>
        </div>
      </form>
      <p class="welcome-honest">
        {ends()} {newcomer ? t("welcome.honest") : ""}
      </p>
    </>
  );
}

function Inviter(props: { readonly preview: InvitePreview }) {
  return (
    <div class="arrival-person">
      <Avatar name={props.preview.name} account={props.preview.account} size="l" />
      <h1 class="arrival-title">
        {props.preview.name ? t("arrival.invited", { name: props.preview.name }) : t("arrival.invitedUnnamed")}
      </h1>
      <p class="muted">{t("arrival.lead", { name: props.preview.name || t("someone") })}</p>
    </div>
  );
}

/** What the link shows of the group, for whoever is asked to be let in. */
function LinkedGroup(props: { readonly preview: InvitePreview; readonly group: NonNullable<InvitePreview["group"]> }) {
  return (
    <div class="arrival-person">
      <GroupAvatar name={props.group.name} emoji={props.group.emoji} size="l" />
      <h1 class="arrival-title" dir="auto">
        {props.group.name}
      </h1>
      <p class="muted small">{tCount("arrival.groupPeople", props.group.people)}</p>
      <p class="muted">
        {props.preview.name ? t("arrival.groupBy", { name: props.preview.name }) : t("arrival.groupByUnnamed")}{" "}
        {props.group.open ? t("arrival.groupOpen") : t("arrival.groupApproval")}
      </p>
    </div>
  );
}

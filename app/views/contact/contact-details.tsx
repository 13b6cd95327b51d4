/** What is known about a contact: where they stand, how messages travel, and the number to compare. */
import "./contact-details.css";
import type { ContactStanding, ContactView, ConversationView } from "@kith/core";
import { useNavigate } from "@solidjs/router";
import ShieldCheck from "lucide-solid/icons/shield-check";
import X from "lucide-solid/icons/x";
import { createMemo, createSignal, For, Show } from "solid-js";
import { Avatar } from "../../components/avatar.tsx";
import { notify } from "../../components/notices.tsx";
import { QrCode } from "../../components/qr-code.tsx";
import { writeFaultWords } from "../../i18n/fault-words.ts";
import { pathInWords, presenceInWords } from "../../i18n/people-words.ts";
import { dateWithYear } from "../../i18n/time.ts";
import { type SentenceKey, t, tCount } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { now } from "../../platform/clock.ts";
import { EndContact } from "./end-contact.tsx";
import { safetyGroups } from "./safety-groups.ts";

const standingWords: Readonly<Record<ContactStanding, SentenceKey>> = {
  invited: "contact.standingInvited",
  request: "contact.standingRequest",
  connected: "contact.standingConnected",
  blocked: "contact.standingBlocked",
  "invite-used": "contact.standingInviteUsed",
};

export interface ContactDetailsProps {
  readonly person: ContactView;
  readonly view: ConversationView;
}

export function ContactDetails(props: ContactDetailsProps) {
  const messenger = useMessenger();
  const navigate = useNavigate();
  const [qr, setQr] = createSignal(false);
  const name = () => props.person.name || t("someone");
  const path = createMemo(() => pathInWords(props.person.path, props.view.nodes));

  const verify = async (verified: boolean) => {
    const done = await messenger.setVerified(props.person.account, verified);
    if (!done.ok) notify(t(writeFaultWords[done.error]), "fault");
  };

  return (
    <aside class="details" aria-label={t("contact.label", { name: name() })} tabindex="-1" data-region>
      <header class="page-head">
        <h2 class="page-title details-title">{t("contact.title")}</h2>
        <button
          type="button"
          class="icon-button"
          aria-label={t("contact.closeDetails")}
          onClick={() => navigate(`/c/${props.view.id}`)}
        >
          <X size={20} />
        </button>
      </header>
      <div class="details-body">
        <div class="details-person">
          <Avatar
            name={name()}
            account={props.person.account}
            size="l"
            online={props.person.presence.kind === "here"}
          />
          <p class="details-name" dir="auto">
            {name()}
          </p>
          <p class="muted">{presenceInWords(props.person.presence, now()) || t("contact.presenceUnknown")}</p>
        </div>
        <dl class="details-facts">
          <dt>{t("contact.standing")}</dt>
          <dd>{t(standingWords[props.person.standing], { name: name() })}</dd>
          <dt>{t("contact.path")}</dt>
          <dd>
            {path().title}
            <p class="muted small">{path().text}</p>
          </dd>
          <dt>{t("contact.devices")}</dt>
          <dd>{tCount("contact.deviceCount", props.person.devices)}</dd>
          <dt>{t("contact.since")}</dt>
          <dd>{dateWithYear(props.person.sinceMs)}</dd>
        </dl>
        <section class="details-safety" aria-labelledby="details-safety-title">
          <h3 id="details-safety-title" class="details-safety-title">
            {t("contact.safety")}
            <span class="details-state" classList={{ "details-state-good": props.person.verified }}>
              <Show when={props.person.verified}>
                <ShieldCheck size={14} />
              </Show>
              {props.person.verified ? t("contact.verified") : t("contact.unverified")}
            </span>
          </h3>
          <p class="muted small">
            {props.person.verified
              ? t("contact.verifiedText", { name: name() })
              : t("contact.safetyText", { name: name() })}
          </p>
          <Show
            when={qr()}
            fallback={
              <ol class="details-digits" aria-label={t("contact.safety")} translate="no">
                <For each={safetyGroups(props.person.safetyNumber)}>{(group) => <li>{group}</li>}</For>
              </ol>
            }
          >
            <div class="details-qr">
              <QrCode text={props.person.safetyNumber} label={t("contact.safetyQr")} />
            </div>
          </Show>
          <div class="details-actions">
            <button type="button" class="button button-quiet" onClick={() => setQr(!qr())}>
              {qr() ? t("contact.hideQr") : t("contact.showQr")}
            </button>
            <button
              type="button"
              class="button"
              classList={{ "button-quiet": props.person.verified }}
              onClick={() => void verify(!props.person.verified)}
            >
              {props.person.verified ? t("contact.unverify") : t("contact.verify")}
            </button>
          </div>
        </section>
        <EndContact conversation={props.view.id} name={name()} />
      </div>
    </aside>
  );
}

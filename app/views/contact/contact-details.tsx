/** What is known about a contact: where they stand, how messages travel, and the number to compare. */
import "./contact-details.css";
import type { ContactStanding, ContactView, ConversationView } from "@kith/core";
import { useNavigate } from "@solidjs/router";
import X from "lucide-solid/icons/x";
import { Avatar } from "../../components/avatar.tsx";
import { presenceInWords } from "../../i18n/people-words.ts";
import { dateWithYear } from "../../i18n/time.ts";
import { type SentenceKey, t, tCount } from "../../i18n/words.ts";
import { now } from "../../platform/clock.ts";
import { ContactTravel } from "./contact-travel.tsx";
import { EndContact } from "./end-contact.tsx";
import { SafetyNumber } from "./safety-number.tsx";

const standingWords: Readonly<Record<ContactStanding, SentenceKey>> = {
  invited: "contact.standingInvited",
  request: "contact.standingRequest",
  connected: "contact.standingConnected",
  blocked: "contact.standingBlocked",
  "invite-used": "contact.standingInviteUsed",
  stranger: "contact.standingStranger",
};

export interface ContactDetailsProps {
  readonly person: ContactView;
  readonly view: ConversationView;
}

export function ContactDetails(props: ContactDetailsProps) {
  const navigate = useNavigate();
  const name = () => props.person.name || t("someone");

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
          <dt>{t("contact.devices")}</dt>
          <dd>{tCount("contact.deviceCount", props.person.devices)}</dd>
          <dt>{t("contact.since")}</dt>
          <dd>{dateWithYear(props.person.sinceMs)}</dd>
        </dl>
        <ContactTravel person={props.person} view={props.view} name={name()} />
        <SafetyNumber person={props.person} name={name()} />
        <EndContact conversation={props.view.id} name={name()} />
      </div>
    </aside>
  );
}

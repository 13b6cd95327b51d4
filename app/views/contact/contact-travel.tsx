/** How messages to this person travel, where they wait, and the choices about both. */
import type { ContactView, ConversationView } from "@kith/core";
import { createMemo, Show } from "solid-js";
import { notify } from "../../components/notices.tsx";
import { Switch } from "../../components/switch.tsx";
import { writeFaultWords } from "../../i18n/fault-words.ts";
import { pathInWords } from "../../i18n/people-words.ts";
import { t } from "../../i18n/words.ts";
import { fromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { KeptAt } from "../nodes/kept-at.tsx";
import { showOverlay } from "../shell/overlays.ts";

export interface ContactTravelProps {
  readonly person: ContactView;
  readonly view: ConversationView;
  readonly name: string;
}

export function ContactTravel(props: ContactTravelProps) {
  const messenger = useMessenger();
  const profile = fromLive(() => messenger.profile);
  const known = fromLive(() => messenger.nodes);
  const path = createMemo(() => pathInWords(props.person.path, props.view.nodes, known() ?? []));
  const connected = () => props.person.standing === "connected";
  const hiddenFromAll = () => {
    const view = profile();
    return view?.kind === "person" && view.relayOnly;
  };
  const setHidden = async (on: boolean) => {
    const kept = await messenger.setContactRelayOnly(props.person.account, on);
    if (!kept.ok) notify(t(writeFaultWords[kept.error]), "fault");
  };

  const setKeeps = async (on: boolean) => {
    const kept = await messenger.setKeepsFor(props.person.account, on);
    if (!kept.ok) notify(t(writeFaultWords[kept.error]), "fault");
  };

  return (
    <section class="details-part" aria-labelledby="details-travel-title">
      <h3 id="details-travel-title" class="details-part-title">
        {t("contact.path")}
      </h3>
      <div>
        <p>{path().title}</p>
        <p class="muted small">{path().text}</p>
      </div>
      <div>
        <p class="details-label">{t("contact.keptAt")}</p>
        <KeptAt nodes={props.view.nodes} />
      </div>
      <Show when={connected()}>
        <div class="details-actions">
          <button
            type="button"
            class="button button-quiet"
            onClick={() => showOverlay({ kind: "doctor", conversation: props.view.id })}
          >
            {props.person.presence.kind === "here" ? t("doctor.check") : t("doctor.ask", { name: props.name })}
          </button>
          <button
            type="button"
            class="button button-quiet"
            onClick={() => showOverlay({ kind: "nodes", conversation: props.view.id })}
          >
            {t("contact.moveNodes")}
          </button>
        </div>
        <Switch
          label={t("contact.relayOnly", { name: props.name })}
          hint={hiddenFromAll() ? t("contact.relayOnlyAll") : t("contact.relayOnlyText")}
          on={hiddenFromAll() || props.person.relayOnly}
          disabled={hiddenFromAll()}
          onChange={setHidden}
        />
        <Switch
          label={t("contact.keepsFor", { name: props.name })}
          hint={t("contact.keepsForText", { name: props.name })}
          on={props.person.keepsFor}
          onChange={setKeeps}
        />
        <Show when={props.person.keeper}>
          <p class="muted small">{t("contact.keeper", { name: props.name })}</p>
        </Show>
      </Show>
    </section>
  );
}

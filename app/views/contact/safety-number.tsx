/** The number to compare, as digits or as a code, and the mark that it was compared. */
import type { ContactView } from "@kith/core";
import ShieldCheck from "lucide-solid/icons/shield-check";
import { createSignal, For, Show } from "solid-js";
import { notify } from "../../components/notices.tsx";
import { QrCode } from "../../components/qr-code.tsx";
import { writeFaultWords } from "../../i18n/fault-words.ts";
import { t } from "../../i18n/words.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { safetyGroups } from "./safety-groups.ts";

/** Of a contact, or of somebody one knows from groups only. */
type Person = Pick<ContactView, "account" | "verified" | "safetyNumber">;

export function SafetyNumber(props: { readonly person: Person; readonly name: string }) {
  const messenger = useMessenger();
  const [qr, setQr] = createSignal(false);
  const verify = async (verified: boolean) => {
    const done = await messenger.setVerified(props.person.account, verified);
    if (!done.ok) notify(t(writeFaultWords[done.error]), "fault");
  };

  return (
    <section class="details-part" aria-labelledby="details-safety-title">
      <h3 id="details-safety-title" class="details-part-title">
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
          ? t("contact.verifiedText", { name: props.name })
          : t("contact.safetyText", { name: props.name })}
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
  );
}

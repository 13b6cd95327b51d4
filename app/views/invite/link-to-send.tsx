/** A link to show and to send: how far it reaches, the link itself, and what copies and shares it. */
import Copy from "lucide-solid/icons/copy";
import Share2 from "lucide-solid/icons/share-2";
import { createMemo, Show } from "solid-js";
import { notify } from "../../components/notices.tsx";
import { t } from "../../i18n/words.ts";
import { canShare, copyText, shareLink } from "../../platform/share.ts";
import { leastReach } from "../nodes/host-reach.ts";

/** Where not everybody can open it. `addresses`: all that whoever opens it has to reach. */
export function LinkReach(props: { readonly addresses: readonly string[] }) {
  const reach = createMemo(() => leastReach(props.addresses));
  return (
    <Show when={reach().reach !== "everywhere"}>
      <p class="invite-preparing">
        {reach().reach === "computer" ? t("invite.onlyHere", reach()) : t("invite.onlyNear", reach())}
      </p>
    </Show>
  );
}

export function LinkField(props: { readonly label: string; readonly link: string }) {
  return (
    <label class="field">
      <span class="field-label">{props.label}</span>
      <input
        class="field-input invite-link"
        type="text"
        readonly
        value={props.link}
        onFocus={(event) => event.currentTarget.select()}
      />
    </label>
  );
}

/** `words`: what goes with the link where the system shares it; where it cannot after all, the link is copied. */
export function LinkActions(props: { readonly words: string; readonly link: string }) {
  const copy = async () => {
    const copied = await copyText(props.link);
    notify(copied ? t("copied") : t("copyFailed"), copied ? "calm" : "fault");
  };
  const share = async () => {
    if (!(await shareLink(props.words, props.link))) await copy();
  };
  return (
    <>
      <Show when={canShare()}>
        <button type="button" class="button" onClick={() => void share()}>
          <Share2 size={18} />
          {t("invite.share")}
        </button>
      </Show>
      <button type="button" class="button" classList={{ "button-quiet": canShare() }} onClick={() => void copy()}>
        <Copy size={18} />
        {t("invite.copy")}
      </button>
    </>
  );
}

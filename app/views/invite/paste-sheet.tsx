/** Somebody else's invitation, by pasting or with the camera. */
import { useNavigate } from "@solidjs/router";
import ScanLine from "lucide-solid/icons/scan-line";
import { createSignal, createUniqueId, onCleanup, Show } from "solid-js";
import { Sheet } from "../../components/sheet.tsx";
import { t } from "../../i18n/words.ts";
import { canScan, scan } from "../../platform/qr-scanner.ts";
import { findInviteLink, invitePath } from "../welcome/invite-link.ts";
import "./invite-page.css";

export function PasteSheet(props: { readonly onClose: () => void }) {
  const navigate = useNavigate();
  const hintId = createUniqueId();
  const [text, setText] = createSignal("");
  const [wrong, setWrong] = createSignal(false);
  const [camera, setCamera] = createSignal<"off" | "on" | "refused">("off");
  const scannable = canScan();
  let video: HTMLVideoElement | undefined;
  let scanning: AbortController | undefined;

  const stop = () => {
    scanning?.abort();
    setCamera("off");
  };
  onCleanup(stop);

  const open = (from: string): boolean => {
    const link = findInviteLink(from);
    setWrong(link === undefined);
    if (link === undefined) return false;
    props.onClose();
    navigate(invitePath(link));
    return true;
  };
  const start = async () => {
    if (!video) return;
    scanning = new AbortController();
    setCamera("on");
    if (!(await scan(video, (found) => open(found), scanning.signal))) setCamera("refused");
  };
  const submit = (event: Event) => {
    event.preventDefault();
    open(text());
  };

  return (
    <Sheet title={t("paste.title")} onClose={props.onClose}>
      <form class="welcome-form" onSubmit={submit}>
        <label class="field">
          <span class="field-label">{t("paste.field")}</span>
          <input
            class="field-input"
            type="text"
            inputmode="url"
            autocomplete="off"
            value={text()}
            aria-describedby={hintId}
            aria-invalid={wrong()}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setWrong(false);
            }}
          />
          <span id={hintId} class={wrong() ? "field-fault" : "field-hint"} role={wrong() ? "alert" : undefined}>
            {wrong() ? t("paste.notALink") : t("paste.hint")}
          </span>
        </label>
        <button type="submit" class="button">
          {t("paste.open")}
        </button>
      </form>
      <Show when={scannable} fallback={<p class="muted small">{t("paste.noScanner")}</p>}>
        <video ref={video} class="paste-video" hidden={camera() !== "on"} muted playsinline />
        <Show
          when={camera() === "on"}
          fallback={
            <button type="button" class="button button-quiet" onClick={() => void start()}>
              <ScanLine size={18} />
              {t("paste.scan")}
            </button>
          }
        >
          <p class="muted small" role="status">
            {t("paste.scanning")}
          </p>
          <button type="button" class="button button-quiet" onClick={stop}>
            {t("paste.stopScan")}
          </button>
        </Show>
        <Show when={camera() === "refused"}>
          <p class="field-fault" role="alert">
            {t("paste.noCamera")}
          </p>
        </Show>
      </Show>
    </Sheet>
  );
}

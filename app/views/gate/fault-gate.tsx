/** Faults that end the start, one sentence and one action each. */
import { For } from "solid-js";
import { lossWords, type StorageLoss } from "../../i18n/storage-words.ts";
import { type SentenceKey, t } from "../../i18n/words.ts";
import type { Missing } from "../../platform/capabilities.ts";
import { reloadNewest } from "../../platform/service-worker.ts";
import { Gate } from "./gate.tsx";

export type StartFault = "no-storage" | "newer-database" | "blocked" | "no-room" | "crash";

const words: Readonly<Record<StartFault, { readonly title: SentenceKey; readonly text: SentenceKey }>> = {
  "no-storage": { title: "gate.noStorageTitle", text: "gate.noStorageText" },
  "newer-database": { title: "gate.newerTitle", text: "gate.newerText" },
  blocked: { title: "gate.blockedTitle", text: "gate.blockedText" },
  "no-room": { title: "gate.noRoomTitle", text: "gate.noRoomText" },
  crash: { title: "gate.crashTitle", text: "gate.crashText" },
};

/** A newer Kith, or a fresh start of this one. The others pass once something else has changed. */
const reloadBrings: ReadonlySet<StartFault> = new Set(["newer-database", "crash"]);

export function FaultGate(props: { readonly fault: StartFault }) {
  return (
    <Gate title={t(words[props.fault].title)} text={t(words[props.fault].text)}>
      <button type="button" class="button" onClick={() => void reloadNewest()}>
        {reloadBrings.has(props.fault) ? t("gate.reload") : t("retry")}
      </button>
    </Gate>
  );
}

/** The storage went away before anything could be shown. */
export function LostGate(props: { readonly why: StorageLoss }) {
  return (
    <Gate title={t("gate.lostTitle")} text={t(lossWords[props.why])}>
      <button type="button" class="button" onClick={() => void reloadNewest()}>
        {t("gate.reload")}
      </button>
    </Gate>
  );
}

const missingWords: Readonly<Record<Missing, SentenceKey>> = {
  secure: "gate.missingSecure",
  indexeddb: "gate.missingIndexeddb",
  locks: "gate.missingLocks",
};

export function UnsupportedGate(props: { readonly missing: readonly Missing[] }) {
  return (
    <Gate title={t("gate.unsupportedTitle")} text={t("gate.unsupportedText")}>
      <ul class="gate-missing">
        <For each={props.missing}>{(part) => <li>{t(missingWords[part])}</li>}</For>
      </ul>
      <p class="muted small">{t("gate.unsupportedAction")}</p>
    </Gate>
  );
}

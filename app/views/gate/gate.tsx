/** What stands before the app: opening, open elsewhere, storage that fails, a browser that cannot. */
import "./gate.css";
import { type JSX, Show } from "solid-js";
import { MarkOfKith } from "../../components/mark-of-kith.tsx";
import "../../components/mark-of-kith.css";
import { t } from "../../i18n/words.ts";

export interface GateProps {
  readonly title: string;
  readonly text: string;
  readonly children?: JSX.Element;
}

export function Gate(props: GateProps) {
  return (
    <main class="gate">
      <div class="gate-card">
        <MarkOfKith size={56} />
        <h1 class="gate-title">{props.title}</h1>
        <p class="muted">{props.text}</p>
        {props.children}
      </div>
    </main>
  );
}

export function ElsewhereGate(props: { readonly taking: boolean; readonly onTake: () => void }) {
  return (
    <Gate title={t("gate.elsewhereTitle")} text={t("gate.elsewhereText")}>
      <button type="button" class="button" disabled={props.taking} onClick={() => props.onTake()}>
        <Show when={props.taking} fallback={t("gate.useHere")}>
          {t("gate.taking")}
        </Show>
      </button>
    </Gate>
  );
}

/** Invisible for a moment, so that a quick start does not flicker. */
export function OpeningGate() {
  return (
    <main class="gate gate-opening" aria-busy="true">
      <MarkOfKith size={56} />
      <p class="muted">{t("gate.opening")}</p>
    </main>
  );
}

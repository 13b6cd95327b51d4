/** "Why can't I reach Ana?": what is found, one remedy each, looking again, and a report that names nobody. */
import "./doctor-sheet.css";
import type { ConversationId } from "@kith/core";
import { useNavigate } from "@solidjs/router";
import CircleAlert from "lucide-solid/icons/circle-alert";
import CircleCheck from "lucide-solid/icons/circle-check";
import Clock3 from "lucide-solid/icons/clock-3";
import Info from "lucide-solid/icons/info";
import { createMemo, For, Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import { notify } from "../../components/notices.tsx";
import { Sheet } from "../../components/sheet.tsx";
import { titleOf } from "../../i18n/people-words.ts";
import { type SentenceKey, t } from "../../i18n/words.ts";
import { fromLive } from "../../live/from-live.ts";
import { useMessenger } from "../../live/messenger-context.ts";
import { build } from "../../platform/build.ts";
import { now } from "../../platform/clock.ts";
import { online } from "../../platform/online.ts";
import { copyText } from "../../platform/share.ts";
import { showOverlay } from "../shell/overlays.ts";
import { findings, type Tone, verdict, type Way } from "./findings.ts";
import { useProbe } from "./probe.ts";
import { report } from "./report.ts";

const signs = { fault: CircleAlert, wait: Clock3, good: CircleCheck, fact: Info } as const;
const toneWords: Readonly<Record<Tone, SentenceKey>> = {
  fault: "doctor.toneFault",
  wait: "doctor.toneWait",
  good: "doctor.toneGood",
  fact: "doctor.toneFact",
};
const wayWords: Readonly<Record<Way, SentenceKey>> = {
  nodes: "nodes.moveTitle",
  settings: "doctor.toSettings",
  contact: "doctor.toContact",
  reload: "gate.reload",
};

export function DoctorSheet(props: { readonly conversation: ConversationId; readonly onClose: () => void }) {
  const messenger = useMessenger();
  const navigate = useNavigate();
  const view = fromLive(() => messenger.conversation(props.conversation));
  const found = fromLive(() => messenger.diagnosis(props.conversation));
  const probe = useProbe(() => messenger.probe(props.conversation), found);
  const name = () => {
    const conversation = view();
    return conversation ? titleOf(conversation) : t("someone");
  };
  const around = createMemo(() => ({ name: name(), online: online(), nowMs: Math.max(now(), Date.now()) }));

  const copy = async () => {
    const diagnosis = found();
    if (!diagnosis) return;
    const version = build.commit ? `${build.version} ${build.commit}` : build.version;
    const copied = await copyText(report(diagnosis, { version, online: online(), nowMs: Date.now() }));
    notify(copied ? t("doctor.reportCopied") : t("copyFailed"), copied ? "calm" : "fault");
  };
  const go = (way: Way) => {
    if (way === "nodes") return showOverlay({ kind: "nodes", conversation: props.conversation });
    if (way === "reload") return location.reload();
    props.onClose();
    navigate(way === "settings" ? "/settings" : `/c/${props.conversation}/info`);
  };

  return (
    <Sheet title={t("doctor.title", { name: name() })} onClose={() => props.onClose()}>
      <Show when={found()} fallback={<p class="muted">{t("doctor.nothing")}</p>}>
        {(diagnosis) => (
          <>
            <p class="doctor-verdict">{verdict(diagnosis(), around())}</p>
            <ul class="doctor-findings">
              <For each={findings(diagnosis(), around())}>
                {(finding) => (
                  <li class={`doctor-finding doctor-${finding.tone}`}>
                    <Dynamic
                      component={signs[finding.tone]}
                      size={18}
                      aria-label={t(toneWords[finding.tone])}
                      role="img"
                    />
                    <div>
                      <p>{finding.text}</p>
                      <Show when={finding.remedy}>{(remedy) => <p class="muted small">{remedy()}</p>}</Show>
                      <Show when={finding.way}>
                        {(way) => (
                          <button type="button" class="text-button doctor-way" onClick={() => go(way())}>
                            {t(wayWords[way()])}
                          </button>
                        )}
                      </Show>
                    </div>
                  </li>
                )}
              </For>
            </ul>
            <p class="muted small" role="status">
              {probe.state() === "looking" ? t("doctor.looking") : probe.state() === "done" ? t("doctor.looked") : ""}
            </p>
            <div class="sheet-actions">
              <button type="button" class="button button-quiet" onClick={() => void copy()}>
                {t("doctor.copy")}
              </button>
              <button type="button" class="button" disabled={probe.state() === "looking"} onClick={probe.look}>
                {t("doctor.again")}
              </button>
            </div>
            <p class="muted small">{t("doctor.reportText")}</p>
          </>
        )}
      </Show>
    </Sheet>
  );
}

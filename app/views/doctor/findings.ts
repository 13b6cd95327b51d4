/** From the facts about reaching one person to sentences, each with one remedy, ordered by what matters. Pure. */
import type { DiagnosisView } from "@kith/core";
import { dateWithYear, moment } from "../../i18n/time.ts";
import { t, tCount } from "../../i18n/words.ts";
import { troubleInWords } from "../conversation/mark-words.ts";
import { directFindings } from "./direct-findings.ts";
import { nodeFindings } from "./node-findings.ts";
import { reached } from "./reached.ts";

/** `fault`: it holds things up; `wait`: it passes, or is a limit that Kith lives with; `good` and `fact`: no trouble. */
export type Tone = "fault" | "wait" | "good" | "fact";
/** A remedy that is one press away. */
export type Way = "nodes" | "settings" | "contact" | "reload";

export interface Finding {
  readonly tone: Tone;
  readonly text: string;
  readonly remedy?: string;
  readonly way?: Way;
}

export interface Circumstances {
  readonly name: string;
  /** What the browser says about this device. */
  readonly online: boolean;
  readonly nowMs: number;
}

const weight: Readonly<Record<Tone, number>> = { fault: 0, wait: 1, good: 2, fact: 2 };

export function findings(found: DiagnosisView, around: Circumstances): readonly Finding[] {
  const all = [
    ...internetFindings(found, around),
    ...nodeFindings(found, around),
    ...keptFindings(found, around),
    ...presenceFindings(found, around),
    ...directFindings(found, around),
  ];
  return all.toSorted((a, b) => weight[a.tone] - weight[b.tone]);
}

/** The answer in one sentence. */
export function verdict(found: DiagnosisView, { name, online }: Circumstances): string {
  if (found.path === "direct" && found.presence.kind === "here") return t("doctor.verdictDirect", { name });
  if (!online && !reached(found)) return t("doctor.verdictInternet");
  if (!reached(found)) return t("doctor.verdictNodes");
  if (found.waiting.trouble) return t("doctor.verdictTrouble");
  if (found.presence.kind === "here") return t("doctor.verdictNode", { name });
  return found.waiting.messages > 0 ? t("doctor.verdictWaiting", { name }) : t("doctor.verdictAway", { name });
}

function internetFindings(found: DiagnosisView, { online }: Circumstances): Finding[] {
  // A node on this very machine answers without any network.
  if (online || reached(found)) return [];
  return [{ tone: "fault", text: t("doctor.internet"), remedy: t("doctor.internetRemedy") }];
}

function presenceFindings(found: DiagnosisView, { name, nowMs }: Circumstances): Finding[] {
  const { presence } = found;
  if (presence.kind === "here") return [{ tone: "good", text: t("doctor.here", { name }) }];
  const heard = presence.kind === "away" ? presence.lastHeardMs : undefined;
  const text =
    heard === undefined ? t("doctor.notHeard", { name }) : t("doctor.lastHeard", { name, when: moment(heard, nowMs) });
  return [{ tone: "wait", text, remedy: t(reached(found) ? "doctor.awayRemedy" : "doctor.awayUnknown", { name }) }];
}

/** What has not arrived, on either side, and the keys. */
function keptFindings(found: DiagnosisView, { name, nowMs }: Circumstances): Finding[] {
  const { waiting, healingSinceMs, missing } = found;
  const all: Finding[] = [];
  if (waiting.trouble) {
    const text = troubleInWords(waiting.trouble).long;
    all.push({ tone: "fault", text, remedy: t("doctor.troubleRemedy"), way: "nodes" });
  }
  if (healingSinceMs !== undefined) {
    const text = t("doctor.healing", { when: moment(healingSinceMs, nowMs) });
    all.push({ tone: "wait", text, remedy: t("doctor.healingRemedy") });
  }
  all.push(waitingFinding(waiting, name, nowMs));
  if (missing > 0) {
    const text = tCount("chat.missing", missing, { name });
    all.push({ tone: "wait", text, remedy: t("doctor.missingRemedy", { name }) });
  }
  return all;
}

function waitingFinding(waiting: DiagnosisView["waiting"], name: string, nowMs: number): Finding {
  if (waiting.messages === 0) return { tone: "good", text: t("doctor.nothingWaits", { name }) };
  const lines = [
    waiting.oldestMs === undefined
      ? tCount("doctor.waits", waiting.messages, { name })
      : tCount("doctor.waitsSince", waiting.messages, { name, when: moment(waiting.oldestMs, nowMs) }),
  ];
  const all = waiting.held >= waiting.messages;
  if (waiting.held > 0 && waiting.heldUntilMs !== undefined)
    lines.push(
      tCount(all ? "doctor.heldAll" : "doctor.held", waiting.held, { when: dateWithYear(waiting.heldUntilMs) }),
    );
  return {
    tone: "wait",
    text: lines.join(" "),
    remedy: all
      ? tCount("doctor.heldRemedy", waiting.held)
      : tCount("doctor.waitsRemedy", waiting.messages - waiting.held, { name }),
  };
}

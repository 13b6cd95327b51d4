/** What the doctor says of direct connections. None is needed for messages to arrive, so nothing here is a fault. */
import type { DiagnosisView } from "@kith/core";
import { moment, timeOfDay } from "../../i18n/time.ts";
import { type SentenceKey, t } from "../../i18n/words.ts";
import type { Circumstances, Finding } from "./findings.ts";
import { reached } from "./reached.ts";

export function directFindings(found: DiagnosisView, around: Circumstances): Finding[] {
  return [
    ...pathFinding(found, around),
    ...choiceFinding(found, around),
    ...obstacleFinding(found),
    ...udpFinding(found),
    ...reservationFinding(found, around),
    ...candidateFinding(found),
    ...dialFinding(found, around),
  ];
}

function pathFinding(found: DiagnosisView, { name }: Circumstances): Finding[] {
  const { path } = found;
  if (path === "direct") return [{ tone: "good", text: t("doctor.pathDirect", { name }) }];
  if (path === "relayed") return [{ tone: "good", text: t("doctor.pathRelayed", { name }) }];
  return reached(found) ? [{ tone: "fact", text: t("doctor.pathNode") }] : [];
}

function choiceFinding(found: DiagnosisView, { name }: Circumstances): Finding[] {
  const { relayOnly } = found;
  if (relayOnly === "everybody")
    return [
      {
        tone: "wait",
        text: t("doctor.hiddenFromAll"),
        remedy: t(reached(found) ? "doctor.hiddenFromAllRemedy" : "doctor.hiddenFromAllAlone"),
        way: "settings",
      },
    ];
  if (relayOnly === "contact")
    return [
      {
        tone: "wait",
        text: t("doctor.hiddenFrom", { name }),
        remedy: t(reached(found) ? "doctor.hiddenFromRemedy" : "doctor.hiddenFromAlone"),
        way: "contact",
      },
    ];
  return [];
}

function obstacleFinding(found: DiagnosisView): Finding[] {
  const { direct } = found;
  if (direct === "no-webrtc") {
    const remedy = t(reached(found) ? "doctor.noWebrtcRemedy" : "doctor.noWebrtcAlone");
    return [{ tone: "wait", text: t("doctor.noWebrtc"), remedy }];
  }
  // The relay is a part of the node: that the node is away says it all.
  if (!reached(found)) return [];
  if (direct === "relay-full") return [{ tone: "wait", text: t("doctor.relayFull"), remedy: t("doctor.relayRemedy") }];
  if (direct === "relay-away") return [{ tone: "wait", text: t("doctor.relayAway"), remedy: t("doctor.relayRemedy") }];
  return [];
}

function udpFinding(found: DiagnosisView): Finding[] {
  const { stun } = found;
  const remedy = t(reached(found) ? "doctor.udpRemedy" : "doctor.udpAlone");
  if (stun === "silent") return [{ tone: "wait", text: t("doctor.udpSilent"), remedy }];
  if (stun === "answered") return [{ tone: "good", text: t("doctor.udpAnswered") }];
  return [];
}

function reservationFinding({ reservedUntilMs }: DiagnosisView, { name, nowMs }: Circumstances): Finding[] {
  if (reservedUntilMs === undefined || reservedUntilMs <= nowMs)
    return [{ tone: "fact", text: t("doctor.notReserved", { name }) }];
  return [{ tone: "good", text: t("doctor.reserved", { name, time: timeOfDay(reservedUntilMs) }) }];
}

function candidateFinding({ candidates }: DiagnosisView): Finding[] {
  return candidates ? [{ tone: "fact", text: t("doctor.candidates", { ...candidates }) }] : [];
}

const dialWords: Readonly<Record<NonNullable<DiagnosisView["lastDial"]>["outcome"], SentenceKey>> = {
  linked: "doctor.dialLinked",
  unreachable: "doctor.dialUnreachable",
  timeout: "doctor.dialTimeout",
  "no-webrtc": "doctor.dialNoWebrtc",
};

function dialFinding({ lastDial }: DiagnosisView, { nowMs }: Circumstances): Finding[] {
  if (!lastDial) return [];
  return [{ tone: "fact", text: t(dialWords[lastDial.outcome], { when: moment(lastDial.atMs, nowMs) }) }];
}

/** What the doctor says of the nodes that are needed to reach somebody. */
import type { DiagnosisView, NodeView } from "@kith/core";
import { hostOf } from "../../i18n/people-words.ts";
import { moment } from "../../i18n/time.ts";
import { t } from "../../i18n/words.ts";
import type { Circumstances, Finding } from "./findings.ts";
import { reached } from "./reached.ts";

export function nodeFindings(found: DiagnosisView, around: Circumstances): Finding[] {
  const said = new Set<string>();
  return found.nodes.map((node) => {
    const finding = nodeFinding(node, reached(found), around);
    if (node.state !== "unreachable" || finding.remedy === undefined) return finding;
    const { remedy, way: _, ...rest } = finding;
    if (said.has(remedy)) return rest;
    said.add(remedy);
    return finding;
  });
}

/** `another`: a node that works takes its place meanwhile. */
function nodeFinding(node: NodeView, another: boolean, { nowMs }: Circumstances): Finding {
  const words = { host: hostOf(node.node), when: moment(node.sinceMs, nowMs) };
  const tone = another ? "wait" : "fault";
  const remedy = another ? t("doctor.nodeOther") : t("doctor.nodeRemedy");
  switch (node.state) {
    case "connected":
      return { tone: "good", text: t("doctor.nodeConnected", words) };
    case "connecting":
      return { tone: "wait", text: t("doctor.nodeConnecting", words), remedy: t("doctor.nodeConnectingRemedy") };
    case "unreachable":
      return { tone, text: t("doctor.nodeUnreachable", words), remedy, ...(another ? {} : { way: "nodes" }) };
    case "refused":
      return { tone, text: t("doctor.nodeRefused", words), remedy: t("doctor.nodeRefusedRemedy"), way: "nodes" };
    case "incompatible":
      return { tone, text: t("doctor.nodeIncompatible", words), remedy: t("doctor.reloadRemedy"), way: "reload" };
  }
}

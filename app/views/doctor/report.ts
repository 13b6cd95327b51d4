/**
 * The diagnosis as a text to hand to somebody who helps. Names nobody: it is made of counts, distances in time and words
 * of closed sets, and takes neither a name nor an address nor a point in time of anything that happened.
 */
import type { DiagnosisView, NodeView, PresenceView } from "@kith/core";
import { t } from "../../i18n/words.ts";

export interface ReportContext {
  readonly version: string;
  readonly online: boolean;
  readonly nowMs: number;
}

const states: readonly NodeView["state"][] = ["connected", "connecting", "unreachable", "refused", "incompatible"];

export function report(found: DiagnosisView, { version, online, nowMs }: ReportContext): string {
  const { nodes, candidates, lastDial, waiting } = found;
  const ago = (atMs: number) => t("report.ago", { span: span(nowMs - atMs) });
  const left = (untilMs: number) => t("report.left", { span: span(untilMs - nowMs) });
  const none = t("report.none");
  const away = nodes.filter((node) => node.state !== "connected").map((node) => node.sinceMs);
  const lines = [
    t("report.title"),
    t("report.version", { version }),
    t("report.browser", { state: online ? "online" : "offline" }),
    t("report.nodes", { count: nodes.length, own: nodes.filter((node) => node.own).length }),
    ...states.map((state) =>
      t("report.nodesIn", { state, count: nodes.filter((node) => node.state === state).length }),
    ),
    t("report.away", { span: away.length > 0 ? ago(Math.min(...away)) : none }),
    t("report.direct", { state: found.direct }),
    t("report.relayOnly", { choice: found.relayOnly ?? none }),
    t("report.reserved", { span: found.reservedUntilMs === undefined ? none : left(found.reservedUntilMs) }),
    t("report.stun", { state: found.stun }),
    candidates ? t("report.candidates", { ...candidates }) : t("report.noCandidates"),
    t("report.dial", { outcome: lastDial ? `${lastDial.outcome}, ${ago(lastDial.atMs)}` : none }),
    t("report.presence", { state: presenceOf(found.presence, ago) }),
    t("report.path", { path: found.path }),
    t("report.waiting", {
      count: waiting.messages,
      span: waiting.oldestMs === undefined ? none : ago(waiting.oldestMs),
    }),
    t("report.held", {
      count: waiting.held,
      span: waiting.heldUntilMs === undefined ? none : left(waiting.heldUntilMs),
    }),
    t("report.trouble", { what: waiting.trouble ? `${waiting.trouble.what}, ${ago(waiting.trouble.atMs)}` : none }),
    t("report.healing", { span: found.healingSinceMs === undefined ? none : ago(found.healingSinceMs) }),
    t("report.missing", { count: found.missing }),
  ];
  return lines.join("\n");
}

function presenceOf(presence: PresenceView, ago: (atMs: number) => string): string {
  if (presence.kind !== "away" || presence.lastHeardMs === undefined) return presence.kind;
  return `${presence.kind}, ${ago(presence.lastHeardMs)}`;
}

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** In the largest unit that fits: nobody's hours can be read from it. */
function span(ms: number): string {
  const [unit, size] = units.find(([, each]) => Math.abs(ms) >= each) ?? units[3];
  return `${Math.round(ms / size)} ${unit}`;
}

/** How a node is, in words. */
import type { NodeUrl, NodeView } from "@kith/core";
import { hostOf } from "../../i18n/people-words.ts";
import { moment } from "../../i18n/time.ts";
import { type SentenceKey, t } from "../../i18n/words.ts";

const stateWords: Readonly<Record<NodeView["state"], SentenceKey>> = {
  connected: "nodes.connected",
  connecting: "nodes.connecting",
  unreachable: "nodes.unreachable",
  refused: "nodes.refused",
  incompatible: "nodes.incompatible",
};

/** "a.example, b.example": in their order. */
export function nodesInWords(nodes: readonly NodeUrl[]): string {
  return nodes.map(hostOf).join(t("list.comma"));
}

export function nodeStateInWords(node: NodeView, nowMs: number): string {
  return t(stateWords[node.state], { when: moment(node.sinceMs, nowMs) });
}

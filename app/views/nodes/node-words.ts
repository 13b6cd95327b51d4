/** How a node is, in words. */
import type { NodeView } from "@kith/core";
import { moment } from "../../i18n/time.ts";
import { type SentenceKey, t } from "../../i18n/words.ts";

const stateWords: Readonly<Record<NodeView["state"], SentenceKey>> = {
  connected: "nodes.connected",
  connecting: "nodes.connecting",
  unreachable: "nodes.unreachable",
  refused: "nodes.refused",
  incompatible: "nodes.incompatible",
};

export function nodeStateInWords(node: NodeView, nowMs: number): string {
  return t(stateWords[node.state], { when: moment(node.sinceMs, nowMs) });
}

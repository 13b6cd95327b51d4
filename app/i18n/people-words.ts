/** Presence and path of a contact in words. */
import type { ConversationSummary, NodeUrl, NodeView, PathView, PresenceView } from "@kith/core";
import { moment } from "./time.ts";
import { t } from "./words.ts";

/** Empty when nothing is known: silence is more honest than a guess. */
export function presenceInWords(presence: PresenceView, nowMs: number): string {
  if (presence.kind === "here") return t("presence.here");
  if (presence.kind === "unknown") return "";
  if (presence.lastHeardMs === undefined) return t("presence.away");
  return t("presence.lastHeard", { when: moment(presence.lastHeardMs, nowMs) });
}

/** `nodes`: where the conversation is kept. `known`: how the nodes are; a way through one that is away is none. */
export function pathInWords(
  path: PathView,
  nodes: readonly NodeUrl[],
  known: readonly NodeView[],
): { readonly title: string; readonly text: string } {
  if (path === "direct") return { title: t("contact.pathDirect"), text: t("contact.pathDirectText") };
  const isAway = (node: NodeUrl) =>
    known.some((each) => each.node === node && each.state !== "connected" && each.state !== "connecting");
  if (path === "node" && nodes.length > 0 && nodes.every(isAway)) {
    return { title: t("contact.pathNone"), text: noneInWords(nodes.map(hostOf)) };
  }
  const open = nodes.filter((node) => !isAway(node));
  const host = (open.length > 0 ? open : nodes).map(hostOf).join(t("list.or"));
  const title = path === "relayed" ? t("contact.pathRelayed", { host }) : t("contact.pathNode", { host });
  return { title, text: open.length > 1 ? t("contact.pathNodesText") : t("contact.pathNodeText") };
}

/** `hosts`: one to three that cannot be reached. */
function noneInWords(hosts: readonly string[]): string {
  const [first = "", second = ""] = hosts;
  if (hosts.length > 2) return t("contact.pathNoneTextMore", { hosts: hosts.join(t("list.comma")) });
  return hosts.length === 2
    ? t("contact.pathNoneTextTwo", { first, second })
    : t("contact.pathNoneText", { host: first });
}

export function hostOf(node: string): string {
  return URL.parse(node)?.host ?? node;
}

/** Name of a conversation as the interface shows it. */
export function titleOf(conversation: Pick<ConversationSummary, "kind" | "title">): string {
  if (conversation.kind === "self") return t("selfTitle");
  return conversation.title === "" ? t("someone") : conversation.title;
}

/** What the interface is told about nodes (UX §3). */

import type { NodeUrl } from "../lang/brand.ts";
import type { NodeStatus } from "../ports/node.ts";
import type { NetworkView, NodeView } from "./face.ts";

export interface KnownNode {
  readonly node: NodeUrl;
  readonly status: NodeStatus;
}

/** The best of the person's own nodes, which are in order; `undefined` when none is known of. */
export function networkOf(own: readonly KnownNode[]): NetworkView | undefined {
  const of = <K extends NodeStatus["kind"]>(kind: K) =>
    own.find((one): one is KnownNode & { status: Extract<NodeStatus, { kind: K }> } => one.status.kind === kind);
  const connected = of("connected");
  if (connected !== undefined) return { kind: "connected", node: connected.node };
  const connecting = of("connecting");
  if (connecting !== undefined) {
    return { kind: "connecting", node: connecting.node, sinceMs: connecting.status.sinceMs };
  }
  const offline = of("offline");
  return offline && { kind: "offline", node: offline.node, sinceMs: since(own), reason: offline.status.reason };
}

/** Nothing was in reach only since the last of them was lost. */
function since(own: readonly KnownNode[]): number {
  return Math.max(...own.map(({ status }) => (status.kind === "connected" ? 0 : status.sinceMs)));
}

export function stateOf(status: NodeStatus): NodeView["state"] {
  return status.kind === "offline" ? status.reason : status.kind;
}

/**
 * The nodes in use: which ones this profile needs, what each says of itself, and closing those that nothing needs any
 * more. Does not know what is read or written there.
 */

import type { NodeUrl } from "../lang/brand.ts";
import { type LiveCell, liveCell } from "../lang/live.ts";
import type { LinkRelay } from "../ports/links.ts";
import type { NodeStatus } from "../ports/node.ts";
import type { Context } from "./context.ts";
import type { NetworkView } from "./face.ts";

export interface NodeWatch {
  /** The person's own node. */
  readonly network: LiveCell<NetworkView>;
  /** Watches what is new among the needed nodes and closes what is needed no longer. */
  refresh(): Promise<void>;
  /** Where links can be arranged now. */
  relays(): readonly LinkRelay[];
  /** Runs `work`, which talks to a node that may not be needed otherwise; afterwards it is closed. */
  visiting<T>(node: NodeUrl | undefined, work: () => Promise<T>): Promise<T>;
  hurry(): void;
  stop(): void;
}

export interface NodeWatchEvents {
  /** A node is connected that was not. */
  came(): void;
  /** A connected node says something new about itself. */
  changed(): void;
}

/** `defaultNode` is the own one until somebody started here. */
export function createNodeWatch(context: Context, defaultNode: NodeUrl, events: NodeWatchEvents): NodeWatch {
  const network = liveCell<NetworkView>({ kind: "connecting", node: defaultNode, sinceMs: context.clock.now() });
  const watched = new Map<NodeUrl, { readonly end: () => void; status: NodeStatus }>();
  const visited = new Map<NodeUrl, number>();
  let own = defaultNode;
  let stopped = false;

  function watch(url: NodeUrl): void {
    const entry = { end: () => {}, status: { kind: "connecting", sinceMs: 0 } as NodeStatus };
    watched.set(url, entry);
    entry.end = context.nodes.node(url).status.subscribe((status) => {
      const came = status.kind === "connected" && entry.status.kind !== "connected";
      entry.status = status;
      if (url === own) network.set(networkView(url, status));
      if (came) events.came();
      else if (status.kind === "connected") events.changed();
    });
  }

  function close(url: NodeUrl): void {
    watched.get(url)?.end();
    watched.delete(url);
    context.nodes.node(url).close();
  }

  async function refresh(): Promise<void> {
    if (stopped) return;
    const profile = await context.storage.get("profile", "me");
    const topics = await context.storage.all("topics");
    if (stopped) return;
    own = profile?.node ?? defaultNode;
    const needed = new Set<NodeUrl>([own, ...topics.map((row) => row.node), ...visited.keys()]);
    for (const url of watched.keys()) if (!needed.has(url)) close(url);
    for (const url of needed) if (!watched.has(url)) watch(url);
    const status = watched.get(own)?.status;
    if (status !== undefined && network.value.node !== own) network.set(networkView(own, status));
  }

  return {
    network,
    refresh,
    relays: () =>
      [...watched].flatMap(([node, { status }]) =>
        status.kind === "connected" && status.relayPeerId !== undefined
          ? [{ node, relayPeerId: status.relayPeerId, iceServers: status.iceServers }]
          : [],
      ),
    async visiting(node, work) {
      if (node === undefined) return work();
      visited.set(node, (visited.get(node) ?? 0) + 1);
      await refresh();
      try {
        return await work();
      } finally {
        const others = (visited.get(node) ?? 1) - 1;
        if (others > 0) visited.set(node, others);
        else visited.delete(node);
        // The answer is there whatever becomes of the closing; the engine may have stopped meanwhile.
        refresh().catch((error: unknown) => context.log.fault("closing a node failed", error));
      }
    },
    hurry() {
      for (const url of watched.keys()) context.nodes.node(url).hurry();
    },
    stop() {
      stopped = true;
      for (const url of [...watched.keys()]) close(url);
    },
  };
}

function networkView(node: NodeUrl, status: NodeStatus): NetworkView {
  switch (status.kind) {
    case "connected":
      return { kind: "connected", node };
    case "connecting":
      return { kind: "connecting", node, sinceMs: status.sinceMs };
    case "offline":
      return { kind: "offline", node, sinceMs: status.sinceMs, reason: status.reason };
  }
}

/**
 * The nodes in use: which ones this profile needs, what each says of itself, and closing those that nothing needs any
 * more. Does not know what is read or written there.
 */

import type { NodeUrl } from "../lang/brand.ts";
import { type LiveCell, liveCell } from "../lang/live.ts";
import type { LinkRelay } from "../ports/links.ts";
import type { NodeStatus } from "../ports/node.ts";
import type { Context } from "./context.ts";
import type { NetworkView, NodeView } from "./face.ts";
import { networkOf, stateOf } from "./node-views.ts";

/** What is known of reaching nodes, for whoever has to choose between them. */
export interface Reach {
  isConnected(node: NodeUrl): boolean;
  /** Out of reach for so long that others have to help. */
  isAway(node: NodeUrl): boolean;
  /** Connects to nodes that are needed for this only, until called for it with other ones or none. */
  call(purpose: string, nodes: readonly NodeUrl[]): void;
}

export interface NodeWatch extends Reach {
  /** The best of the person's own nodes. */
  readonly network: LiveCell<NetworkView>;
  readonly views: LiveCell<readonly NodeView[]>;
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
  /** A node counts as away from now on. */
  away(node: NodeUrl): void;
}

/** A reconnect after a flap or a restart takes less; longer leaves mail waiting that another node could bring. */
const awayAfterMs = 30_000;

interface Watched {
  end(): void;
  status: NodeStatus;
  /** When it was last connected or lost. */
  sinceMs: number;
  isAway: boolean;
  cancelAway(): void;
}

/** `defaultNode` is the own one until somebody started here. */
export function createNodeWatch(context: Context, defaultNode: NodeUrl, events: NodeWatchEvents): NodeWatch {
  const network = liveCell<NetworkView>({ kind: "connecting", node: defaultNode, sinceMs: context.clock.now() });
  const views = liveCell<readonly NodeView[]>([]);
  const watched = new Map<NodeUrl, Watched>();
  const visited = new Map<NodeUrl, number>();
  const called = new Map<string, readonly NodeUrl[]>();
  const conversationsAt = new Map<NodeUrl, number>();
  let own: readonly NodeUrl[] = [defaultNode];
  let stopped = false;

  function watch(url: NodeUrl): void {
    const entry: Watched = {
      end: () => {},
      status: { kind: "connecting", sinceMs: context.clock.now() },
      sinceMs: context.clock.now(),
      isAway: false,
      cancelAway: () => {},
    };
    watched.set(url, entry);
    doubt(url, entry);
    entry.end = context.nodes.node(url).status.subscribe((status) => {
      const was = entry.status.kind === "connected";
      if (was !== (status.kind === "connected")) entry.sinceMs = context.clock.now();
      entry.status = status;
      show();
      if (status.kind !== "connected") {
        if (was) doubt(url, entry);
        return;
      }
      entry.cancelAway();
      entry.isAway = false;
      if (was) events.changed();
      else events.came();
    });
  }

  /** By a timer, not by the time it says: clocks are set. */
  function doubt(url: NodeUrl, entry: Watched): void {
    entry.cancelAway();
    entry.cancelAway = context.clock.after(awayAfterMs, () => {
      entry.isAway = true;
      events.away(url);
    });
  }

  function close(url: NodeUrl): void {
    watched.get(url)?.end();
    watched.get(url)?.cancelAway();
    watched.delete(url);
    context.nodes.node(url).close();
  }

  function show(): void {
    const best = networkOf(
      own.flatMap((node) => {
        const status = watched.get(node)?.status;
        return status === undefined ? [] : [{ node, status }];
      }),
    );
    if (best !== undefined && !same(best, network.value)) network.set(best);
    const others = [...watched.keys()].filter((node) => !own.includes(node));
    const all = [...own, ...others].flatMap((node): readonly NodeView[] => {
      const entry = watched.get(node);
      if (entry === undefined) return [];
      const conversations = conversationsAt.get(node) ?? 0;
      const isOwn = own.includes(node);
      return [{ node, own: isOwn, state: stateOf(entry.status), sinceMs: entry.sinceMs, conversations }];
    });
    if (!same(all, views.value)) views.set(all);
  }

  async function refresh(): Promise<void> {
    if (stopped) return;
    const profile = await context.storage.get("profile", "me");
    const topics = await context.storage.all("topics");
    const conversations = await context.storage.all("conversations");
    const changes = await context.storage.all("changes");
    if (stopped) return;
    own = profile?.nodes ?? [defaultNode];
    conversationsAt.clear();
    for (const node of conversations.flatMap(({ nodes }) => nodes)) {
      conversationsAt.set(node, (conversationsAt.get(node) ?? 0) + 1);
    }
    const read = topics.flatMap(({ places }) => places.map(({ node }) => node));
    // A group goes to nodes that answer.
    const next = changes.flatMap(({ act }) => (act.kind === "move" ? act.nodes : []));
    const needed = new Set<NodeUrl>([...own, ...read, ...next, ...visited.keys(), ...[...called.values()].flat()]);
    for (const url of [...watched.keys()]) if (!needed.has(url)) close(url);
    for (const url of needed) if (!watched.has(url)) watch(url);
    show();
  }

  /** For whoever does not wait for it; the engine may stop meanwhile. */
  function refreshLater(): void {
    refresh().catch((error: unknown) => context.log.fault("closing a node failed", error));
  }

  return {
    network,
    views,
    refresh,
    isConnected: (node) => watched.get(node)?.status.kind === "connected",
    isAway: (node) => watched.get(node)?.isAway ?? false,
    call(purpose, nodes) {
      if (same(called.get(purpose) ?? [], nodes)) return;
      if (nodes.length === 0) called.delete(purpose);
      else called.set(purpose, nodes);
      refreshLater();
    },
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
        refreshLater();
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

/** Views are small and hold no more than text and numbers. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

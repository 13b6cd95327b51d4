/**
 * Which libp2p connections carry a link, and the end of all that do not: libp2p leaves connections behind that never
 * came to anything (a dial given up on the other side, a circuit that was only for signalling), and would use such a
 * zombie for the next dial.
 */
import type { Connection, Libp2p, MultiaddrConnection, Stream } from "@libp2p/interface";
import type { Clock } from "../ports/clock.ts";
import type { LinkPrivacy, RawLink } from "../ports/links.ts";
import type { HangUp } from "./libp2p-hang-up.ts";
import { selectedPath } from "./link-path.ts";
import { createStreamLink } from "./link-stream.ts";

export const linkProtocol = "/kith/link/1";

/** From connecting to its link stream: the other side's deadline for a dial, and some. */
const linklessMs = 15_000;
/**
 * The dialler opens a first data channel, closes it, and hangs if it finds it closed already; libp2p's listener closes
 * it too, as soon as it takes the connection over. Taking over this much later lets the dialler be first: of 200 dials
 * between Chromium processes one hung, without it five in a hundred.
 */
const settleMs = 50;

export interface LinkKeeper {
  /** To be awaited before libp2p takes over a connection that another device made. */
  settle(connection: MultiaddrConnection): Promise<void>;
  /** A stream another device opened. */
  incoming(stream: Stream, connection: Connection): Promise<void>;
  /** Makes the link over a stream that we opened. */
  opened(stream: Stream, connection: Connection): Promise<RawLink>;
  /** Ends the connections to this peer that carry no link: all, or those that we made. */
  sweep(peer: string, which: "all" | "outbound"): void;
  /** Ends the links with this peer and every other connection to it. */
  leave(peer: string): void;
  stop(): void;
}

export function createLinkKeeper(
  clock: Clock,
  hangUp: HangUp,
  node: Libp2p,
  onLink: (link: RawLink) => void,
): LinkKeeper {
  const links = new Map<Connection, RawLink>();
  const timers = new Map<Connection, () => void>();
  const settling = new Set<() => void>();

  const onOpen = ({ detail: connection }: CustomEvent<Connection>) => {
    if (!isDevice(connection) && !isCircuit(connection)) return;
    timers.set(
      connection,
      clock.after(linklessMs, () => connection.abort(new Error("no link came"))),
    );
  };
  const forget = (connection: Connection) => {
    timers.get(connection)?.();
    timers.delete(connection);
  };
  const onClose = ({ detail: connection }: CustomEvent<Connection>) => {
    forget(connection);
    links.get(connection)?.close();
  };
  node.addEventListener("connection:open", onOpen);
  node.addEventListener("connection:close", onClose);

  const sweep = (peer: string, which: "all" | "outbound") => {
    for (const connection of node.getConnections()) {
      if (connection.remotePeer.toString() !== peer || links.has(connection)) continue;
      if (which === "all" || connection.direction === "outbound") connection.abort(new Error("no link"));
    }
  };

  const make = async (stream: Stream, connection: Connection, role: RawLink["role"]): Promise<RawLink> => {
    const remotePeer = connection.remotePeer.toString();
    const privacy: LinkPrivacy = isDevice(connection) ? "direct" : "relay-only";
    const path = privacy === "direct" ? await selectedPath(peerConnectionOf(connection)) : "relayed";
    // The same peer in the same role again: whoever dialled gave the earlier link up.
    for (const link of [...links.values()]) if (link.remotePeer === remotePeer && link.role === role) link.close();
    const ends = { localPeer: node.peerId.toString(), remotePeer, role, privacy, path };
    const link = createStreamLink(stream, ends, () => {
      links.delete(connection);
      void hangUp.close(connection);
    });
    forget(connection);
    links.set(connection, link);
    if (connection.status !== "open" || stream.status !== "open") link.close();
    return link;
  };

  return {
    settle(connection) {
      if (!isDevice(connection)) return Promise.resolve();
      return new Promise((resolve) => {
        const finish = () => {
          cancel();
          settling.delete(finish);
          resolve();
        };
        const cancel = clock.after(settleMs, finish);
        settling.add(finish);
      });
    },
    async incoming(stream, connection) {
      if (!isDevice(connection) && !isCircuit(connection))
        return stream.abort(new Error("a relay is nobody to link with"));
      onLink(await make(stream, connection, "listener"));
    },
    async opened(stream, connection) {
      const link = await make(stream, connection, "dialler");
      // A circuit that has done its signalling costs the relay as long as it is there.
      sweep(link.remotePeer, "outbound");
      return link;
    },
    sweep,
    leave(peer) {
      for (const link of [...links.values()]) if (link.remotePeer === peer) link.close();
      sweep(peer, "all");
    },
    stop() {
      node.removeEventListener("connection:open", onOpen);
      node.removeEventListener("connection:close", onClose);
      for (const cancel of timers.values()) cancel();
      for (const finish of settling) finish();
      for (const link of [...links.values()]) link.close();
    },
  };
}

type Addressed = Pick<Connection, "remoteAddr">;

/** Over WebRTC, where both ends know each other's addresses. */
export function isDevice(connection: Addressed): boolean {
  return names(connection).includes("webrtc");
}

function isCircuit(connection: Addressed): boolean {
  return names(connection).includes("p2p-circuit");
}

function names(connection: Addressed): readonly string[] {
  return connection.remoteAddr.getComponents().map(({ name }) => name);
}

/** libp2p keeps it to itself; where it cannot be found the path is taken for direct. */
function peerConnectionOf(connection: Connection): RTCPeerConnection | undefined {
  const { maConn } = connection as { maConn?: { peerConnection?: RTCPeerConnection } };
  return maConn?.peerConnection;
}

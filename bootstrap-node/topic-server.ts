/** All connections to `/topics`: upgrades, heartbeat, orderly end. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { maxFrameBytes } from "@kith/core/wire/bounds.ts";
import { nodeSubprotocol } from "@kith/core/wire/node-protocol.ts";
import { WebSocketServer } from "ws";
import type { Allowance } from "./admission.ts";
import type { IceAdvice } from "./ice-advice.ts";
import { serveTopics, type TopicConnection } from "./topic-connection.ts";
import type { TopicServices } from "./topic-requests.ts";
import { gatherTrickle, socketOptions } from "./web-socket.ts";

/** A dead peer is noticed within two. Often enough for proxies that close what is idle for 60 s. */
const heartbeatMs = 20_000;

export interface TopicServer {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, allowance: Allowance): void;
  connections(): number;
  finish(): Promise<void>;
}

/** What a node says of itself to whoever comes. */
export interface Greeting {
  relayPeerId(): string | undefined;
  readonly ice: IceAdvice;
}

export function createTopicServer(services: TopicServices, { relayPeerId, ice }: Greeting): TopicServer {
  const sockets = new WebSocketServer({
    ...socketOptions(maxFrameBytes),
    handleProtocols: (offered) => (offered.has(nodeSubprotocol) ? nodeSubprotocol : false),
  });
  const connections = new Set<TopicConnection>();
  const heartbeat = setInterval(() => {
    for (const connection of connections) connection.beat();
  }, heartbeatMs);

  return {
    upgrade(request, socket, head, allowance) {
      // Where the library refuses the upgrade, no connection comes of it.
      socket.once("close", () => allowance.release());
      sockets.handleUpgrade(request, socket, head, (accepted) => {
        gatherTrickle(accepted, socket);
        const connection = serveTopics(accepted, { ...services, allowance, ice, relayPeerId: relayPeerId() });
        connections.add(connection);
        accepted.once("close", () => connections.delete(connection));
      });
    },
    connections: () => connections.size,
    async finish() {
      clearInterval(heartbeat);
      await Promise.all([...connections].map((connection) => connection.finish()));
    },
  };
}

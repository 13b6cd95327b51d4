/** What the node's port does with those who ask and do not take the answer. In this process, so that its patience can be short. */
import { once } from "node:events";
import type { Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createFront, type Patience } from "../../bootstrap-node/http-front.ts";

const allowance = {
  take: () => 0,
  takeNewTopic: () => 0,
  takeRefusal: () => true,
  giveBackNewTopic() {},
  release() {},
};
const forEver = 10_000_000;
/** More than the sockets of both sides hold. */
const body = new Uint8Array(64 * 1_024 * 1_024);

async function front(patience: Patience): Promise<Server> {
  const sockets = new WebSocketServer({ noServer: true });
  const server = createFront(
    {
      started: Promise.resolve(),
      files: { find: async () => ({ headers: { ETag: "large" }, body }) },
      admission: { admit: () => allowance, forgetIdle() {} },
      trustedProxies: 0,
      maxConnections: 100,
      metrics: () => "",
      metricsFor: "off",
      health: () => ({}),
      turnedAway() {},
      topics: (request, socket, head) =>
        sockets.handleUpgrade(request, socket, head, (accepted) =>
          accepted.on("message", (text) => accepted.send(text)),
        ),
      relay: () => undefined,
    },
    patience,
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  return server;
}
const portOf = (server: Server) => (server.address() as AddressInfo).port;

/** The node's end of a connection whose other end asks and takes nothing. */
async function asked(server: Server, text: string): Promise<Socket> {
  const accepted = once(server, "connection");
  const mallory = connect({ port: portOf(server), host: "127.0.0.1", allowHalfOpen: true });
  mallory.on("error", () => {});
  mallory.pause();
  onTestFinished(() => void mallory.destroy());
  mallory.write(text);
  const [socket] = (await accepted) as [Socket];
  return socket;
}
const closeOf = (socket: Socket) => (socket.destroyed ? undefined : once(socket, "close"));
const get = "GET / HTTP/1.1\r\nHost: kith\r\n\r\n";

it("closes a socket that does not take its answer", async () => {
  const server = await front({ stalledMs: 1_000, answerMs: forEver });
  const socket = await asked(server, get);
  await closeOf(socket);
  expect(socket.bytesWritten).toBeGreaterThan(0);
});

it("closes a socket that takes longer for its answer than it may, be it never so steadily", async () => {
  const server = await front({ stalledMs: forEver, answerMs: 500 });
  await closeOf(await asked(server, get));
});

it("closes a socket whose upgrade was refused and that stays", async () => {
  const server = await front({ stalledMs: 300, answerMs: forEver });
  const text = "GET /nowhere HTTP/1.1\r\nHost: kith\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  await closeOf(await asked(server, text));
});

it("leaves WebSockets alone, which say nothing for longer", async () => {
  const server = await front({ stalledMs: 1_000, answerMs: 1_000 });
  const bob = new WebSocket(`ws://127.0.0.1:${portOf(server)}/topics`, "kith.topics.1");
  await once(bob, "open");
  // Both came after bob and are gone by the same two times.
  await closeOf(await asked(server, get));
  await closeOf(await asked(server, get));
  bob.send("still here");
  const [heard] = await once(bob, "message");
  expect(String(heard)).toBe("still here");
});

/**
 * The one port: static files, /health and /metrics, and the two kinds of WebSocket. Guards what comes before an upgrade:
 * silent or slow sockets are closed, whether they do not ask or do not take the answer; addresses have a bounded number of connections. Knows nothing of topics or relaying.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { assertNever } from "@kith/core/lang/result.ts";
import { nodePath, nodeSubprotocol } from "@kith/core/wire/node-protocol.ts";
import type { Admission, Allowance } from "./admission.ts";
import { clientAddress, isFromThisMachine } from "./client-address.ts";
import { securityHeaders } from "./security-headers.ts";
import type { MetricsFor } from "./settings.ts";
import type { StaticFiles } from "./static-files.ts";

/** All of a request's head must be here by then; silent sockets end by it too. A slow phone needs a second or two. */
const headMs = 10_000;
const checkEveryMs = 2_000;
const keepAliveMs = 5_000;

/** With whoever takes an answer. Lower ends phones in a tunnel, higher lets an address hold its sockets for longer. */
export interface Patience {
  /** No byte went either way. */
  readonly stalledMs: number;
  /** The whole answer, however steadily it drips: the largest file at 10 KB a second. */
  readonly answerMs: number;
}
const usualPatience: Patience = { stalledMs: 30_000, answerMs: 300_000 };

export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer, allowance: Allowance) => void;

export interface FrontOptions {
  /** The port is open before everything behind it has started; who comes in between waits. */
  readonly started: Promise<void>;
  readonly files: StaticFiles;
  readonly admission: Admission;
  readonly trustedProxies: number;
  readonly maxConnections: number;
  health(): unknown;
  metrics(): string;
  readonly metricsFor: MetricsFor;
  turnedAway(): void;
  readonly topics: Upgrade;
  /** Nothing: this node has no relay. */
  readonly relay: () => Upgrade | undefined;
}

export function createFront(options: FrontOptions, patience: Patience = usualPatience): Server {
  const { admission, trustedProxies } = options;
  const server = createServer({
    headersTimeout: headMs,
    requestTimeout: headMs,
    connectionsCheckingInterval: checkEveryMs,
    keepAliveTimeout: keepAliveMs,
    maxHeaderSize: 16_384,
  });
  server.timeout = patience.stalledMs;
  server.maxConnections = options.maxConnections;
  server.maxRequestsPerSocket = 1_000;

  const allowances = new WeakMap<Duplex, Allowance>();
  // Without a proxy the address is known before a byte is read. Behind one it comes with the request, and the proxy is
  // what guards the sockets.
  if (trustedProxies === 0) {
    server.on("connection", (socket) => {
      const allowance = admission.admit(clientAddress(socket.remoteAddress, undefined, 0));
      if (allowance === undefined) {
        options.turnedAway();
        socket.destroy();
        return;
      }
      allowances.set(socket, allowance);
      socket.once("close", () => allowance.release());
    });
  }
  server.on("request", (request, response) => {
    const tooLate = setTimeout(() => request.socket.destroy(), patience.answerMs);
    response.once("close", () => clearTimeout(tooLate));
    answer(request, response, options).catch(() => response.destroy());
  });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    // The server's own listener is off an upgraded socket. A WebSocket ends the time itself; what is refused it runs out for.
    socket.on("timeout", () => socket.destroy());
    void options.started.then(() => route(request, socket, head));
  });

  function route(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = request.url?.split("?", 1)[0];
    const offered = request.headers["sec-websocket-protocol"]?.split(",").map((name) => name.trim());
    const isTopics = path === nodePath && offered?.includes(nodeSubprotocol);
    const upgrade = isTopics ? options.topics : path === "/" ? options.relay() : undefined;
    if (upgrade === undefined) {
      refuseUpgrade(socket, path === nodePath ? "400 Bad Request" : "404 Not Found");
      return;
    }
    const forwarded = header(request, "x-forwarded-for");
    const allowance = allowances.get(socket) ?? admission.admit(clientAddress(undefined, forwarded, trustedProxies));
    if (allowance === undefined) {
      options.turnedAway();
      refuseUpgrade(socket, "429 Too Many Requests");
      return;
    }
    upgrade(request, socket, head, allowance);
  }
  return server;
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return (Array.isArray(value) ? value.join(",") : value) ?? "";
}

/** Sums too tell who is busy when: they are the operator's. */
function mayRead(request: IncomingMessage, metricsFor: MetricsFor): boolean {
  switch (metricsFor) {
    case "public":
      return true;
    case "local":
      return isFromThisMachine(request.socket.remoteAddress, request.headers);
    case "off":
      return false;
    default:
      return assertNever(metricsFor);
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, options: FrontOptions): Promise<void> {
  await options.started;
  const isBehindTls = options.trustedProxies > 0 && header(request, "x-forwarded-proto") === "https";
  const respond = (status: number, headers: Readonly<Record<string, string>>, body: Uint8Array | string) => {
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    response.writeHead(status, { ...securityHeaders(isBehindTls), "Content-Length": bytes.length, ...headers });
    response.end(request.method === "HEAD" ? undefined : bytes);
  };
  const plain = { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" };

  if (request.method !== "GET" && request.method !== "HEAD") {
    return respond(405, { ...plain, Allow: "GET, HEAD", Connection: "close" }, "Only GET is answered here.\n");
  }
  const path = request.url?.split("?", 1)[0] ?? "/";
  if (path === "/health") {
    // Apps of other origins may ask whether this node is there.
    const open = { "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin" };
    return respond(
      200,
      { ...open, "Content-Type": "application/json", "Cache-Control": "no-store" },
      JSON.stringify(options.health()),
    );
  }
  if (path === "/metrics" && mayRead(request, options.metricsFor)) {
    return respond(200, { ...plain, "Content-Type": "text/plain; version=0.0.4" }, options.metrics());
  }
  const found = await options.files.find(path, header(request, "accept-encoding"));
  if (found === undefined) return respond(404, plain, "There is nothing here.\n");
  if (request.headers["if-none-match"] === found.headers["ETag"]) return respond(304, found.headers, "");
  return respond(200, found.headers, found.body);
}

// F12: sockets that say nothing, or never say all, and somebody who has something to say meanwhile.
import { once } from "node:events";
import { connect } from "node:net";
import { rawClient } from "./raw-topic-client.ts";
import { rawWebSocket } from "./raw-web-socket.ts";

const half = "GET /topics HTTP/1.1\r\nHost: kith\r\nUpgrade: websocket\r\n";

export interface SilentOutcome {
  /** Of each socket: from its connection until the node closed it. */
  readonly stayedMs: readonly number[];
  /** Of each honest dial in that time: until the node's hello. Ascending. */
  readonly dialsMs: readonly number[];
}

/** 500 that say nothing, 500 with half a head, 50 that drip one, 50 that are silent at the relay. Returns when all are closed. */
export async function silentSockets({ port, url }: { port: number; url: string }): Promise<SilentOutcome> {
  const many = (count: number, one: () => Promise<number>) => Array.from({ length: count }, one);
  const mallory = Promise.all([
    ...many(500, () => stays(port, "")),
    ...many(500, () => stays(port, half)),
    ...many(50, () => drips(port)),
    ...many(50, () => staysAtRelay(port)),
  ]);
  let areOpen = true;
  void mallory.then(() => {
    areOpen = false;
  });
  const dials: number[] = [];
  while (areOpen) {
    const startedAtMs = performance.now();
    const bob = await rawClient(url);
    dials.push(performance.now() - startedAtMs);
    bob.socket.terminate();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { stayedMs: await mallory, dialsMs: dials.toSorted((a, b) => a - b) };
}

export const p99 = (ascending: readonly number[]) =>
  ascending[Math.floor(ascending.length * 0.99)] ?? Number.POSITIVE_INFINITY;

export function tellSilent({ stayedMs, dialsMs }: SilentOutcome): string {
  return (
    `${stayedMs.length} silent sockets: the last closed after ${(Math.max(...stayedMs) / 1_000).toFixed(1)} s; ` +
    `${dialsMs.length} honest dials meanwhile: p99 ${p99(dialsMs).toFixed(0)} ms`
  );
}

/** How long a socket stays that sends `text` and no more. */
async function stays(port: number, text: string): Promise<number> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  // An answer must be read for the end behind it to be seen.
  socket.resume();
  await once(socket, "connect");
  const openedAtMs = performance.now();
  socket.write(text);
  await new Promise((resolve) => socket.once("close", resolve));
  return performance.now() - openedAtMs;
}

/** One that dripped its head, a byte a second, would be no better. */
async function drips(port: number): Promise<number> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.resume();
  await once(socket, "connect");
  const openedAtMs = performance.now();
  let sent = 0;
  const drip = setInterval(() => socket.write(half[sent++ % half.length] ?? ""), 500);
  await new Promise((resolve) => socket.once("close", resolve));
  clearInterval(drip);
  return performance.now() - openedAtMs;
}

async function staysAtRelay(port: number): Promise<number> {
  const { socket, closed } = await rawWebSocket(port, "/");
  const openedAtMs = performance.now();
  socket.resume();
  await closed;
  return performance.now() - openedAtMs;
}

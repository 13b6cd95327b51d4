/** Sockets that say nothing, or never say all (F12): each is closed, and whoever has something to say is served meanwhile. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import { rawClient } from "../support/raw-topic-client.ts";
import { rawWebSocket } from "../support/raw-web-socket.ts";

/** The guard's own bounds are 10 s for a head or a handshake and a look every 2 s: no measure of this machine's speed. */
const closedWithinMs = 15_000;
const half = "GET /topics HTTP/1.1\r\nHost: kith\r\nUpgrade: websocket\r\n";

let node: NodeProcess;
beforeAll(async () => {
  node = await startNodeProcess("--app", import.meta.dirname, "--max-connections-per-address", "2000");
});
afterAll(() => node.discard());

/** How long a socket stays that sends `text` and no more. */
async function stays(text: string): Promise<number> {
  const socket = connect(node.port, "127.0.0.1");
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
async function drips(): Promise<number> {
  const socket = connect(node.port, "127.0.0.1");
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

async function staysAtRelay(): Promise<number> {
  const { socket, closed } = await rawWebSocket(node.port, "/");
  const openedAtMs = performance.now();
  socket.resume();
  await closed;
  return performance.now() - openedAtMs;
}

it("closes 500 silent sockets and 500 half heads within 15 s, and 50 that are silent at the relay, while honest dials take less than a second", async () => {
  const many = (count: number, one: () => Promise<number>) => Array.from({ length: count }, one);
  const mallory = Promise.all([
    ...many(500, () => stays("")),
    ...many(500, () => stays(half)),
    ...many(50, drips),
    ...many(50, staysAtRelay),
  ]);
  let areOpen = true;
  void mallory.then(() => {
    areOpen = false;
  });
  const dials: number[] = [];
  while (areOpen) {
    const startedAtMs = performance.now();
    const bob = await rawClient(node.url);
    dials.push(performance.now() - startedAtMs);
    bob.socket.terminate();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const longest = Math.max(...(await mallory));
  const p99 = dials.toSorted((a, b) => a - b)[Math.floor(dials.length * 0.99)] ?? Number.POSITIVE_INFINITY;
  console.log(`1,100 silent sockets: the last closed after ${(longest / 1_000).toFixed(1)} s`);
  console.log(`${dials.length} honest dials meanwhile: p99 ${p99.toFixed(0)} ms`);
  expect(longest).toBeLessThan(closedWithinMs);
  expect(dials.length).toBeGreaterThan(50);
  expect(p99).toBeLessThan(1_000);
});

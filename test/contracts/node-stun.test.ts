/** A real node on UDP: what it tells whoever asks for their address (RFC 8489), and what it does not do. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { createNodeNetwork } from "../../core/network/node-client.ts";
import type { NodeStatus } from "../../core/ports/node.ts";
import { systemClock } from "../../core/system/system-clock.ts";
import { systemRandom } from "../../core/system/system-random.ts";
import { decodeNodeFrame } from "../../core/wire/node-frame.ts";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";

let node: NodeProcess;
beforeAll(async () => {
  node = await startNodeProcess("--relay-reservations", "0");
});
afterAll(() => node.discard());

async function stunPortOf(of: NodeProcess): Promise<number | undefined> {
  const socket = new WebSocket(`${of.url.replace("http", "ws")}/topics`, "kith.topics.1");
  onTestFinished(() => socket.terminate());
  const [data] = (await once(socket, "message")) as [Buffer];
  const hello = decodeNodeFrame(data);
  if (!hello.ok || hello.value.kind !== "hello") throw new Error("no hello");
  return hello.value.ice.stunPort;
}

async function socketOn(type: "udp4" | "udp6", address: string): Promise<Socket> {
  const socket = createSocket(type);
  onTestFinished(() => void socket.close());
  socket.bind(0, address);
  await once(socket, "listening");
  return socket;
}

const request = (id = 7) => Buffer.from(`000100002112a442${"00".repeat(11)}${id.toString(16).padStart(2, "0")}`, "hex");

async function ask(socket: Socket, port: number, address: string, datagram = request()): Promise<Buffer> {
  socket.send(datagram, port, address);
  const [answer] = await once(socket, "message");
  return answer as Buffer;
}

/** The mapped port, once the cookie is taken off again. */
const portIn = (answer: Buffer) => answer.readUInt16BE(26) ^ 0x2112;

it("tells on the number of its port which address and port a request came from", async () => {
  const socket = await socketOn("udp4", "127.0.0.1");
  expect(await stunPortOf(node)).toBe(node.port);
  const answer = await ask(socket, node.port, "127.0.0.1");
  expect(answer.subarray(0, 8).toString("hex")).toBe("0101000c2112a442");
  expect(answer.subarray(4, 20)).toEqual(request().subarray(4));
  expect(portIn(answer)).toBe(socket.address().port);
  expect((answer.readUInt32BE(28) ^ 0x2112a442) >>> 0).toBe(0x7f000001);
});

it("adds a fingerprint where the request had one, and only there", async () => {
  const socket = await socketOn("udp4", "127.0.0.1");
  const withFingerprint = Buffer.from("000100082112a442000000000000000000000007802800042cce6c55", "hex");
  expect(await ask(socket, node.port, "127.0.0.1", withFingerprint)).toHaveLength(40);
  expect(await ask(socket, node.port, "127.0.0.1")).toHaveLength(32);
});

/** However long this machine takes. */
const patiently = { timeout: 30_000 };

it("answers nobody faster than an office behind one address asks, and goes on answering afterwards", async () => {
  const socket = await socketOn("udp4", "127.0.0.1");
  const own = await startNodeProcess("--relay-reservations", "0");
  onTestFinished(() => own.discard());
  const count = async (outcome: string) => (await own.metrics()).get(`stun_datagrams_total{outcome="${outcome}"}`) ?? 0;
  let answers = 0;
  socket.on("message", () => (answers += 1));
  const sent = 2_000;
  const startedMs = performance.now();
  for (let i = 0; i < sent; i++) {
    socket.send(request(i & 255), own.port, "127.0.0.1");
    // The kernel drops what is sent faster than it is read; the node is to be the one who decides.
    if (i % 50 === 49) await own.metrics();
  }
  await expect.poll(async () => (await count("answered")) + (await count("ignored")), patiently).toBe(sent);
  // Four seconds' worth at once, and then 100 a second.
  expect(await count("answered")).toBeLessThanOrEqual(400 + (performance.now() - startedMs) / 10);
  expect(await count("ignored")).toBeGreaterThan(0);
  await expect.poll(() => answers, patiently).toBe(await count("answered"));
  const later = await socketOn("udp4", "127.0.0.2");
  expect(portIn(await ask(later, own.port, "127.0.0.1"))).toBe(later.address().port);
});

it("says nothing to what is no request, and lives on", async () => {
  const socket = await socketOn("udp4", "127.0.0.1");
  for (const datagram of [Buffer.alloc(0), Buffer.alloc(1_400, 0xff), Buffer.from("0101000c2112a442", "hex")]) {
    socket.send(datagram, node.port, "127.0.0.1");
  }
  // The first answer to come is that to the request.
  expect((await ask(socket, node.port, "127.0.0.1", request(9))).at(19)).toBe(9);
});

it("tells an IPv6 address to who came by IPv6, and an IPv4 address to who came by IPv4, on one socket", async () => {
  const own = await startNodeProcess("--host", "::", "--relay-reservations", "0");
  onTestFinished(() => own.discard());
  const six = await ask(await socketOn("udp6", "::1"), own.port, "::1");
  expect(six.subarray(20, 26).toString("hex")).toBe("002000140002");
  const four = await ask(await socketOn("udp4", "127.0.0.1"), own.port, "127.0.0.1");
  expect(four.subarray(20, 26).toString("hex")).toBe("002000080001");
});

it("says in its hello where it answers", async () => {
  const client = createNodeNetwork({ clock: systemClock, random: systemRandom }).node(node.url);
  onTestFinished(() => client.close());
  const status = await new Promise<NodeStatus>((resolve) => {
    client.status.subscribe((now) => now.kind === "connected" && resolve(now));
  });
  expect(status).toMatchObject({ iceServers: [{ urls: [`stun:localhost:${node.port}`] }] });
});

it("is silent with --stun-port 0, and elsewhere with another number", async () => {
  const silent = await startNodeProcess("--stun-port", "0", "--relay-reservations", "0");
  onTestFinished(() => silent.discard());
  expect(await stunPortOf(silent)).toBeUndefined();
  // Bound by nobody: the port is free for us.
  const taker = createSocket("udp4");
  onTestFinished(() => void taker.close());
  taker.bind(silent.port, "127.0.0.1");
  await once(taker, "listening");

  const free = await socketOn("udp4", "127.0.0.1");
  const { port } = free.address();
  await expect(startNodeProcess("--stun-port", `${port}`, "--relay-reservations", "0")).rejects.toThrow(
    `UDP port ${port} is taken.`,
  );
});

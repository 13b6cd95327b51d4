/** What a node client makes of a node that is silent or lies (F21 in small). The node here is a WebSocket that plays one. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { sha256 } from "../../core/crypto/hash.ts";
import { labels } from "../../core/crypto/labels.ts";
import { publicKeyOf, sign } from "../../core/crypto/signature.ts";
import type { NodeUrl, TopicId } from "../../core/lang/brand.ts";
import { toHex } from "../../core/lang/bytes.ts";
import { createNodeNetwork } from "../../core/network/node-client.ts";
import type { NodeClient, NodeStatus } from "../../core/ports/node.ts";
import { decodeClientFrame } from "../../core/wire/client-frame.ts";
import { encodeNodeFrame } from "../../core/wire/node-frame.ts";
import { custodyMessage, type NodeFrame, type NodeRequest, type NodeResult } from "../../core/wire/node-protocol.ts";
import { startChaosProxy } from "../support/chaos-proxy.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { virtualClock } from "../support/virtual-clock.ts";

const random = seededRandom(21);
const nodeSeed = random.bytes(32);
const topicSeed = random.bytes(32);
const access = { topic: toHex(publicKeyOf(topicSeed)) as TopicId, seed: topicSeed };
const envelope = random.bytes(1_024);
const honestHello: NodeFrame = {
  kind: "hello",
  version: 2,
  nonce: random.bytes(32),
  nodeKey: publicKeyOf(nodeSeed),
  relayPeerId: undefined,
  maxEnvelopeBytes: 65_536,
  retentionSeconds: 1,
  maxTopicsFollowed: 1,
  ice: { stunPort: undefined, servers: [] },
};

interface Play {
  readonly hello?: NodeFrame | Uint8Array | "silence";
  /** Undefined: no answer. Proofs are always accepted. */
  answer?(request: NodeRequest): NodeResult | undefined;
}

/** The client's time moves by `advance`; between two timers what the sockets deliver is waited for. */
async function clientOf({ hello = honestHello, answer }: Play) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  let dials = 0;
  server.on("connection", (socket: WebSocket) => {
    dials += 1;
    if (hello !== "silence") socket.send(hello instanceof Uint8Array ? hello : encodeNodeFrame(hello));
    socket.on("message", (data: Buffer) => {
      const frame = decodeClientFrame(data);
      if (!frame.ok) throw new Error("the client sent what is no frame");
      const { requestId, request } = frame.value;
      const result: NodeResult | undefined = request.kind === "prove" ? { kind: "done" } : answer?.(request);
      if (result !== undefined) socket.send(encodeNodeFrame({ kind: "answer", requestId, result }));
    });
  });
  const proxy = await startChaosProxy(server.address() as AddressInfo);
  // Both ends are in this process: what moves is seen.
  const clock = virtualClock(0, () => proxy.quiet(10));
  const url = `http://127.0.0.1:${proxy.port}` as NodeUrl;
  const client = createNodeNetwork({ clock, random }).node(url);
  onTestFinished(() => {
    client.close();
    for (const socket of server.clients) socket.terminate();
    server.close();
    return proxy.stop();
  });
  const send = (frame: NodeFrame) => {
    for (const socket of server.clients) socket.send(encodeNodeFrame(frame));
  };
  return { client, clock, send, dials: () => dials };
}
function reaches(client: NodeClient, kind: NodeStatus["kind"]): Promise<NodeStatus> {
  return new Promise((resolve) => {
    client.status.subscribe((status) => {
      if (status.kind === kind) resolve(status);
    });
  });
}
const custody = (sequence: number, expiresAtMs: number, key = nodeSeed, of = envelope): NodeResult => ({
  kind: "custody",
  sequence,
  expiresAtMs,
  signature: sign(labels.custody, custodyMessage(access.topic, sha256(of), sequence, expiresAtMs), key),
});
const entries = (...sequences: number[]): NodeResult => ({
  kind: "entries",
  entries: sequences.map((sequence) => ({ sequence, envelope, expiresAtMs: 9 })),
  more: false,
  latest: 10,
});
const brokenPromise = { ok: false, error: { kind: "broken-promise" } };

it("believes a custody that the node signed", async () => {
  const { client } = await clientOf({ answer: () => custody(3, 1_000) });
  await reaches(client, "connected");
  expect(await client.append(access, envelope)).toMatchObject({ ok: true, value: { sequence: 3, expiresAtMs: 1_000 } });
});

it.each([
  ["signed by another key", custody(3, 1_000, random.bytes(32))],
  ["for another envelope", custody(3, 1_000, nodeSeed, random.bytes(1_024))],
  ["with another expiry than was signed", { ...custody(3, 1_000), expiresAtMs: 2_000 } as NodeResult],
  ["that is none", { kind: "done" } as NodeResult],
])("does not believe a custody %s", async (_, answer) => {
  const { client } = await clientOf({ answer: () => answer });
  await reaches(client, "connected");
  expect(await client.append(access, envelope)).toEqual(brokenPromise);
});

it.each([
  ["go back behind what was asked for", entries(4, 5)],
  ["repeat", entries(6, 6)],
  ["fall", entries(7, 6)],
  ["exceed the newest number", entries(11)],
  ["are more than were asked for", entries(6, 7, 8, 9)],
  ["are none and yet not all", { ...entries(), more: true } as NodeResult],
  ["are up to the newest and yet not all", { ...entries(9, 10), more: true } as NodeResult],
])("does not believe entries that %s", async (_, answer) => {
  const { client } = await clientOf({ answer: () => answer });
  await reaches(client, "connected");
  expect(await client.read(access, 5, 3)).toEqual(brokenPromise);
});

it("takes a request without an answer for the end of the connection, and tries again", async () => {
  const { client, clock, dials } = await clientOf({});
  await reaches(client, "connected");
  const append = client.append(access, envelope);
  await clock.advance(10_500);
  expect(await append).toEqual({ ok: false, error: { kind: "offline" } });
  expect(await reaches(client, "offline")).toMatchObject({ reason: "unreachable" });
  await clock.advance(1_000);
  await reaches(client, "connected");
  expect(dials()).toBe(2);
});

it("waits longer for the answer to a large envelope, but no longer than 2.5 heartbeats", async () => {
  const { client, clock } = await clientOf({
    // The line is slow, not dead: what asks for a sign of life is answered.
    answer: ({ kind }) => (kind === "read" ? entries() : undefined),
  });
  await reaches(client, "connected");
  const outcomes: unknown[] = [];
  void client.append(access, random.bytes(65_536)).then((outcome) => outcomes.push(outcome));
  await clock.advance(20_000);
  expect(outcomes).toEqual([]);
  await clock.advance(10_000);
  expect(outcomes).toEqual([{ ok: false, error: { kind: "offline" } }]);
});

it("gives up a dial within 5 s at first, and lets a slow network have longer each time", async () => {
  const { client, clock, dials } = await clientOf({ hello: "silence" });
  const offlineAtMs: number[] = [];
  client.status.subscribe(({ kind }) => {
    if (kind === "offline") offlineAtMs.push(clock.now());
  });
  await clock.advance(5_000);
  expect(offlineAtMs).toEqual([5_000]);
  await clock.advance(60_000);
  // 5, 10 and 15 s for the dials, up to 4, 8 and 16 s in between.
  expect(dials()).toBeGreaterThanOrEqual(3);
  expect(dials()).toBeLessThanOrEqual(5);
});

it("notices within 2.5 heartbeats that a silent connection is dead", async () => {
  const { client, clock } = await clientOf({});
  await reaches(client, "connected");
  const seen: string[] = [];
  client.status.subscribe(({ kind }) => seen.push(kind));
  await clock.advance(20_000);
  expect(seen).toEqual(["connected"]);
  await clock.advance(10_000);
  expect(seen).toContain("offline");
});

it("keeps a silent connection on which the node answers", async () => {
  const { client, clock, dials } = await clientOf({ answer: () => entries() });
  await reaches(client, "connected");
  await clock.advance(300_000);
  await reaches(client, "connected");
  expect(dials()).toBe(1);
});

it.each([
  ["of a newer version", { ...honestHello, version: 3 } as NodeFrame],
  ["of no version", { ...honestHello, version: 0 } as NodeFrame],
  ["that takes no full envelope", { ...honestHello, maxEnvelopeBytes: 1_024 } as NodeFrame],
  ["that is none", random.bytes(40)],
])("finds a node incompatible with a hello %s, and does not hammer it", async (_, hello) => {
  const { client, clock, dials } = await clientOf({ hello });
  expect(await reaches(client, "offline")).toMatchObject({ reason: "incompatible" });
  await clock.advance(600_000);
  expect(dials()).toBeLessThan(80);
});

it("works with a node of version 1, which names no servers for NATs", async () => {
  const { client } = await clientOf({ hello: { ...honestHello, version: 1 }, answer: () => custody(3, 1_000) });
  expect(await reaches(client, "connected")).toMatchObject({ iceServers: [] });
  expect(await client.append(access, envelope)).toMatchObject({ ok: true });
});

it("asks for STUN where it knows the node, and takes what the node names later instead", async () => {
  const turn = { urls: ["turn:turn.example.org"], username: "1", credential: "2" };
  const ice = { stunPort: 3_478, servers: [turn] };
  const { client, send } = await clientOf({ hello: { ...honestHello, ice } });
  expect(await reaches(client, "connected")).toMatchObject({ iceServers: [{ urls: ["stun:127.0.0.1:3478"] }, turn] });
  const renewed = { ...turn, username: "3" };
  send({ kind: "ice", ice: { stunPort: undefined, servers: [renewed] } });
  const seen = new Promise<NodeStatus>((resolve) => {
    client.status.subscribe((status) => {
      if (status.kind === "connected" && status.iceServers.length === 1) resolve(status);
    });
  });
  expect(await seen).toMatchObject({ iceServers: [renewed] });
});

it("says that an answer of another kind, or one it did not ask for, is nothing to it", async () => {
  const { client } = await clientOf({
    answer: () => ({ kind: "refusal", refusal: { why: "slot-taken", sequence: 1 } }),
  });
  await reaches(client, "connected");
  expect(await client.read(access, 0, 1)).toEqual(brokenPromise);
});

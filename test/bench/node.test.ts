/** What one node process does with appends and reads on this machine (FAULTS, speed). Prints figures; asserts only that all was done. */
import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { labels } from "../../core/crypto/labels.ts";
import { publicKeyOf, sign } from "../../core/crypto/signature.ts";
import type { TopicId } from "../../core/lang/brand.ts";
import { toHex } from "../../core/lang/bytes.ts";
import { encodeClientFrame } from "../../core/wire/client-frame.ts";
import { decodeNodeFrame } from "../../core/wire/node-frame.ts";
import { type NodeRequest, type NodeResult, nodeAccessMessage } from "../../core/wire/node-protocol.ts";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import { seededRandom } from "../support/seeded-random.ts";

const random = seededRandom(200);
let node: NodeProcess;
beforeAll(async () => {
  const limits = ["--frames-per-second", "100000", "--kib-per-second", "1000000", "--max-topic-envelopes", "1000000"];
  node = await startNodeProcess("--app", import.meta.dirname, "--relay-reservations", "0", ...limits);
});
afterAll(() => node.discard());

/** A client that does not check custody: here the node is measured, not the other end. */
async function connection() {
  const seed = random.bytes(32);
  const topic = toHex(publicKeyOf(seed)) as TopicId;
  const socket = new WebSocket(`${node.url.replace("http", "ws")}/topics`, "kith.topics.1");
  const [first] = (await once(socket, "message")) as [Buffer];
  const hello = decodeNodeFrame(first);
  if (!hello.ok || hello.value.kind !== "hello") throw new Error("no hello");
  const waiting = new Map<number, (result: NodeResult) => void>();
  socket.on("message", (data: Buffer) => {
    const frame = decodeNodeFrame(data);
    if (frame.ok && frame.value.kind === "answer") waiting.get(frame.value.requestId)?.(frame.value.result);
  });
  let id = 0;
  const ask = (request: NodeRequest): Promise<NodeResult> =>
    new Promise((resolve) => {
      const requestId = ++id;
      waiting.set(requestId, (result) => {
        waiting.delete(requestId);
        resolve(result);
      });
      socket.send(encodeClientFrame({ requestId, request }));
    });
  const signature = sign(labels.nodeAccess, nodeAccessMessage(hello.value.nonce, hello.value.nodeKey, topic), seed);
  expect(await ask({ kind: "prove", topic, signature })).toEqual({ kind: "done" });
  return {
    close: () => socket.close(),
    async append(): Promise<number> {
      const sentAtMs = performance.now();
      const result = await ask({ kind: "append", topic, envelope: random.bytes(1_024), slot: undefined });
      expect(result.kind).toBe("custody");
      return performance.now() - sentAtMs;
    },
    async read(): Promise<number> {
      const sentAtMs = performance.now();
      const result = await ask({ kind: "read", topic, after: 0, limit: 50 });
      expect(result.kind === "entries" && result.entries.length).toBe(50);
      return performance.now() - sentAtMs;
    },
  };
}
function percentiles(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(share * sorted.length)] ?? 0).toFixed(1);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`;
}

it("appends as fast as it can, 8 connections with 64 under way each", async () => {
  const [each, underWay] = [2_000, 64];
  const connections = await Promise.all(Array.from({ length: 8 }, connection));
  const startMs = performance.now();
  const times = await Promise.all(
    connections.flatMap(({ append }) =>
      Array.from({ length: underWay }, async () => {
        const own = [];
        for (let n = 0; n < each / underWay; n++) own.push(await append());
        return own;
      }),
    ),
  );
  const count = times.flat().length;
  const seconds = (performance.now() - startMs) / 1_000;
  console.log(`appends of 1 KiB: ${Math.round(count / seconds)}/s, ${percentiles(times.flat())} (${count})`);
  expect((await node.metrics()).get("envelopes_appended_total")).toBe(count);
  for (const { close } of connections) close();
});

it("appends 200 a second", async () => {
  const connections = await Promise.all(Array.from({ length: 10 }, connection));
  const times: Promise<number>[] = [];
  const startMs = performance.now();
  for (let n = 0; n < 2_000; n++) {
    const dueMs = startMs + n * 5;
    if (dueMs > performance.now()) await new Promise((resolve) => setTimeout(resolve, dueMs - performance.now()));
    times.push(connections[n % 10]!.append());
  }
  console.log(`append and custody at 200/s: ${percentiles(await Promise.all(times))}`);
  for (const { close } of connections) close();
});

it("reads 50 entries", async () => {
  const { append, read, close } = await connection();
  for (let n = 0; n < 50; n++) await append();
  const times = [];
  for (let n = 0; n < 500; n++) times.push(await read());
  console.log(`read of 50 entries of 1 KiB: ${percentiles(times)}`);
  close();
});

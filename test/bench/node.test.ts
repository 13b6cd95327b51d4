/** What one node process does with appends and reads on this machine (FAULTS, speed). Prints figures; asserts only that all was done. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import { askingClient } from "../support/raw-topic-client.ts";
import { seededRandom } from "../support/seeded-random.ts";

const random = seededRandom(200);
let node: NodeProcess;
beforeAll(async () => {
  const limits = ["--frames-per-second", "100000", "--kib-per-second", "1000000", "--max-topic-envelopes", "1000000"];
  node = await startNodeProcess("--app", import.meta.dirname, "--relay-reservations", "0", ...limits);
});
afterAll(() => node.discard());

async function connection() {
  const { ask, append, topic, close } = await askingClient(node.url, random.bytes(32));
  return {
    close,
    async append(): Promise<number> {
      const sentAtMs = performance.now();
      expect((await append(random.bytes(1_024))).kind).toBe("custody");
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

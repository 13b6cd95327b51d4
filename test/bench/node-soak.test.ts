/**
 * Churn (F16): 20 connections come and go each second, 200 messages a second are appended; what the node holds after each
 * collection must not grow with them. Two minutes; `SOAK_MINUTES=20` is the table's.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { type Inside, startInspectedNode } from "../support/node-inspector.ts";
import { askingClient } from "../support/raw-topic-client.ts";
import { seededRandom } from "../support/seeded-random.ts";

const minutes = Number(process.env["SOAK_MINUTES"] ?? 2);
const connectsPerSecond = 20;
const messagesPerSecond = 200;
const samples = 8;
const mib = 1_048_576;
const random = seededRandom(16);

it(
  `${minutes} minutes of churn`,
  async () => {
    const limits = [
      "--max-topic-envelopes",
      "1000000",
      "--max-topic-mib",
      "10000",
      "--new-topics-per-minute",
      "100000",
    ];
    const { url, look, discard } = await startInspectedNode("--app", import.meta.dirname, ...limits);
    onTestFinished(discard);
    const senders = await Promise.all(Array.from({ length: 10 }, () => askingClient(url, random.bytes(32))));
    let connects = 0;
    let isOver = false;
    const visits = new Set<Promise<void>>();
    async function visit(): Promise<void> {
      const { ask, append, close, topic } = await askingClient(url, random.bytes(32));
      connects += 1;
      await ask({ kind: "follow", topic });
      await append(random.bytes(1_024));
      await sleep(500);
      close();
    }
    const churn = (async () => {
      const startedAtMs = performance.now();
      for (let n = 0; !isOver; n++) {
        const dueMs = startedAtMs + (n * 1_000) / connectsPerSecond;
        await sleep(Math.max(0, dueMs - performance.now()));
        const one = visit().finally(() => visits.delete(one));
        visits.add(one);
      }
    })();
    const talk = (async () => {
      const startedAtMs = performance.now();
      for (let n = 0; !isOver; n++) {
        const dueMs = startedAtMs + (n * 1_000) / messagesPerSecond;
        await sleep(Math.max(0, dueMs - performance.now()));
        void senders[n % senders.length]?.append(random.bytes(1_024));
      }
    })();
    const seen: { readonly connects: number; readonly inside: Inside }[] = [];
    for (let n = 0; n <= samples; n++) {
      await sleep((minutes * 60_000) / (samples + 1));
      const inside = await look();
      seen.push({ connects, inside });
      const open = JSON.stringify(inside.resources);
      console.log(`${connects} connects: ${(inside.usedBytes / mib).toFixed(1)} MiB in use, ${open}`);
    }
    isOver = true;
    await Promise.all([churn, talk]);
    await Promise.all(visits);
    // The first are warming up.
    const steady = seen.slice(2);
    const slopeMib = (slope(steady.map(({ connects: x, inside }) => [x, inside.usedBytes])) * 10_000) / mib;
    console.log(`heap slope: ${slopeMib.toFixed(2)} MiB for 10,000 connects`);
    expect(slopeMib).toBeLessThan(1);
  },
  (minutes + 3) * 60_000,
);

/** Least squares. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const above = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  return above / points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
}

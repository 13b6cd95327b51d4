/**
 * Floods (F13): one that appends far more than it may, and peers that come by the hundred, are told BUSY; others hardly
 * notice. What others notice is compared with another node at the same time on the same machine, to which no flood comes: so
 * that it is the node that is measured, not what the flood's own sending takes from it.
 */
import { afterEach, beforeEach, expect, it } from "vitest";
import { flood } from "../support/flood.ts";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import { askingClient } from "../support/raw-topic-client.ts";
import { seededRandom } from "../support/seeded-random.ts";

const mib = 1_048_576;
const random = seededRandom(130);
/** What others are promised on two idle cores: below it twice as long is still no time. */
const alwaysGoodMs = 50;
/** Others may be at work on this machine; a flood that is let in costs more than this. */
const slack = 3;

let flooded: NodeProcess;
let calm: NodeProcess;
beforeEach(async () => {
  // Less than usual, so that the flood is far beyond it however much else this machine has to do.
  const limits = ["--frames-per-second", "200", "--new-topics-per-minute", "300"];
  const start = () => startNodeProcess("--app", import.meta.dirname, "--relay-reservations", "0", ...limits);
  [flooded, calm] = await Promise.all([start(), start()]);
});
afterEach(() => Promise.all([flooded.discard(), calm.discard()]));

/** p99 of appends of five others at each node, one each 20 ms by turns, as long as `work` takes. */
async function othersP99Ms(work: Promise<unknown>): Promise<readonly number[]> {
  let isOver = false;
  void work.then(() => {
    isOver = true;
  });
  const at = await Promise.all(
    [flooded, calm].map((node) =>
      Promise.all(Array.from({ length: 5 }, () => askingClient(node.url, random.bytes(32)))),
    ),
  );
  const times: Promise<number>[][] = at.map(() => []);
  for (let n = 0; !isOver; n++) {
    for (const [place, others] of at.entries()) {
      const sentAtMs = performance.now();
      const answer = others[n % others.length]!.append(random.bytes(1_024));
      times[place]!.push(
        answer.then((result) => {
          expect(result.kind).toBe("custody");
          return performance.now() - sentAtMs;
        }),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const sorted = await Promise.all(times.map(async (all) => (await Promise.all(all)).toSorted((a, b) => a - b)));
  for (const { close } of at.flat()) close();
  expect(sorted[0]!.length).toBeGreaterThan(20);
  return sorted.map((all) => all[Math.floor(all.length * 0.99)]!);
}
const residentMib = async () => (await flooded.metrics()).get("resident_bytes")! / mib;

it.each([
  { name: "10,000 appends a second from one", of: "appends", perSecond: 10_000, seconds: 6 },
  { name: "1,000 peers within 8 s", of: "peers", perSecond: 125, seconds: 8 },
] as const)("$name are answered with custody or BUSY, at no great cost to others or to memory", async (plan) => {
  // Warm first: what is looked at is the flood, not the first second of a process.
  await othersP99Ms(new Promise((resolve) => setTimeout(resolve, 2_000)));
  const before = await residentMib();
  const flooding = flood({ url: flooded.url, ...plan });
  const [floodedMs = Number.NaN, calmMs = Number.NaN] = await othersP99Ms(flooding);
  const { seconds, custody = 0, busy = 0, unanswered = 0, ...rest } = await flooding;
  const growth = (await residentMib()) - before;
  console.log(
    `${plan.name}: ${custody} custody, ${busy} busy, ${unanswered} not read in ${seconds.toFixed(1)} s, ${growth.toFixed(0)} MiB more; ` +
      `others' p99 ${floodedMs.toFixed(1)} ms, at a node without a flood ${calmMs.toFixed(1)} ms`,
  );
  expect(rest).toEqual({});
  expect(custody).toBeGreaterThan(200);
  expect(busy).toBeGreaterThan(100);
  expect(floodedMs).toBeLessThan(Math.max(slack * 2 * calmMs, slack * alwaysGoodMs));
  expect(growth).toBeLessThan(100);
});

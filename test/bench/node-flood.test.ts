/**
 * What others notice of a flood (F13): five of them append by turns at a node that is flooded, and five at another node on
 * the same machine at the same time that is not, so that it is the node that is measured and not what the flood's own
 * sending takes from it. Several rounds, each node in either place by turns; the medians count.
 */
import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { type FloodPlan, flood } from "../support/flood.ts";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import { askingClient } from "../support/raw-topic-client.ts";
import { median } from "../support/restart-with-clients.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { p99 } from "../support/silent-sockets.ts";

const mib = 1_048_576;
const rounds = 6;
const random = seededRandom(131);
/** What others are promised on two idle cores: below it twice as long is still no time. */
const alwaysGoodMs = 50;

type Other = Awaited<ReturnType<typeof askingClient>>;
interface Place {
  readonly node: NodeProcess;
  readonly others: readonly Other[];
}

/** The others are here before any flood, each with a topic: all come from one address, which may begin only so many. */
async function place(): Promise<Place> {
  const node = await startNodeProcess("--app", import.meta.dirname, "--relay-reservations", "0");
  onTestFinished(() => node.discard());
  const others = await Promise.all(Array.from({ length: 5 }, () => askingClient(node.url, random.bytes(32))));
  for (const { append } of others) await append(random.bytes(1_024));
  return { node, others };
}

/** p99 at each place, milliseconds, while `work` lasts. */
async function othersP99Ms(places: readonly Place[], work: Promise<unknown>): Promise<readonly number[]> {
  let isOver = false;
  void work.then(() => {
    isOver = true;
  });
  const times: Promise<number>[][] = places.map(() => []);
  for (let n = 0; !isOver; n++) {
    for (const [at, { others }] of places.entries()) {
      const sentAtMs = performance.now();
      const answer = others[n % others.length]!.append(random.bytes(1_024));
      times[at]!.push(
        answer.then(({ kind }) => {
          expect(kind).toBe("custody");
          return performance.now() - sentAtMs;
        }),
      );
    }
    await sleep(20);
  }
  const sorted = await Promise.all(times.map(async (all) => (await Promise.all(all)).toSorted((a, b) => a - b)));
  return sorted.map(p99);
}

it.each<{ name: string } & Pick<FloodPlan, "of" | "perSecond" | "seconds">>([
  { name: "10,000 appends a second from one", of: "appends", perSecond: 10_000, seconds: 6 },
  { name: "1,000 peers within 8 s", of: "peers", perSecond: 125, seconds: 8 },
])("F13: what others notice of $name", { timeout: 600_000 }, async ({ name, ...plan }) => {
  const places = [await place(), await place()];
  const residentMib = async ({ node }: Place) => (await node.metrics()).get("resident_bytes")! / mib;
  // Warm first: what is looked at is the flood, not the first second of a process.
  await othersP99Ms(places, sleep(3_000));
  const seen: { readonly floodedMs: number; readonly calmMs: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const [flooded, calm] = round % 2 === 0 ? places : places.toReversed();
    const before = await residentMib(flooded!);
    const flooding = flood({ url: flooded!.node.url, ...plan });
    const [floodedMs = Number.NaN, calmMs = Number.NaN] = await othersP99Ms([flooded!, calm!], flooding);
    const growth = (await residentMib(flooded!)) - before;
    seen.push({ floodedMs, calmMs });
    const outcome = JSON.stringify(await flooding);
    console.log(
      `${name}: others' p99 ${floodedMs.toFixed(1)} ms, at a node without a flood ${calmMs.toFixed(1)} ms; ${growth.toFixed(0)} MiB more; ${outcome}`,
    );
    expect(growth).toBeLessThan(100);
  }
  const [floodedMs, calmMs] = [median(seen.map((one) => one.floodedMs)), median(seen.map((one) => one.calmMs))];
  const ratio = median(seen.map((one) => one.floodedMs / one.calmMs));
  console.log(
    `${name}, medians of ${rounds} rounds: ${floodedMs.toFixed(1)} and ${calmMs.toFixed(1)} ms, ratio ${ratio.toFixed(2)}; load of the machine ${loadavg()[0]?.toFixed(1)}`,
  );
  expect(floodedMs).toBeLessThan(Math.max(2 * calmMs, alwaysGoodMs));
});

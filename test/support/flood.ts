// A thread that floods a node, so that the flood's own work delays nobody who measures. Started by `flood` below.
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import type { NodeResult } from "../../core/wire/node-protocol.ts";
import { askingClient } from "./raw-topic-client.ts";
import { seededRandom } from "./seeded-random.ts";

export interface FloodPlan {
  readonly url: string;
  /**
   * `appends`: of one connection, to one topic. `peers`: each a new connection that appends once to a topic of its own; a
   * hundred at a time, and each is waited for.
   * `devices`: each a new libp2p device that reserves at `relay` and leaves after ten seconds.
   */
  readonly of: "appends" | "peers" | "devices";
  readonly relay?: string;
  readonly perSecond: number;
  readonly seconds: number;
}

/** Answers by what they say: `custody`, or the reason of the refusal. `unanswered` until the flood ended, `lost` without a connection. */
export type FloodOutcome = Readonly<Record<string, number>> & { readonly seconds: number };

export function flood(plan: FloodPlan): Promise<FloodOutcome> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { flood: plan } });
  return new Promise((resolve, reject) => {
    worker.once("message", (outcome: FloodOutcome) => {
      void worker.terminate();
      resolve(outcome);
    });
    worker.once("error", reject);
  });
}

const tickMs = 5;
const deviceStaysMs = 10_000;
/** Far from the connections that one address may have: those are not what is tried here. */
const mostPeersAtOnce = 100;

async function run({ url, of, relay, perSecond, seconds }: FloodPlan): Promise<FloodOutcome> {
  const random = seededRandom(13);
  const envelope = random.bytes(1_024);
  const counts: Record<string, number> = {};
  const countOne = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  const count = (result: NodeResult | undefined) => {
    const what = result === undefined ? "lost" : result.kind === "refusal" ? result.refusal.why : result.kind;
    countOne(what);
  };
  async function comeAndGo(at: string): Promise<void> {
    const { reserveMany } = await import("./relay-clients.ts");
    const device = await reserveMany(at, 1, "kith").catch(() => undefined);
    countOne(device === undefined ? "lost" : "reserved");
    setTimeout(() => void device?.stop(), deviceStaysMs);
  }
  const one = of === "appends" ? await askingClient(url, random.bytes(32)) : undefined;
  let sent = 0;
  async function send(): Promise<void> {
    const own = Uint8Array.from(envelope);
    new DataView(own.buffer).setUint32(0, ++sent);
    const client = one ?? (await askingClient(url, random.bytes(32)).catch(() => undefined));
    count(await client?.append(own));
    if (one === undefined) client?.close();
  }
  const startedAtMs = performance.now();
  const elapsed = () => (performance.now() - startedAtMs) / 1_000;
  const all = Math.floor(perSecond * seconds);
  const mostAtOnce = of === "peers" ? mostPeersAtOnce : all;
  let begun = 0;
  let done = 0;
  while (begun < all || elapsed() < seconds || (of === "peers" && done < all)) {
    const due = Math.min(all, Math.floor(elapsed() * perSecond), done + mostAtOnce);
    while (begun < due) {
      begun += 1;
      void (relay === undefined ? send() : comeAndGo(relay)).then(() => {
        done += 1;
      });
    }
    await new Promise((resolve) => setTimeout(resolve, tickMs));
  }
  const answered = Object.values(counts).reduce((sum, n) => sum + n, 0);
  one?.close();
  return { ...counts, unanswered: begun - answered, seconds: elapsed() };
}

if (!isMainThread && workerData?.flood !== undefined) {
  parentPort?.postMessage(await run(workerData.flood as FloodPlan));
}

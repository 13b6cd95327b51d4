/**
 * What a client that is only there costs the node: of /topics, of the relay, and of a relay with libp2p's defaults in the same
 * run. `CLIENTS=full` is 10,000 and 2,000 (F15). Prints figures; asserts F15's where the numbers are its.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { type Inside, type Inspected, startInspected, startInspectedNode } from "../support/node-inspector.ts";
import { askingClient } from "../support/raw-topic-client.ts";
import { type DeviceKind, reserveMany } from "../support/relay-clients.ts";
import { seededRandom } from "../support/seeded-random.ts";

const isFull = process.env["CLIENTS"] === "full";
const [topicClients, relayClients] = isFull ? [10_000, 2_000] : [2_000, 200];
const idleMs = 60_000;
const limits = ["--max-connections", "100000", "--max-connections-per-address", "100000"];
const random = seededRandom(15);

interface Cost {
  readonly usedKb: number;
  readonly residentKb: number;
  readonly cpuMsPerMinute: number;
  readonly loopP99Ms: number;
}

/** Of one client: what `count` of them added, and what a minute of them took beyond a minute without. */
async function costOf(inspected: Inspected, count: number, connect: () => Promise<unknown>): Promise<Cost> {
  await sleep(2_000);
  const idle = await minuteOf(inspected);
  const before = await inspected.look();
  await connect();
  await sleep(5_000);
  const after = await inspected.look();
  const busy = await minuteOf(inspected);
  return {
    usedKb: (after.usedBytes - before.usedBytes) / count / 1_024,
    residentKb: (after.residentBytes - before.residentBytes) / count / 1_024,
    cpuMsPerMinute: ((busy.cpuMs - idle.cpuMs) * (60_000 / idleMs)) / count,
    loopP99Ms: busy.last.loopP99Ms,
  };
}
async function minuteOf(inspected: Inspected): Promise<{ readonly cpuMs: number; readonly last: Inside }> {
  const first = await inspected.look();
  await sleep(idleMs);
  // The look's own collections are in neither.
  const last = await inspected.look();
  const looked = await inspected.look();
  return { cpuMs: (last.cpuSeconds - first.cpuSeconds - (looked.cpuSeconds - last.cpuSeconds)) * 1_000, last };
}
function tell(what: string, count: number, { usedKb, residentKb, cpuMsPerMinute, loopP99Ms }: Cost): void {
  console.log(
    `${count} ${what}: each ${usedKb.toFixed(1)} KB in use (${residentKb.toFixed(1)} KB of the process), ` +
      `${cpuMsPerMinute.toFixed(2)} ms CPU a minute; event loop p99 ${loopP99Ms.toFixed(1)} ms`,
  );
}

it("topic clients that follow one topic each", async () => {
  const inspected = await startInspectedNode("--app", import.meta.dirname, "--relay-reservations", "0", ...limits);
  const clients: Awaited<ReturnType<typeof askingClient>>[] = [];
  const cost = await costOf(inspected, topicClients, async () => {
    for (let n = 0; n < topicClients; n += 50) {
      const some = await Promise.all(Array.from({ length: 50 }, () => askingClient(inspected.url, random.bytes(32))));
      await Promise.all(some.map(({ ask, topic }) => ask({ kind: "follow", topic })));
      clients.push(...some);
    }
  });
  tell("topic clients", topicClients, cost);
  for (const { close } of clients) close();
  await inspected.discard();
  expect(cost.usedKb).toBeLessThan(15);
  if (isFull) expect(cost.loopP99Ms).toBeLessThan(50);
}, 600_000);

async function reservations(inspected: Inspected, peer: string, kind: DeviceKind, count: number): Promise<Cost> {
  let many: Awaited<ReturnType<typeof reserveMany>> | undefined;
  const cost = await costOf(inspected, count, async () => {
    many = await reserveMany(`/ip4/127.0.0.1/tcp/${inspected.port}/ws/p2p/${peer}`, count, kind);
  });
  await inspected.discard();
  await many?.stop();
  return cost;
}

it("devices with a reservation at the node's relay", async () => {
  const inspected = await startInspectedNode("--app", import.meta.dirname, "--relay-reservations", "100000", ...limits);
  const health = (await (await fetch(`${inspected.url}/health`)).json()) as { relayPeerId: string };
  const cost = await reservations(inspected, health.relayPeerId, "kith", relayClients);
  tell("devices at the node's relay", relayClients, cost);
  expect(cost.usedKb).toBeLessThan(220);
  if (isFull) expect(cost.loopP99Ms).toBeLessThan(50);
}, 900_000);

it("devices with a reservation at a relay with libp2p's defaults", async () => {
  const inspected = await startInspected(fileURLToPath(new URL("../support/default-relay.ts", import.meta.url)));
  // With 2,000 of them it does not answer in time any more.
  const cost = await reservations(inspected, inspected.peer ?? "", "defaults", 200);
  tell("devices at a relay with libp2p's defaults", 200, cost);
}, 900_000);

/** The node's faults at their full size, of which the gate has a short version (FAULTS F2, F3, F12, F13). Prints what it measured, and asserts the table's figures. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { flood } from "../support/flood.ts";
import { killAmidAppends, tellKills } from "../support/kill-amid-appends.ts";
import { startInspectedNode } from "../support/node-inspector.ts";
import { startNodeProcess } from "../support/node-process.ts";
import { askingClient } from "../support/raw-topic-client.ts";
import { median, restartWithClients, tellRestart } from "../support/restart-with-clients.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { p99, silentSockets, tellSilent } from "../support/silent-sockets.ts";

const mib = 1_048_576;
const seed = Date.now() % 1_000_000;
console.log(`seed ${seed}`);
const random = seededRandom(seed);

it("F2: 20 kills amid appends, the client's own back-off", async () => {
  const node = await startNodeProcess("--app", import.meta.dirname, "--relay-reservations", "0");
  onTestFinished(() => node.discard());
  const outcome = await killAmidAppends(node, 20, 1, random);
  console.log(tellKills(outcome));
  expect(outcome).toMatchObject({ lost: 0, doubled: 0 });
  expect(Math.max(...outcome.recoveriesMs)).toBeLessThan(5_000);
}, 900_000);

it("F3: a restart under 200 clients, all with reservations", async () => {
  const node = await startNodeProcess("--app", import.meta.dirname, "--max-connections-per-address", "1000");
  onTestFinished(() => node.discard());
  const outcome = await restartWithClients(node, 200, 200);
  console.log(tellRestart(outcome));
  expect(median(outcome.backAfterMs)).toBeLessThan(15_000);
  expect(Math.max(...outcome.backAfterMs)).toBeLessThan(60_000);
  expect(outcome.mostInOneSecond).toBeLessThanOrEqual(40);
}, 300_000);

it("F12: 1,100 silent sockets, honest dials meanwhile", async () => {
  const node = await startNodeProcess("--app", import.meta.dirname, "--max-connections-per-address", "2000");
  onTestFinished(() => node.discard());
  const outcome = await silentSockets(node);
  console.log(tellSilent(outcome));
  expect(Math.max(...outcome.stayedMs)).toBeLessThan(15_000);
  expect(p99(outcome.dialsMs)).toBeLessThan(1_000);
}, 60_000);

it("F13: 1,000 fresh devices a minute at the relay, each gone again after ten seconds", async () => {
  const { url, port, look, discard } = await startInspectedNode("--app", import.meta.dirname);
  onTestFinished(discard);
  const { relayPeerId } = (await (await fetch(`${url}/health`)).json()) as { relayPeerId: string };
  const relay = `/ip4/127.0.0.1/tcp/${port}/ws/p2p/${relayPeerId}`;
  const bob = await askingClient(url, random.bytes(32));
  const othersP99 = async (isOver: () => boolean): Promise<number> => {
    const times = [];
    while (!isOver()) {
      const sentAtMs = performance.now();
      expect((await bob.append(random.bytes(1_024))).kind).toBe("custody");
      times.push(performance.now() - sentAtMs);
      await sleep(20);
    }
    return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN;
  };
  const calmUntilMs = performance.now() + 10_000;
  const calmMs = await othersP99(() => performance.now() > calmUntilMs);
  const before = await look();
  let isOver = false;
  const flooding = flood({ url, of: "devices", relay, perSecond: 1_000 / 60, seconds: 60 }).finally(() => {
    isOver = true;
  });
  const floodedMs = await othersP99(() => isOver);
  const { reserved = 0, lost = 0 } = await flooding;
  const after = await look();
  console.log(
    `${reserved} devices in a minute, ${lost} not let in: others' p99 ${calmMs.toFixed(1)} ms before, ${floodedMs.toFixed(1)} ms meanwhile; ` +
      `${((after.residentBytes - before.residentBytes) / mib).toFixed(0)} MiB more, ${((after.usedBytes - before.usedBytes) / mib).toFixed(1)} of them in use`,
  );
  expect(reserved).toBeGreaterThan(900);
  expect(floodedMs).toBeLessThan(Math.max(2 * calmMs, 50));
  expect(after.residentBytes - before.residentBytes).toBeLessThan(100 * mib);
}, 300_000);

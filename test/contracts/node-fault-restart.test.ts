/**
 * A node restarts under 200 clients (F3). Twenty of them have a reservation too; `npm run bench -- bench/node-faults` has
 * 200, and says how long it takes. Here that is asked in the clients' own time, which no busy machine makes longer.
 */
import { expect, it, onTestFinished } from "vitest";
import { startNodeProcess } from "../support/node-process.ts";
import { median, mostWithin, restartWithClients, tellRestart } from "../support/restart-with-clients.ts";
import { newTopic, roughWire } from "../support/rough-wire.ts";

const clients = 200;

it("has 200 clients following, and 20 reservations, again after a restart (F3)", async () => {
  const node = await startNodeProcess("--app", import.meta.dirname, "--max-connections-per-address", "1000");
  onTestFinished(() => node.discard());
  const outcome = await restartWithClients(node, clients, 20);
  console.log(tellRestart(outcome));
  expect(outcome.backAfterMs).toHaveLength(clients);
}, 180_000);

it("has 200 clients following again after all were lost at once: half within 15 s, all within 60 s, never more than 40 in a second (F3)", async () => {
  const flags = ["--app", import.meta.dirname, "--relay-reservations", "0", "--max-connections-per-address", "1000"];
  const node = await startNodeProcess(...flags);
  onTestFinished(() => node.discard());
  const wire = await roughWire(node);
  onTestFinished(wire.stop);
  const followedAtMs: number[] = [];
  const wake = () => followedAtMs.push(wire.clock.now());
  for (const client of [wire.client, ...Array.from({ length: clients - 1 }, wire.join)]) {
    client.follow(newTopic(), { wake, signal: () => {} });
  }
  while (followedAtMs.length < clients) await wire.atRest();

  followedAtMs.length = 0;
  wire.proxy.reset();
  await wire.atRest();
  const lostAtMs = wire.clock.now();
  while (followedAtMs.length < clients && (await wire.clock.step(60_000)));
  const backAfterMs = followedAtMs.map((atMs) => atMs - lostAtMs);
  const most = mostWithin(backAfterMs, 1_000);
  console.log(
    `virtual time: half back after ${median(backAfterMs)} ms, all after ${Math.max(...backAfterMs)} ms, ${most} in a second at most`,
  );
  expect(backAfterMs).toHaveLength(clients);
  expect(median(backAfterMs)).toBeLessThan(15_000);
  expect(Math.max(...backAfterMs)).toBeLessThan(60_000);
  expect(most).toBeLessThanOrEqual(40);
}, 120_000);

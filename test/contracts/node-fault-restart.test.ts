/** A node restarts under 200 clients (F3). Twenty of them have a reservation too; `npm run bench -- bench/node-faults` has 200. */
import { expect, it, onTestFinished } from "vitest";
import { startNodeProcess } from "../support/node-process.ts";
import { median, restartWithClients, tellRestart } from "../support/restart-with-clients.ts";

it("has 200 clients following, and 20 reservations, again after a restart: half within 15 s, all within 60 s, never more than 40 in a second (F3)", async () => {
  const node = await startNodeProcess("--app", import.meta.dirname, "--max-connections-per-address", "1000");
  onTestFinished(() => node.discard());
  const outcome = await restartWithClients(node, 200, 20);
  console.log(tellRestart(outcome));
  expect(outcome.backAfterMs).toHaveLength(200);
  expect(median(outcome.backAfterMs)).toBeLessThan(15_000);
  expect(Math.max(...outcome.backAfterMs)).toBeLessThan(60_000);
  expect(outcome.mostInOneSecond).toBeLessThanOrEqual(40);
}, 120_000);

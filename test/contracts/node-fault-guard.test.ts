/** Sockets that say nothing, or never say all (F12): each is closed, and whoever has something to say is served meanwhile. */
import { expect, it, onTestFinished } from "vitest";
import { startNodeProcess } from "../support/node-process.ts";
import { silentSockets, tellSilent } from "../support/silent-sockets.ts";

/** The guard's own bounds are 10 s for a head or a handshake and a look every 2 s. */
const closedWithinMs = 15_000;

it("closes 500 silent sockets and 500 half heads within 15 s, and 50 that are silent at the relay, and serves honest dials meanwhile", async () => {
  const node = await startNodeProcess("--app", import.meta.dirname, "--max-connections-per-address", "2000");
  onTestFinished(() => node.discard());
  const outcome = await silentSockets(node);
  console.log(tellSilent(outcome));
  // A machine as late with its timers as with an honest dial is not the node's fault; how late that may be, the bench says.
  expect(Math.max(...outcome.stayedMs)).toBeLessThan(closedWithinMs + (outcome.dialsMs.at(-1) ?? 0));
  expect(outcome.dialsMs.length).toBeGreaterThan(5);
});

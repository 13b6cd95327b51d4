/** A node killed amid appends, 20 times (F2). The client's waits are a tenth here; `npm run bench -- bench/node-faults` has them whole. */
import { expect, it, onTestFinished } from "vitest";
import { killAmidAppends, tellKills } from "../support/kill-amid-appends.ts";
import { startNodeProcess } from "../support/node-process.ts";
import { seededRandom } from "../support/seeded-random.ts";

it("loses nothing it has custody for when the node is killed amid appends, 20 times, doubles nothing, and is back within 5 s and the back-off (F2)", async () => {
  const node = await startNodeProcess("--app", import.meta.dirname, "--relay-reservations", "0");
  onTestFinished(() => node.discard());
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  const outcome = await killAmidAppends(node, 20, 10, seededRandom(seed));
  console.log(tellKills(outcome));
  expect(outcome).toMatchObject({ lost: 0, doubled: 0 });
  expect(outcome.sent).toBeGreaterThan(20 * 40);
  expect(outcome.recoveriesMs).toHaveLength(20);
  // 5 s is what it takes on a machine of its own; here others may be at work.
  expect(Math.max(...outcome.recoveriesMs)).toBeLessThan(15_000);
}, 300_000);

// Two browsers whose networks let no UDP through (FAULTS F19): the node carries everything, at once, and nobody dials in a
// loop. With NATs around them: nat.test.ts.
import { expect, test } from "@playwright/test";
import { startNodeProcess } from "../support/node-process.ts";
import { befriend, begin, household, linkStats, makeInvite, message, type Person, write } from "../support/people.ts";

/** F19: 1 s, three times as much on a busy machine. */
const deliveredWithinMs = 3 * 1_000;
const watchedMs = 20_000;
const rounds = 5;

test("F19: without a direct path messages go through the node at once, and no reconnect loop begins", async () => {
  test.setTimeout(120_000);
  const node = await startNodeProcess();
  const home = await household();
  try {
    const options = { before: withoutPaths };
    const alice = await home.open("Alice", node.url, options);
    await begin(alice);
    const bob = await home.open("Bob", await makeInvite(alice), options);
    const sockets = [alice, bob].map(countSockets);
    await befriend(alice, bob);
    const dialled = async () => (await dialsOf(alice)).length + (await dialsOf(bob)).length;
    await expect.poll(dialled).toBeGreaterThan(0);

    const fromMs = performance.now();
    const tookMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      tookMs.push(await delivery(alice, bob, `alice ${round}.`), await delivery(bob, alice, `bob ${round}.`));
    }
    console.log(`  F19: delivered through the node after ${tookMs.join(", ")} ms`);
    for (const ms of tookMs) expect(ms).toBeLessThan(deliveredWithinMs);

    await new Promise((resolve) => setTimeout(resolve, watchedMs - (performance.now() - fromMs)));
    for (const [index, person] of [alice, bob].entries()) {
      expect(await linkStats(person)).toEqual([]);
      const dials = await dialsOf(person);
      const made = sockets[index];
      console.log(
        `  F19: ${person.name} tried WebRTC ${dials.length} times, at s ${dials.map((ms) => (ms / 1_000).toFixed(1)).join(", ")}; sockets to the node: ${JSON.stringify(made)}`,
      );
      // A dial is three tries of 2, 3 and 5 s; after it a pause of 5 s, which doubles; after 20 s the other side tries too.
      expect(dials.length).toBeLessThanOrEqual(9);
      // One to the mailbox; one to the relay and, where libp2p closed it with a dial that failed, another.
      expect(made?.topics ?? 0).toBeLessThanOrEqual(1);
      expect(made?.relay ?? 0).toBeLessThanOrEqual(2);
    }
  } finally {
    await home.end();
    await node.discard();
  }
});

/** Milliseconds from writing until the other sees it. */
async function delivery(from: Person, to: Person, text: string): Promise<number> {
  const startedMs = performance.now();
  const [, arrivedMs] = await Promise.all([
    write(from, text),
    expect(message(to, text))
      .toBeVisible()
      .then(() => performance.now()),
  ]);
  return Math.round(arrivedMs - startedMs);
}

/** WebRTC is there and finds no address that works, as where UDP is blocked. Remembers when it was tried. */
function withoutPaths(): void {
  const dials: number[] = [];
  const Original = RTCPeerConnection;
  Object.assign(globalThis, { kithDials: dials });
  globalThis.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super({ ...configuration, iceTransportPolicy: "relay" });
      dials.push(performance.now());
    }
  };
}

function dialsOf({ page }: Person): Promise<readonly number[]> {
  return page.evaluate(() => (globalThis as unknown as { kithDials: number[] }).kithDials);
}

/** WebSockets that this page opens from now on. */
function countSockets({ page }: Person): { topics: number; relay: number } {
  const made = { topics: 0, relay: 0 };
  page.on("websocket", (socket) => {
    made[socket.url().endsWith("/topics") ? "topics" : "relay"] += 1;
  });
  return made;
}

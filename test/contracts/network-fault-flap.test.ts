/** Networks that come and go, and what is left behind by coming back often (FAULTS F6, F7). Real wire and node, virtual time. */
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { toHex } from "../../core/lang/bytes.ts";
import type { NodeClient, TopicAccess } from "../../core/ports/node.ts";
import { heldBytes, openSockets } from "../support/heap.ts";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";
import { anEnvelope, newTopic, roughWire } from "../support/rough-wire.ts";

let node: NodeProcess;
beforeAll(async () => {
  node = await startNodeProcess("--relay-reservations", "0", "--app", import.meta.dirname);
});
afterAll(() => node.discard());

/** Appends in order, each until the node has it; as an outbox does. */
async function send(client: NodeClient, access: TopicAccess, envelopes: readonly Uint8Array[]): Promise<void> {
  for (const envelope of envelopes) {
    while (!(await client.append(access, envelope)).ok) await connection(client);
  }
}

function connection(client: NodeClient): Promise<void> {
  return new Promise((resolve) => {
    let end = () => {};
    end = client.status.subscribe(({ kind }) => {
      if (kind !== "connected") return;
      queueMicrotask(() => end());
      resolve();
    });
  });
}

/** Everything in the topic, read on every wake from where it was, as a mailbox does. */
function mailbox(client: NodeClient, access: TopicAccess): readonly string[] {
  const got: string[] = [];
  let cursor = 0;
  let isReading = false;
  const read = async (): Promise<void> => {
    if (isReading) return;
    isReading = true;
    for (;;) {
      const page = await client.read(access, cursor, 50);
      if (!page.ok) break;
      for (const { sequence, envelope } of page.value.entries) {
        cursor = sequence;
        got.push(toHex(envelope));
      }
      if (cursor >= page.value.latest) break;
    }
    isReading = false;
  };
  client.follow(access, { wake: () => void read(), signal: () => {} });
  return got;
}

it.each([
  ["tell", 1],
  ["do not tell", 2],
  ["do not tell", 3],
])(
  "F7: through 30 flaps of 5 s, of which the browsers %s, everything arrives once, with at most 3 reconnects a minute (seed %i)",
  async (telling, seed) => {
    const wire = await roughWire(node, seed);
    onTestFinished(wire.stop);
    const [alice, bob, access] = [wire.client, wire.join(), newTopic()];
    const inbox = mailbox(bob, access);
    await wire.atRest();
    const sent: string[] = [];
    const sending: Promise<void>[] = [];
    for (let flap = 0; flap < 30; flap++) {
      const envelopes = [anEnvelope(), anEnvelope()];
      sent.push(...envelopes.map(toHex));
      sending.push(send(alice, access, envelopes));
      await wire.clock.advance(5_000);
      wire.proxy.become("cut");
      wire.proxy.reset();
      await wire.clock.advance(5_000);
      wire.proxy.become("clear");
      if (telling === "tell") for (const client of [alice, bob]) client.hurry();
    }
    const reconnectsOfEach = wire.proxy.made / 2 - 1;
    let afterMs = 0;
    while (inbox.length < sent.length && afterMs < 60_000) {
      await wire.clock.advance(1_000);
      afterMs += 1_000;
    }
    console.log(
      `  F7, virtual time: reconnects a minute ${(reconnectsOfEach / 5).toFixed(1)}, all there ${afterMs / 1_000} s after`,
    );
    expect([...inbox].sort()).toEqual([...sent].sort());
    expect(afterMs).toBeLessThanOrEqual(30_000);
    expect(reconnectsOfEach).toBeGreaterThan(3);
    expect(reconnectsOfEach).toBeLessThanOrEqual(5 * 3);
    await Promise.all(sending);
  },
);

it("F6: leaves no memory, timer or socket behind in 200 reconnects", async () => {
  const wire = await roughWire(node, 1);
  onTestFinished(wire.stop);
  const { client, proxy } = wire;
  const topics = Array.from({ length: 8 }, newTopic);
  let woken = 0;
  for (const access of topics) client.follow(access, { wake: () => (woken += 1), signal: () => {} });

  async function reconnect(times: number): Promise<void> {
    for (let round = 0; round < times; round++) {
      proxy.become(round % 10 === 0 ? "trickle" : "clear");
      void client.append(newTopic(), anEnvelope());
      // The wire breaks in the middle of what is said.
      proxy.reset();
      const wanted = woken + topics.length;
      while (woken < wanted) await wire.clock.advance(12_000);
    }
    proxy.become("clear");
    await wire.atRest();
  }
  const state = async () => ({
    sockets: openSockets(),
    toProxy: proxy.open,
    timers: wire.timers(),
    bytes: await heldBytes(),
  });

  await reconnect(40);
  const before = await state();
  const madeBefore = proxy.made;
  await reconnect(200);
  const after = await state();
  console.log(`  200 reconnects: ${JSON.stringify(before)} became ${JSON.stringify(after)}`);
  expect(proxy.made - madeBefore).toBeGreaterThanOrEqual(200);
  expect([after.sockets, after.toProxy, after.timers]).toEqual([before.sockets, before.toProxy, before.timers]);
  expect(after.bytes).toBeLessThan(before.bytes * 1.05);
}, 120_000);

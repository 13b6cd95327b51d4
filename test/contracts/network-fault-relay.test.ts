/** The supervisor over real libp2p and a real relay, on a wire that can go bad (FAULTS F6, F7). */
import { expect, it, onTestFinished } from "vitest";
import type { NodeUrl } from "../../core/lang/brand.ts";
import { type ChaosProxy, startChaosProxy } from "../support/chaos-proxy.ts";
import { countedClock } from "../support/counted-clock.ts";
import { heldBytes, openSockets } from "../support/heap.ts";
import { device, isReachable, until } from "../support/links.ts";
import { startRelay } from "../support/relay.ts";
import { virtualClock } from "../support/virtual-clock.ts";

async function relayBehind(): Promise<{ relay: Awaited<ReturnType<typeof startRelay>>; proxy: ChaosProxy }> {
  const relay = await startRelay();
  const proxy = await startChaosProxy(relay);
  onTestFinished(async () => {
    await relay.stop();
    await proxy.stop();
  });
  return { relay, proxy };
}

/** Time is virtual: between two timers the wire comes to rest, or as good as. */
async function reachable() {
  const { relay, proxy } = await relayBehind();
  const clock = virtualClock(1_700_000_000_000, () => proxy.quiet(25));
  const counted = countedClock(clock);
  const network = device(counted);
  onTestFinished(() => network.stop());
  const seen: string[] = [];
  network.reach.subscribe(({ kind }) => seen.push(kind));
  network.start([
    { node: `http://127.0.0.1:${proxy.port}` as NodeUrl, relayPeerId: relay.relayPeerId, iceServers: [] },
  ]);
  await until(network.reach, isReachable);

  /** The virtual milliseconds until this has been seen, from now or the given place in what was seen on. */
  const becomes = async (kind: "reachable" | "unreachable", from = seen.length - 1): Promise<number> => {
    const fromMs = clock.now();
    while (!seen.slice(from).includes(kind)) {
      // Without a timer something is under way that is none of ours.
      if (!(await clock.step(60_000))) await proxy.quiet();
    }
    return clock.now() - fromMs;
  };
  return { proxy, clock, counted, network, seen, becomes };
}

it("finds a relay that fell silent when somebody hurries, leaves it and reserves anew", async () => {
  const { proxy, network, seen, becomes } = await reachable();
  proxy.become("deaf");
  proxy.become("clear");
  network.hurry();
  await proxy.quiet();
  // 5 s for the answer that does not come, 1 s for a farewell that nobody hears.
  expect(await becomes("unreachable")).toBeLessThanOrEqual(6_000);
  expect(await becomes("reachable", seen.indexOf("unreachable"))).toBeLessThanOrEqual(22_000);
});

it("reserves again after every loss, and leaves no memory, timer or socket behind in 100 of them", async () => {
  const { proxy, counted, network, seen, becomes } = await reachable();
  async function reconnect(times: number): Promise<void> {
    for (let round = 0; round < times; round++) {
      const away = until(network.reach, ({ kind }) => kind === "unreachable");
      proxy.reset();
      await away;
      await becomes("reachable");
    }
  }
  const state = async () => ({
    sockets: openSockets(),
    toProxy: proxy.open,
    timers: counted.pending,
    bytes: await heldBytes(),
  });
  await reconnect(40);
  const before = await state();
  await reconnect(100);
  const after = await state();
  console.log(`  100 reservations: ${JSON.stringify(before)} became ${JSON.stringify(after)}`);
  expect(seen.filter((kind) => kind === "reachable").length).toBeGreaterThan(140);
  expect([after.sockets, after.toProxy, after.timers]).toEqual([before.sockets, before.toProxy, before.timers]);
  expect(after.bytes).toBeLessThan(before.bytes * 1.05);
});

it("F7: through 30 flaps it is reserved at most 3 times a minute, and within 22 s after the last", async () => {
  const { proxy, clock, network, seen, becomes } = await reachable();
  for (let flap = 0; flap < 30; flap++) {
    proxy.become("cut");
    proxy.reset();
    await clock.advance(5_000);
    proxy.become("clear");
    network.hurry();
    await clock.advance(5_000);
  }
  const again = seen.filter((kind) => kind === "reachable").length - 1;
  expect(await becomes("reachable")).toBeLessThanOrEqual(22_000);
  expect(again).toBeGreaterThan(5);
  expect(again).toBeLessThanOrEqual(5 * 3);
});

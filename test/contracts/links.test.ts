// Links between real libp2p nodes through a real relay on loopback; WebRTC by node-datachannel. PROTOCOL.md §7.
import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { LinkNetwork } from "../../core/ports/links.ts";
import {
  countingClock,
  device,
  inboxOf,
  incoming,
  isReachable,
  manualClock,
  patience,
  until,
} from "../support/links.ts";
import { startRelay, type TestRelay } from "../support/relay.ts";
import { startStranger } from "../support/stranger.ts";

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function relayHere(options: Parameters<typeof startRelay>[0] = {}): Promise<TestRelay> {
  const relay = await startRelay(options);
  endings.push(relay.stop);
  return relay;
}

function deviceOf(clock = countingClock(patience)): LinkNetwork {
  const network = device(clock);
  endings.push(network.stop);
  return network;
}

async function reachableAt(relay: TestRelay, network = deviceOf()) {
  network.start([relay]);
  const { peer, addresses } = await until(network.reach, isReachable);
  return { network, peer, addresses, next: incoming(network) };
}

/** Alice and bob at one relay, and a link that alice dialled. */
async function linked() {
  const relay = await relayHere();
  const [alice, bob] = await Promise.all([reachableAt(relay), reachableAt(relay)]);
  const dialled = await alice.network.dial(bob.peer, bob.addresses, "direct");
  if (!dialled.ok) throw new Error(`no link: ${dialled.error}`);
  return { relay, alice, bob, here: inboxOf(dialled.value), there: await bob.next() };
}

test("links two devices directly through a relay and tells both who the other is", async () => {
  const { alice, bob, here, there } = await linked();
  expect([here.link.role, here.link.localPeer, here.link.remotePeer]).toEqual(["dialler", alice.peer, bob.peer]);
  expect([there.link.role, there.link.localPeer, there.link.remotePeer]).toEqual(["listener", bob.peer, alice.peer]);
  expect(await until(here.link.path, () => true)).toBe("direct");
});

test("carries frames up to 72 KiB both ways, whole and in order", async () => {
  const { here, there } = await linked();
  const sizes = [1, 65_536, 2, 72 * 1_024, 16_384];
  const frames = sizes.map((size, index) => new Uint8Array(size).fill(index + 1));
  for (const frame of frames) {
    await here.link.send(frame);
    await there.link.send(frame);
  }
  const whole = sizes.reduce((sum, size) => sum + size);
  await Promise.all([here.atLeast(whole), there.atLeast(whole)]);
  expect(here.frames).toEqual(frames);
  expect(there.frames).toEqual(frames);
});

test("holds a sender back while the buffers are full", async () => {
  const { here, there } = await linked();
  const frame = new Uint8Array(65_536);
  const count = 320;
  let mostUnderway = 0;
  for (let sent = 1; sent <= count; sent++) {
    await here.link.send(frame);
    mostUnderway = Math.max(mostUnderway, sent * frame.length - there.received);
  }
  await there.atLeast(count * frame.length);
  expect(mostUnderway).toBeGreaterThan(frame.length);
  expect(mostUnderway).toBeLessThan(8 * 1_024 * 1_024);
});

test("tells both sides once when one closes, and delivers what was sent before", async () => {
  const { here, there } = await linked();
  await here.link.send(new Uint8Array([7]));
  here.link.close();
  here.link.close();
  await Promise.all([here.closed, there.closed]);
  expect(there.frames).toEqual([new Uint8Array([7])]);
  expect(await here.link.send(new Uint8Array([8]))).toEqual({ ok: false, error: "closed" });
});

test("notices that the other device went away", async () => {
  const { bob, here } = await linked();
  await bob.network.stop();
  await here.closed;
});

test("keeps a link while its relay is gone", async () => {
  const { relay, alice, here, there } = await linked();
  await relay.stop();
  await until(alice.network.reach, ({ kind }) => kind === "unreachable");
  await here.link.send(new Uint8Array([1]));
  await there.atLeast(1);
});

test("reserves again by itself when the relay comes back", async () => {
  const relay = await relayHere();
  const [alice, bob] = await Promise.all([reachableAt(relay), reachableAt(relay)]);
  await relay.stop();
  await Promise.all([alice, bob].map(({ network }) => until(network.reach, ({ kind }) => kind === "unreachable")));
  await relayHere({ again: relay });
  await Promise.all([alice, bob].map(({ network }) => until(network.reach, isReachable)));
  expect(await alice.network.dial(bob.peer, bob.addresses, "direct")).toMatchObject({ ok: true });
});

test("starts without its relay, says so, and is reachable when the relay appears", async () => {
  const relay = await startRelay();
  await relay.stop();
  const alice = deviceOf();
  alice.start([relay]);
  expect(await until(alice.reach, ({ kind }) => kind === "unreachable")).toEqual({
    kind: "unreachable",
    why: "relay-away",
  });
  await relayHere({ again: relay });
  await until(alice.reach, isReachable);
});

test("says that the relay is full, and takes the place of whoever leaves when told to hurry", async () => {
  const relay = await relayHere({ maxReservations: 1 });
  const alice = await reachableAt(relay);
  const bob = deviceOf();
  bob.start([relay]);
  expect(await until(bob.reach, ({ kind }) => kind === "unreachable")).toEqual({
    kind: "unreachable",
    why: "relay-full",
  });
  await alice.network.stop();
  relay.forget(alice.peer);
  bob.hurry();
  await until(bob.reach, isReachable);
});

test("says that WebRTC is missing and loads nothing", async () => {
  const relay = await relayHere();
  const { createLinkNetwork } = await import("../../core/network/link-network.ts");
  const { random } = await import("../support/links.ts");
  const alice = createLinkNetwork({ clock: countingClock(), random, webrtc: false });
  alice.start([relay]);
  expect(await until(alice.reach, () => true)).toEqual({ kind: "unreachable", why: "no-webrtc" });
  expect(await alice.dial("x", [], "direct")).toEqual({ ok: false, error: "no-webrtc" });
});

test("answers at once that an absent device is unreachable", async () => {
  const relay = await relayHere();
  const [alice, bob] = await Promise.all([reachableAt(relay), reachableAt(relay)]);
  await bob.network.stop();
  await relay.without(bob.peer);
  expect(await alice.network.dial(bob.peer, bob.addresses, "direct")).toEqual({ ok: false, error: "unreachable" });
});

test("gives both a working link when both dial at once", async () => {
  const relay = await relayHere();
  const [alice, bob] = await Promise.all([reachableAt(relay), reachableAt(relay)]);
  const outcomes = await Promise.all([
    alice.network.dial(bob.peer, bob.addresses, "direct"),
    bob.network.dial(alice.peer, alice.addresses, "direct"),
  ]);
  const made = outcomes.filter(({ ok }) => ok).length;
  expect(made).toBeGreaterThan(0);
  const [fromAlice, fromBob] = outcomes;
  if (fromAlice.ok) {
    const there = await bob.next();
    await fromAlice.value.send(new Uint8Array([1]));
    await there.atLeast(1);
  }
  if (fromBob.ok) {
    const there = await alice.next();
    await fromBob.value.send(new Uint8Array([2]));
    await there.atLeast(1);
  }
});

test("ends the earlier link when the same device dials again", async () => {
  const { alice, bob, here, there } = await linked();
  const again = await alice.network.dial(bob.peer, bob.addresses, "direct");
  expect(again.ok).toBe(true);
  await Promise.all([here.closed, there.closed]);
  const second = await bob.next();
  if (again.ok) await again.value.send(new Uint8Array([3]));
  await second.atLeast(1);
});

test("connects to no host that an address from outside names", async () => {
  const relay = await relayHere();
  const [alice, bob] = await Promise.all([reachableAt(relay), reachableAt(relay)]);
  let knocks = 0;
  const trap = createServer((socket) => {
    knocks++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => trap.listen(0, "127.0.0.1", resolve));
  endings.push(async () => trap.close());
  const trapAt = `/ip4/127.0.0.1/tcp/${(trap.address() as { port: number }).port}`;
  const foreign = [
    `${trapAt}/ws/p2p/${bob.peer}`,
    `${trapAt}/p2p/${bob.peer}`,
    `${trapAt}/ws/p2p/${alice.peer}/p2p-circuit/webrtc/p2p/${bob.peer}`,
    `${trapAt}/ws/p2p-circuit/webrtc/p2p/${bob.peer}`,
  ];
  for (const address of foreign) {
    expect(await alice.network.dial(bob.peer, [address], "direct")).toEqual({ ok: false, error: "unreachable" });
  }
  // One that names our relay at a host of the stranger's choosing is dialled at the relay's address that we know.
  const misplaced = `${trapAt}/ws/p2p/${relay.relayPeerId}/p2p-circuit/webrtc/p2p/${bob.peer}`;
  expect((await alice.network.dial(bob.peer, [misplaced], "direct")).ok).toBe(true);
  expect(knocks).toBe(0);
});

test("closes the link of a peer that announces a frame that is too long", async () => {
  const relay = await relayHere();
  const bob = await reachableAt(relay);
  const mallory = await startStranger();
  endings.push(mallory.stop);
  const { stream } = await mallory.openLink(bob.addresses[0]!);
  const there = await bob.next();
  stream.send(new Uint8Array([0, 1, 32, 1]));
  await there.closed;
  expect(there.frames).toEqual([]);
});

test("ends a connection over which no link comes", async () => {
  const relay = await relayHere();
  const clock = manualClock();
  const bob = await reachableAt(relay, deviceOf(clock));
  const mallory = await startStranger();
  endings.push(mallory.stop);
  const { closed } = await mallory.connectOnly(bob.addresses[0]!);
  const timeFlies = setInterval(() => clock.advance(1_000), 10);
  await closed;
  clearInterval(timeFlies);
});

test("leaves no timer, connection or reservation when stopped, and can start again under another name", async () => {
  const relay = await relayHere();
  const clock = countingClock();
  const alice = await reachableAt(relay, deviceOf(clock));
  const bob = await reachableAt(relay);
  const dialled = await alice.network.dial(bob.peer, bob.addresses, "direct");
  expect(dialled.ok).toBe(true);
  await alice.network.stop();
  expect(clock.pending).toBe(0);
  expect(await until(alice.network.reach, () => true)).toEqual({ kind: "idle" });
  await relay.without(alice.peer);
  alice.network.start([relay]);
  expect((await until(alice.network.reach, isReachable)).peer).not.toBe(alice.peer);
});

test("leaves no timer when stopped while somebody is connecting", async () => {
  const relay = await relayHere();
  const clock = manualClock();
  const bob = await reachableAt(relay, deviceOf(clock));
  const quiet = clock.pending;
  const mallory = await startStranger();
  endings.push(mallory.stop);
  const connecting = mallory.connectOnly(bob.addresses[0]!);
  // Two timers of the circuit and of what comes through it: time stands still, so they stay.
  while (clock.pending < quiet + 2) await new Promise((resolve) => setImmediate(resolve));
  await bob.network.stop();
  expect(clock.pending).toBe(0);
  await connecting.catch(() => {});
});

test("moves to other relays when the set changes", async () => {
  const [first, second] = [await relayHere(), await relayHere()];
  const alice = await reachableAt(first);
  alice.network.start([first, second]);
  const both = await until(alice.network.reach, (status) => isReachable(status) && status.addresses.length === 2);
  expect(isReachable(both) && both.peer).toBe(alice.peer);
  alice.network.start([second]);
  const moved = await until(alice.network.reach, (status) => isReachable(status) && status.addresses.length === 1);
  expect(isReachable(moved) && moved.addresses[0]).toContain(second.relayPeerId);
});

// Who is linked with, and what they may learn: relay-only links between real libp2p nodes through a real relay, and
// strangers who keep to no rule. PROTOCOL.md §7. What a browser sends is in links-addresses.test.ts.
import { afterEach, expect, test } from "vitest";
import type { Clock } from "../../core/ports/clock.ts";
import type { LinkNetwork, LinkPrivacy } from "../../core/ports/links.ts";
import {
  type Answer,
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
import { type Stranger, startStranger } from "../support/stranger.ts";

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function relayHere(options: Parameters<typeof startRelay>[0] = {}): Promise<TestRelay> {
  const relay = await startRelay(options);
  endings.push(relay.stop);
  return relay;
}

async function strangerHere(): Promise<Stranger> {
  const mallory = await startStranger();
  endings.push(mallory.stop);
  return mallory;
}

/** Says `answer` of everybody who dials. */
async function reachableAt(relay: TestRelay, answer: Answer = "direct", clock: Clock = countingClock(patience)) {
  const network: LinkNetwork = device(clock);
  endings.push(network.stop);
  network.start([relay]);
  const { peer, addresses, relayed } = await until(network.reach, isReachable);
  return { network, peer, addresses, relayed, next: incoming(network, answer) };
}

async function linked(how: { readonly dialler: LinkPrivacy; readonly listener: LinkPrivacy }) {
  const relay = await relayHere();
  const [alice, bob] = await Promise.all([reachableAt(relay), reachableAt(relay, how.listener)]);
  const addresses = how.listener === "direct" ? bob.addresses : bob.relayed;
  const dialled = await alice.network.dial(bob.peer, addresses, how.dialler);
  if (!dialled.ok) throw new Error(`no link: ${dialled.error}`);
  return { relay, alice, bob, here: inboxOf(dialled.value), there: await bob.next() };
}

test.each([
  { dialler: "relay-only", listener: "direct" },
  { dialler: "direct", listener: "relay-only" },
  { dialler: "relay-only", listener: "relay-only" },
] as const)("links through the node alone when it is $dialler for the one and $listener for the other", async (how) => {
  const { alice, bob, here, there } = await linked(how);
  for (const { link } of [here, there]) {
    expect([link.privacy, await until(link.path, () => true)]).toEqual(["relay-only", "relayed"]);
  }
  expect([here.link.remotePeer, there.link.remotePeer]).toEqual([bob.peer, alice.peer]);
  const frames = [1, 72 * 1_024, 5].map((size) => new Uint8Array(size).fill(size % 251));
  for (const frame of frames) {
    await here.link.send(frame);
    await there.link.send(frame);
  }
  await Promise.all([here.atLeast(72 * 1_024 + 6), there.atLeast(72 * 1_024 + 6)]);
  expect([here.frames, there.frames]).toEqual([frames, frames]);
  here.link.close();
  await Promise.all([here.closed, there.closed]);
});

test("holds a sender back on a relayed link too", async () => {
  const { here, there } = await linked({ dialler: "relay-only", listener: "relay-only" });
  const frame = new Uint8Array(65_536);
  let mostUnderway = 0;
  for (let sent = 1; sent <= 320; sent++) {
    await here.link.send(frame);
    mostUnderway = Math.max(mostUnderway, sent * frame.length - there.received);
  }
  await there.atLeast(320 * frame.length);
  expect(mostUnderway).toBeLessThan(16 * 1_024 * 1_024);
});

test("hears that a relayed link's relay is gone", async () => {
  const { relay, here, there } = await linked({ dialler: "relay-only", listener: "direct" });
  await relay.stop();
  await Promise.all([here.closed, there.closed]);
});

test("answers WebRTC by address of a device that is relay-only now at once with no, and never again by itself", async () => {
  const relay = await relayHere();
  // No deadline of a dial passes on this clock: what ends the dial is the answer.
  const still = manualClock();
  const [alice, bob] = await Promise.all([reachableAt(relay, "direct", still), reachableAt(relay, "relay-only")]);
  expect(await alice.network.dial(bob.peer, bob.addresses, "direct")).toEqual({ ok: false, error: "unreachable" });
  expect(await alice.network.dial(bob.peer, bob.relayed, "direct")).toMatchObject({ ok: true });
});

test("says nothing on WebRTC signalling to who is to be linked with relay-only", async () => {
  const relay = await relayHere();
  const [bob, carol] = await Promise.all([reachableAt(relay, "relay-only"), reachableAt(relay, "direct")]);
  const mallory = await strangerHere();
  expect(await mallory.signal(bob.relayed[0]!)).toEqual([]);
  // The same question to one who may answer.
  expect((await mallory.signal(carol.relayed[0]!)).join()).toContain("a=ice-ufrag");
});

test("gives up a WebRTC connection when the answer changed while it was made", async () => {
  const relay = await relayHere();
  const [alice, bob] = await Promise.all([reachableAt(relay), reachableAt(relay)]);
  const links: unknown[] = [];
  let asked = 0;
  // Once for the circuit and once for the signalling on it.
  const admit = async () => (++asked <= 2 ? "direct" : "relay-only") as LinkPrivacy;
  bob.network.listen({ link: (link) => links.push(link), admit });
  expect(await alice.network.dial(bob.peer, bob.addresses, "direct")).toMatchObject({ ok: false });
  expect(asked).toBeGreaterThan(2);
  expect(links).toEqual([]);
});

test("lets nobody in whom the engine has not heard of, and asks before it answers anything", async () => {
  const relay = await relayHere();
  const bob = await reachableAt(relay, "refuse");
  const mallory = await strangerHere();
  await expect(mallory.circuit(bob.relayed[0]!)).rejects.toThrow("CONNECTION_FAILED");
  const asked: string[] = [];
  bob.network.listen({
    link: () => {},
    async admit(peer) {
      asked.push(peer);
      return "refuse";
    },
  });
  await expect(mallory.circuit(bob.relayed[0]!)).rejects.toThrow("CONNECTION_FAILED");
  expect(asked).toEqual([mallory.peer]);
  const alice = await reachableAt(relay);
  for (const privacy of ["direct", "relay-only"] as const) {
    expect(await alice.network.dial(bob.peer, bob.addresses, privacy)).toEqual({ ok: false, error: "unreachable" });
  }
});

test("tells no device what it sees of it or who it is: identify is not answered", async () => {
  const relay = await relayHere();
  const bob = await reachableAt(relay);
  const mallory = await strangerHere();
  const connection = await mallory.circuit(bob.relayed[0]!);
  for (const protocol of ["/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", "/ipfs/ping/1.0.0"]) {
    await expect(connection.newStream(protocol, { runOnLimitedConnection: true })).rejects.toThrow();
  }
});

test("takes nobody that it is linked with for a relay", async () => {
  const relay = await relayHere();
  const bob = await reachableAt(relay);
  const mallory = await strangerHere();
  const connection = await mallory.circuit(bob.relayed[0]!);
  const stream = await connection.newStream("/libp2p/circuit/relay/0.2.0/stop", { runOnLimitedConnection: true });
  let heardBytes = 0;
  stream.addEventListener("message", ({ data }) => {
    heardBytes += data.byteLength;
  });
  // As a relay says that somebody is calling: type 0 in field 1, and in field 2 who.
  const who = connection.remotePeer.toMultihash().bytes;
  const call = [8, 0, 18, who.length + 2, 10, who.length, ...who];
  if (stream.status === "open") stream.send(new Uint8Array([call.length, ...call]));
  await new Promise<void>((resolve) => {
    if (stream.status !== "open") resolve();
    stream.addEventListener("close", () => resolve());
  });
  expect(heardBytes).toBe(0);
});

test("ends the link with a peer and every try to make one when told to leave it", async () => {
  const { alice, bob, here, there } = await linked({ dialler: "direct", listener: "direct" });
  alice.network.leave(bob.peer);
  await Promise.all([here.closed, there.closed]);
  let asked = () => {};
  const dialled = new Promise<void>((resolve) => {
    asked = resolve;
  });
  // It rings, and is not answered.
  bob.network.listen({ link: () => {}, admit: () => new Promise(() => asked()) });
  const ringing = alice.network.dial(bob.peer, bob.addresses, "direct");
  await dialled;
  alice.network.leave(bob.peer);
  expect(await ringing).toEqual({ ok: false, error: "unreachable" });
});

test("surveys until when its relays keep a place for it", async () => {
  const relay = await relayHere();
  const alice = await reachableAt(relay);
  const { relays } = await until(alice.network.survey, ({ relays: [first] }) => first?.state === "reserved");
  expect(relays.map(({ node, state }) => [node, state])).toEqual([[relay.node, "reserved"]]);
  expect(relays[0]!.untilMs).toBeGreaterThan(Date.now() + 3_600_000);
  await relay.stop();
  const gone = await until(alice.network.survey, ({ relays: [first] }) => first?.state === "away");
  expect(gone.relays[0]!.untilMs).toBeUndefined();
});

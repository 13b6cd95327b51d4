/** The node's relay over its one port: what libp2p's defaults get wrong is right here. */
import { noise } from "@chainsafe/libp2p-noise";
import { circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { identify } from "@libp2p/identify";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { createLibp2p } from "libp2p";
import { expect, it, onTestFinished } from "vitest";
import { device, incoming, isReachable, until } from "../support/links.ts";
import { type NodeProcess, startNodeProcess } from "../support/node-process.ts";

async function ownNode(...flags: string[]): Promise<NodeProcess> {
  const node = await startNodeProcess("--app", import.meta.dirname, ...flags);
  onTestFinished(() => node.discard());
  return node;
}
async function relayPeerId(node: NodeProcess): Promise<string> {
  const health = (await (await fetch(`${node.url}/health`)).json()) as { relayPeerId: string };
  return health.relayPeerId;
}
async function linksAt(node: NodeProcess) {
  const network = device();
  onTestFinished(() => network.stop());
  network.start([{ node: node.url, relayPeerId: await relayPeerId(node), iceServers: [] }]);
  const { peer, addresses } = await until(network.reach, isReachable);
  return { network, peer, addresses, next: incoming(network) };
}
/** A device that only holds a reservation. Throws where the relay refuses it. */
async function reservation(node: NodeProcess): Promise<{ release(): Promise<void> }> {
  const client = await createLibp2p({
    addresses: { listen: [`/ip4/127.0.0.1/tcp/${node.port}/ws/p2p/${await relayPeerId(node)}/p2p-circuit`] },
    transports: [webSockets(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    services: { identify: identify() },
  });
  onTestFinished(async () => client.stop());
  return { release: async () => client.stop() };
}
async function hasReservations(node: NodeProcess, count: number): Promise<void> {
  while ((await node.metrics()).get("relay_reservations") !== count)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

it("links two devices directly through it, after which their bytes do not pass the node", async () => {
  const node = await ownNode();
  const [alice, bob] = await Promise.all([linksAt(node), linksAt(node)]);
  const dialled = await alice.network.dial(bob.peer, bob.addresses, "direct");
  if (!dialled.ok) throw new Error(dialled.error);
  const there = await bob.next();
  expect(await until(dialled.value.path, () => true)).toBe("direct");
  const before = await node.metrics();
  for (let n = 0; n < 20; n++) await dialled.value.send(new Uint8Array(65_536));
  await there.atLeast(20 * 65_536);
  const after = await node.metrics();
  for (const name of ['relay_bytes_total{direction="in"}', 'relay_bytes_total{direction="out"}']) {
    expect(before.get(name)).toBeGreaterThan(0);
    expect(after.get(name)! - before.get(name)!).toBeLessThan(65_536);
  }
});

it("has the same PeerId after a restart", async () => {
  const node = await ownNode();
  const before = await relayPeerId(node);
  await node.kill();
  await node.start();
  expect(await relayPeerId(node)).toBe(before);
});

it("takes more devices than libp2p's 15, at once", async () => {
  const node = await ownNode();
  await Promise.all(Array.from({ length: 25 }, () => reservation(node)));
  await hasReservations(node, 25);
});

it("frees a reservation when its device leaves, and refuses one beyond the limit", async () => {
  const node = await ownNode("--relay-reservations", "2");
  const first = await reservation(node);
  await reservation(node);
  await expect(reservation(node)).rejects.toThrow();
  await hasReservations(node, 2);
  await first.release();
  await hasReservations(node, 1);
  await reservation(node);
  await hasReservations(node, 2);
});

it("does without a relay when told to", async () => {
  const node = await ownNode("--relay-reservations", "0");
  expect(await relayPeerId(node)).toBeNull();
  const socket = new WebSocket(node.url.replace("http", "ws"));
  await new Promise((resolve) => socket.addEventListener("error", resolve, { once: true }));
});

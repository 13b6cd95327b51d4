/**
 * What oversize and garbage cost the node (F14): never more memory than the largest frame, whatever a length claims and
 * however it is cut; and what those cost it who make it answer and take no answers. Memory is the process's own figure;
 * the bounds here leave room for a garbage collector, and what each attack would take without the node's bounds is beside it.
 */

import { noise } from "@chainsafe/libp2p-noise";
import type { Stream } from "@libp2p/interface";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { encodeClientFrame } from "../../core/wire/client-frame.ts";
import { type Inspected, startInspectedNode } from "../support/node-inspector.ts";
import { rawClient, topicOf } from "../support/raw-topic-client.ts";
import { frame, opcodes, type RawWebSocket, rawWebSocket, shortFrame } from "../support/raw-web-socket.ts";
import { seededRandom } from "../support/seeded-random.ts";

const mib = 1_048_576;
const random = seededRandom(14);
const places = [
  { name: "/topics", path: "/topics", protocol: "kith.topics.1", largestBytes: 72 * 1_024 },
  { name: "the relay", path: "/", protocol: undefined, largestBytes: 256 * 1_024 },
] as const;

let node: Inspected;
beforeAll(async () => {
  node = await startInspectedNode("--app", import.meta.dirname);
});
afterAll(() => node.discard());

async function wire(path: string, protocol?: string): Promise<RawWebSocket> {
  const raw = await rawWebSocket(node.port, path, protocol);
  onTestFinished(() => void raw.socket.destroy());
  return raw;
}
const heldMib = async () => (await node.glance()).usedBytes / mib;
/**
 * The most the node holds above what it holds now, while `work` runs and a little after. What a collection would free is
 * not held: how much of that lies about says more of the machine than of the node.
 */
async function growthMib(work: () => Promise<void>): Promise<number> {
  const before = (await node.look()).usedBytes / mib;
  let highest = before;
  let isRunning = true;
  const watch = (async () => {
    while (isRunning) highest = Math.max(highest, await heldMib());
  })();
  await work();
  isRunning = false;
  await watch;
  return Math.max(highest, await heldMib()) - before;
}
/** Writes `chunk` again and again, as fast as it is taken, until `bytes` are written, the node closes, or takes nothing for a second. */
async function pour({ socket, write }: RawWebSocket, chunk: Uint8Array, bytes: number): Promise<void> {
  for (let sent = 0; sent < bytes && !socket.destroyed; sent += chunk.length) {
    if (write(chunk)) continue;
    const isTaken = await new Promise<boolean>((resolve) => {
      const go = (is: boolean) => {
        clearTimeout(late);
        for (const event of ["drain", "close"]) socket.off(event, taken);
        resolve(is);
      };
      const taken = () => go(true);
      const late = setTimeout(() => go(false), 1_000);
      for (const event of ["drain", "close"]) socket.on(event, taken);
    });
    if (!isTaken) return;
  }
}
async function serves(): Promise<void> {
  const seed = random.bytes(32);
  const bob = await rawClient(node.url);
  onTestFinished(() => bob.socket.terminate());
  bob.prove(1, seed);
  expect(await bob.next()).toEqual({ kind: "answer", requestId: 1, result: { kind: "done" } });
  bob.ask(2, { kind: "append", topic: topicOf(seed), envelope: random.bytes(1_024), slot: undefined });
  expect(await bob.next()).toMatchObject({ requestId: 2, result: { kind: "custody" } });
}

describe.each(places)("oversize at $name", ({ path, protocol, largestBytes }) => {
  beforeEach(serves);

  it("a frame of 100 MiB is refused at its header, from 16 at once, and not taken in", async () => {
    async function oversize(raw: RawWebSocket): Promise<void> {
      raw.write(frame(opcodes.binary, new Uint8Array(0), { claimed: 100 * mib }));
      await pour(raw, new Uint8Array(65_536), 100 * mib);
      await raw.closed;
    }
    // A node that has just started grows at its first traffic, whatever it is.
    await oversize(await wire(path, protocol));
    const growth = await growthMib(async () => {
      const sockets = await Promise.all(Array.from({ length: 16 }, () => wire(path, protocol)));
      await Promise.all(sockets.map(oversize));
    });
    console.log(`16 frames of 100 MiB at ${path}: ${growth.toFixed(1)} MiB more`);
    expect(growth).toBeLessThan(100);
    await serves();
  });

  it("a message of endless pieces ends with the largest message", async () => {
    const raw = await wire(path, protocol);
    raw.write(frame(opcodes.binary, new Uint8Array(16_384), { last: false }));
    await pour(raw, frame(opcodes.continuation, new Uint8Array(16_384), { last: false }), 100 * mib);
    await raw.closed;
    await serves();
  });

  it("a message in pieces of one byte ends long before its pieces cost more than it may be long", async () => {
    const growth = await growthMib(async () => {
      const sockets = await Promise.all(Array.from({ length: 32 }, () => wire(path, protocol)));
      const piece = shortFrame(opcodes.continuation, new Uint8Array(1), { last: false });
      const pieces = Buffer.concat(Array.from({ length: 9_000 }, () => piece));
      await Promise.all(
        sockets.map(async (raw) => {
          raw.write(shortFrame(opcodes.binary, new Uint8Array(1), { last: false }));
          await pour(raw, pieces, largestBytes * piece.length);
          await raw.closed;
        }),
      );
    });
    console.log(`32 messages of one-byte pieces at ${path}: ${growth.toFixed(1)} MiB more`);
    expect(growth).toBeLessThan(100);
    await serves();
  });

  it("garbage on the wire closes the connection and nothing else", async () => {
    for (let n = 0; n < 150; n++) {
      const raw = await wire(path, protocol);
      raw.write(random.bytes(1 + random.int(600)));
      // Not every garbage is recognised as such before there is more of it.
      raw.socket.end(random.bytes(64));
      await raw.closed;
    }
    await serves();
  });

  it("pings without end, whose answers nobody takes, are not answered without end", async () => {
    const growth = await growthMib(async () => {
      const sockets = await Promise.all(Array.from({ length: 4 }, () => wire(path, protocol)));
      const pings = Buffer.concat(Array.from({ length: 512 }, () => shortFrame(opcodes.ping, new Uint8Array(125))));
      await Promise.all(
        sockets.map((raw) => {
          raw.socket.pause();
          return pour(raw, pings, 48 * mib);
        }),
      );
    });
    console.log(`192 MiB of pings at ${path}: ${growth.toFixed(1)} MiB more`);
    expect(growth).toBeLessThan(100);
    await serves();
  });
});

describe("requests at /topics", () => {
  it("whose answers nobody takes are not taken in without end", async () => {
    const unfollow = encodeClientFrame({
      requestId: 1,
      request: { kind: "unfollow", topic: topicOf(random.bytes(32)) },
    });
    const requests = Buffer.concat(Array.from({ length: 1_000 }, () => frame(opcodes.binary, unfollow)));
    const taken = async () => {
      const text = await (await fetch(`${node.url}/metrics`)).text();
      return Number(/^kith_topic_bytes_total\{direction="in"\} (\d+)$/m.exec(text)?.[1]) / mib;
    };
    const before = await taken();
    const growth = await growthMib(async () => {
      const raw = await wire("/topics", "kith.topics.1");
      raw.socket.pause();
      await pour(raw, requests, 128 * mib);
    });
    const takenMib = (await taken()) - before;
    console.log(`requests without taking an answer: ${takenMib.toFixed(1)} MiB taken, ${growth.toFixed(1)} MiB more`);
    // What the sockets of both sides hold of the answers. Without a bound of the node's own: everything, and 2 GiB of memory.
    expect(takenMib).toBeLessThan(40);
    expect(growth).toBeLessThan(100);
    await serves();
  });

  it("with a length of 64 MiB inside the frame are malformed", async () => {
    const mallory = await rawClient(node.url);
    mallory.send(Uint8Array.of(0x12, 0x80, 0x80, 0x80, 0x20, 1, 2, 3));
    expect(await mallory.next()).toMatchObject({ result: { kind: "refusal", refusal: { why: "malformed" } } });
    expect(await mallory.closed).toBe(1_008);
  });
});

describe("a length of 64 MiB at the relay", () => {
  const length64Mib = Uint8Array.of(0x80, 0x80, 0x80, 0x20);

  it("before the handshake closes the connection", async () => {
    const raw = await wire("/");
    raw.write(frame(opcodes.binary, length64Mib));
    await pour(raw, frame(opcodes.binary, new Uint8Array(65_536)), 64 * mib);
    await raw.closed;
    await serves();
  });

  it("in a request for a reservation ends the request, on 48 streams at once, and is not waited for", async () => {
    const { relayPeerId } = (await (await fetch(`${node.url}/health`)).json()) as { relayPeerId: string };
    const mallory = await createLibp2p({
      transports: [webSockets()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionMonitor: { enabled: false },
    });
    onTestFinished(async () => mallory.stop());
    const connection = await mallory.dial(multiaddr(`/ip4/127.0.0.1/tcp/${node.port}/ws/p2p/${relayPeerId}`));
    const ended = (stream: Stream) =>
      new Promise<void>((resolve) => stream.addEventListener("close", () => resolve(), { once: true }));
    const growth = await growthMib(async () => {
      await Promise.all(
        Array.from({ length: 48 }, async () => {
          const stream = await connection.newStream("/libp2p/circuit/relay/0.2.0/hop");
          const end = ended(stream);
          stream.send(length64Mib);
          const body = new Uint8Array(65_536);
          try {
            for (let n = 0; n < 48; n++) if (!stream.send(body)) await stream.onDrain();
          } catch {
            // Ended meanwhile, as it should be.
          }
          await end;
        }),
      );
    });
    console.log(`48 requests of 64 MiB at the relay: ${growth.toFixed(1)} MiB more`);
    expect(growth).toBeLessThan(100);
    await serves();
  }, 20_000);
});

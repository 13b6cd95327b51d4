/** Messages that come byte by byte are taken whole, in bounded pieces, through the library the node uses. */
import type { IncomingMessage } from "node:http";
import { Duplex } from "node:stream";
import { expect, it, onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { gatherTrickle, socketOptions } from "../../../bootstrap-node/web-socket.ts";
import { frame, opcodes } from "../../support/raw-web-socket.ts";

const largest = new Uint8Array(72 * 1_024).fill(7);
const upgrade = {
  method: "GET",
  headers: {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "sec-websocket-version": "13",
  },
} as unknown as IncomingMessage;

interface Accepted {
  readonly raw: Duplex;
  readonly socket: WebSocket;
  /** What the library was given, in pieces. */
  readonly pieces: () => number;
  readonly messages: number[];
  readonly codes: number[];
}

function accept(gathered: boolean): Accepted {
  const raw = new Duplex({ read() {}, write: (_bytes, _encoding, done) => done() });
  onTestFinished(() => void raw.destroy());
  const messages: number[] = [];
  const codes: number[] = [];
  let pieces = 0;
  let accepted: WebSocket | undefined;
  new WebSocketServer(socketOptions(largest.length)).handleUpgrade(upgrade, raw, Buffer.alloc(0), (socket) => {
    accepted = socket;
    if (gathered) gatherTrickle(socket, raw);
    socket.on("message", (data: Buffer) => messages.push(data.length));
    socket.on("error", (error: Error & { code?: string }) => codes.push(error.code === undefined ? 0 : 1));
  });
  raw.on("data", () => {
    pieces += 1;
  });
  if (accepted === undefined) throw new Error("the upgrade was refused");
  return { raw, socket: accepted, pieces: () => pieces, messages, codes };
}

/** A byte in each read; every so often whoever else waits for the event loop has a turn. */
async function trickle(raw: Duplex, bytes: Uint8Array): Promise<void> {
  for (const [n, byte] of bytes.entries()) {
    raw.push(Buffer.of(byte));
    if (n % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

const whole = (count: number, { messages }: Accepted) =>
  expect.poll(() => messages.length, { timeout: 8_000 }).toBe(count);

it("takes the largest message byte by byte, in a twentieth of the pieces, and the next one after it", async () => {
  const alice = accept(true);
  const bytes = frame(opcodes.binary, largest);
  await trickle(alice.raw, bytes);
  await whole(1, alice);
  await trickle(alice.raw, bytes);
  await whole(2, alice);
  expect(alice.messages).toEqual([largest.length, largest.length]);
  expect(alice.codes).toEqual([]);
  expect(alice.pieces()).toBeLessThan((2 * bytes.length) / 20);
});

it("takes it when it was paused meanwhile, and not before it is resumed", async () => {
  const alice = accept(true);
  const bytes = frame(opcodes.binary, largest);
  await trickle(alice.raw, bytes.subarray(0, 1_000));
  alice.socket.pause();
  await trickle(alice.raw, bytes.subarray(1_000));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(alice.messages).toEqual([]);
  alice.socket.resume();
  await whole(1, alice);
});

it("ends a connection without that, rather than keep every piece", async () => {
  const mallory = accept(false);
  await trickle(mallory.raw, frame(opcodes.binary, largest));
  expect(mallory.messages).toEqual([]);
  expect(mallory.codes).toEqual([1]);
});

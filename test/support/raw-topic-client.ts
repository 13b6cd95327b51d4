// A client of /topics that keeps no rule unless told to: it sends any bytes and sees each frame and the end as they come.
import { WebSocket } from "ws";
import { labels } from "../../core/crypto/labels.ts";
import { publicKeyOf, sign } from "../../core/crypto/signature.ts";
import type { TopicId } from "../../core/lang/brand.ts";
import { toHex } from "../../core/lang/bytes.ts";
import { encodeClientFrame } from "../../core/wire/client-frame.ts";
import { decodeNodeFrame } from "../../core/wire/node-frame.ts";
import {
  type Hello,
  type NodeFrame,
  type NodeRequest,
  type NodeResult,
  nodeAccessMessage,
} from "../../core/wire/node-protocol.ts";

export interface RawClient {
  readonly socket: WebSocket;
  readonly hello: Hello;
  send(bytes: Uint8Array): void;
  ask(requestId: number, request: NodeRequest): void;
  prove(requestId: number, seed: Uint8Array): void;
  next(): Promise<NodeFrame>;
  /** The code the node closes with. */
  readonly closed: Promise<number>;
}

export const topicOf = (seed: Uint8Array) => toHex(publicKeyOf(seed)) as TopicId;

/** With `onFrame` it gets what comes after the hello, and `next` waits for ever. */
export async function rawClient(url: string, onFrame?: (frame: NodeFrame) => void): Promise<RawClient> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/topics`, "kith.topics.1");
  const frames: NodeFrame[] = [];
  let look = () => {};
  socket.on("message", (data: Buffer) => {
    const frame = decodeNodeFrame(data);
    if (!frame.ok) throw new Error("the node sent what is no frame");
    if (onFrame !== undefined && frame.value.kind !== "hello") return onFrame(frame.value);
    frames.push(frame.value);
    look();
  });
  socket.on("error", () => {});
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  async function next(): Promise<NodeFrame> {
    while (frames.length === 0) await new Promise<void>((resolve) => (look = resolve));
    return frames.shift()!;
  }
  const hello = await Promise.race([next(), closed]);
  if (typeof hello === "number" || hello.kind !== "hello") throw new Error("the node did not speak first");
  const ask = (requestId: number, request: NodeRequest) => socket.send(encodeClientFrame({ requestId, request }));
  return {
    socket,
    hello,
    closed,
    next,
    ask,
    send: (bytes) => socket.send(bytes),
    prove(requestId, seed) {
      const topic = topicOf(seed);
      const signature = sign(labels.nodeAccess, nodeAccessMessage(hello.nonce, hello.nodeKey, topic), seed);
      ask(requestId, { kind: "prove", topic, signature });
    },
  };
}

/** Requests of one topic, each with its answer. Proven when it returns. Does not check custody: here the node is looked at. */
export async function askingClient(url: string, seed: Uint8Array) {
  const waiting = new Map<number, (result: NodeResult) => void>();
  let lastId = 0;
  const client = await rawClient(url, (frame) => {
    if (frame.kind === "answer") waiting.get(frame.requestId)?.(frame.result);
  });
  const answerTo = (send: (requestId: number) => void) =>
    new Promise<NodeResult>((resolve) => {
      const requestId = ++lastId;
      waiting.set(requestId, (result) => {
        waiting.delete(requestId);
        resolve(result);
      });
      send(requestId);
    });
  const ask = (request: NodeRequest) => answerTo((requestId) => client.ask(requestId, request));
  const proof = await answerTo((requestId) => client.prove(requestId, seed));
  if (proof.kind !== "done") throw new Error("the proof was refused");
  const topic = topicOf(seed);
  return {
    ask,
    topic,
    append: (envelope: Uint8Array) => ask({ kind: "append", topic, envelope, slot: undefined }),
    close: () => client.socket.terminate(),
  };
}

/**
 * One connection to `/topics` (§6): frames in and out, answers in the order of their topic, and the bounds that keep one
 * client from costing more than its share. What a request means is topic-requests.ts's.
 */
import { randomBytes } from "node:crypto";
import type { TopicId } from "@kith/core/lang/brand.ts";
import { maxEnvelopeBytes, maxFrameBytes } from "@kith/core/wire/bounds.ts";
import { decodeClientFrame } from "@kith/core/wire/client-frame.ts";
import { encodeNodeFrame } from "@kith/core/wire/node-frame.ts";
import {
  type NodeFrame,
  type NodeRequest,
  type NodeResult,
  nodeProtocolVersion,
  nonceBytes,
} from "@kith/core/wire/node-protocol.ts";
import type { WebSocket } from "ws";
import type { Allowance } from "./admission.ts";
import type { IceAdvice } from "./ice-advice.ts";
import { createTopicRequests, maxTopicsOfConnection, refused, type TopicServices } from "./topic-requests.ts";

/**
 * Requests under way; beyond it the socket is not read, so that TCP slows the client instead of our memory growing. Higher lets
 * one flood fill most of what is written at once: with 64 the others' 99th percentile rose to 2.2 times, with 16 to 1.5.
 */
const maxPending = 16;
/** Bytes the client has not taken yet. Beyond it: not read from, signals dropped, wakes kept as one number per topic. */
const maxUnsentBytes = 4 * maxFrameBytes;
/** What a frame on its way costs besides its bytes: a small one is mostly this. */
const frameOverheadBytes = 512;
/** How long a connection is not read that goes on asking after it was refused often. TCP slows it then, at no cost of ours. */
const restMs = 250;
const closedForBreach = 1_008;
const closedForRestart = 1_012;

export interface TopicConnection {
  /** Ends the connection unless something was heard since the last call; asks for a sign of life. Renews what ends. */
  beat(): void;
  /** Takes no more requests, answers those under way, then closes. */
  finish(): Promise<void>;
}

export interface ConnectionOptions extends TopicServices {
  readonly allowance: Allowance;
  readonly relayPeerId: string | undefined;
  readonly ice: IceAdvice;
}

export function serveTopics(socket: WebSocket, options: ConnectionOptions): TopicConnection {
  const { counters, allowance, ice } = options;
  const nonce = Uint8Array.from(randomBytes(nonceBytes));
  const requests = createTopicRequests(options, nonce, { wake, signal });
  /** Topics with requests under way: their last answer, and the last proof among them. */
  const lanes = new Map<TopicId, { readonly answered: Promise<void>; readonly proof: Promise<void> | undefined }>();
  /** Topics whose follow is not answered or whose client lags behind, with the newest number to tell. */
  const lateWakes = new Map<TopicId, number>();
  let pending = 0;
  let unsentBytes = 0;
  let wasHeard = true;
  let isFinishing = false;
  let resting: NodeJS.Timeout | undefined;
  let iceGivenAtMs = options.now();

  function send(frame: NodeFrame): void {
    if (socket.readyState !== socket.OPEN) return;
    const bytes = encodeNodeFrame(frame);
    const cost = bytes.length + frameOverheadBytes;
    unsentBytes += cost;
    counters.topicBytesOut += bytes.length;
    socket.send(bytes, () => {
      unsentBytes -= cost;
      tellLateWakes();
      regulate();
    });
    // Here too: none of these is called back while the client takes nothing.
    regulate();
  }

  function regulate(): void {
    const isOver = pending >= maxPending || unsentBytes > maxUnsentBytes || resting !== undefined;
    if (isOver === socket.isPaused || socket.readyState !== socket.OPEN) return;
    if (isOver) socket.pause();
    else socket.resume();
  }

  function rest(): void {
    resting ??= setTimeout(() => {
      resting = undefined;
      regulate();
    }, restMs);
    regulate();
  }

  function wake(topic: TopicId, latest: number): void {
    lateWakes.set(topic, Math.max(latest, lateWakes.get(topic) ?? 0));
    if (!lanes.has(topic)) tellLateWakes();
  }
  /** A wake does not overtake the answers of its topic, so it comes after the answer to `follow` (§6.5). */
  function tellLateWakes(): void {
    for (const [topic, latest] of lateWakes) {
      if (unsentBytes > maxUnsentBytes) return;
      if (lanes.has(topic)) continue;
      lateWakes.delete(topic);
      send({ kind: "wake", topic, latest });
    }
  }
  function signal(topic: TopicId, body: Uint8Array): void {
    if (unsentBytes <= maxUnsentBytes) send({ kind: "signal", topic, body });
  }

  /** Looked at with every beat: a timer for each connection would cost more than coming a little late. */
  function renewIce(): void {
    const nowMs = options.now();
    if (Math.abs(nowMs - iceGivenAtMs) < ice.renewAfterMs) return;
    iceGivenAtMs = nowMs;
    send({ kind: "ice", ice: ice.at(nowMs) });
  }

  function answer(requestId: number, result: NodeResult): void {
    if (result.kind === "refusal") {
      const { why } = result.refusal;
      counters.refusals.set(why, (counters.refusals.get(why) ?? 0) + 1);
    }
    send({ kind: "answer", requestId, result });
    if (result.kind === "refusal" && result.refusal.why === "malformed") socket.close(closedForBreach);
  }

  /**
   * Answers of a topic go out in the order of its requests. Appends do not wait for each other, so that they share a
   * commit; a read waits for the appends before it, everything waits for a proof.
   */
  function handle(requestId: number, request: NodeRequest): void {
    const { topic, kind } = request;
    const lane = lanes.get(topic);
    const first = kind === "read" || kind === "prove" ? lane?.answered : lane?.proof;
    const result = first === undefined ? requests.perform(request) : first.then(() => requests.perform(request));
    if (lane === undefined && !(result instanceof Promise)) {
      answer(requestId, result);
      return;
    }
    pending += 1;
    const answered = (async () => {
      const outcome = await result;
      await lane?.answered;
      answer(requestId, outcome);
    })();
    lanes.set(topic, { answered, proof: kind === "prove" ? answered : lane?.proof });
    regulate();
    void answered.then(() => {
      pending -= 1;
      if (lanes.get(topic)?.answered === answered) lanes.delete(topic);
      tellLateWakes();
      regulate();
    });
  }

  socket.on("message", (data: Buffer, isBinary: boolean) => {
    wasHeard = true;
    if (isFinishing || socket.readyState !== socket.OPEN) return;
    counters.topicBytesIn += data.length;
    const frame = isBinary ? decodeClientFrame(data) : undefined;
    if (!frame?.ok) {
      const error = frame?.error ?? { requestId: 0, why: "malformed" };
      answer(error.requestId, refused({ why: error.why }));
      return;
    }
    const nowMs = options.now();
    const retryAfterMs = allowance.take(data.length, nowMs);
    if (retryAfterMs > 0) {
      if (!allowance.takeRefusal(nowMs)) rest();
      return answer(frame.value.requestId, refused({ why: "busy", retryAfterMs }));
    }
    handle(frame.value.requestId, frame.value.request);
  });
  socket.on("pong", () => {
    wasHeard = true;
  });
  // A frame over the bound, broken framing, a reset: the library closes; "close" follows.
  socket.on("error", () => {});
  socket.on("close", () => {
    requests.end();
    lateWakes.clear();
    clearTimeout(resting);
    allowance.release();
  });

  send({
    kind: "hello",
    version: nodeProtocolVersion,
    nonce,
    nodeKey: options.identity.publicKey,
    relayPeerId: options.relayPeerId,
    maxEnvelopeBytes,
    retentionSeconds: Math.floor(options.retentionMs / 1_000),
    maxTopicsFollowed: maxTopicsOfConnection,
    ice: ice.at(iceGivenAtMs),
  });

  return {
    beat() {
      if (!wasHeard) return socket.terminate();
      wasHeard = false;
      socket.ping();
      renewIce();
    },
    async finish() {
      isFinishing = true;
      await Promise.all([...lanes.values()].map(({ answered }) => answered));
      socket.close(closedForRestart);
      // Paused, it would not read the other side's good-bye.
      socket.resume();
    },
  };
}

/**
 * One WebSocket to a node, from dialling to its end (§6): the hello is checked, answers are matched to requests, silence
 * is noticed. Made once, ends once; reconnecting is node-client.ts's. Every frame from the node is decoded within bounds
 * before anything is done with it.
 */

import { labels } from "../crypto/labels.ts";
import { sign } from "../crypto/signature.ts";
import type { NodeUrl, TopicId } from "../lang/brand.ts";
import { equalBytes } from "../lang/bytes.ts";
import type { Clock } from "../ports/clock.ts";
import type { NodeStatus, TopicAccess } from "../ports/node.ts";
import { maxEnvelopeBytes, maxFrameBytes } from "../wire/bounds.ts";
import { encodeClientFrame } from "../wire/client-frame.ts";
import { decodeNodeFrame } from "../wire/node-frame.ts";
import {
  type Hello,
  type NodeIce,
  type NodeRequest,
  type NodeResult,
  nodeAccessMessage,
  nodePath,
  nodeProtocolVersion,
  nodeSubprotocol,
  oldestNodeVersion,
} from "../wire/node-protocol.ts";
import type { Occasion } from "./come-back.ts";

/** From a request to its answer, where both are small. A node that takes longer is not there. */
const answerMs = 10_000;
/**
 * What an envelope or a page may take in addition. A line that is slower than this gets nothing through; higher, and a
 * phone at the edge of its network repeats a large envelope for ever.
 */
const slowestBytesPerMs = 4;
/** A silent connection is asked for a sign of life at every second heartbeat: noticed dead after 24 + 5 s at most. */
const heartbeatMs = 12_000;
const signOfLifeMs = 5_000;
/** A heartbeat as late as this was slept through: what the connection was before means nothing. */
const sleptMs = 10_000;
/** Higher costs memory while a node is slow, lower the speed of a long catch-up. */
const maxOpenRequests = 512;
const maxUnsentBytes = 64 * maxFrameBytes;
const closedForBreach = 1_008;
/** Private use (RFC 6455 §7.4.2). */
const closedAsIncompatible = 4_000;

export type EndReason = Extract<NodeStatus, { kind: "offline" }>["reason"];

export interface ConnectionEvents {
  /** Requests can be made. */
  ready(hello: Hello): void;
  wake(topic: TopicId, latest: number): void;
  signal(topic: TopicId, body: Uint8Array): void;
  /** Instead of what the hello said. */
  ice(ice: NodeIce): void;
  /** Once, also when `close` was called. */
  ended(reason: EndReason, occasion: Exclude<Occasion, "hurried">): void;
}

export interface NodeConnection {
  /** Nothing before `ready`. */
  readonly hello: Hello | undefined;
  /**
   * Proves the topic first, once. `gone`: the connection ended before the answer. `crowded`: too much is on its way
   * already and this was not sent.
   */
  request(access: TopicAccess, request: NodeRequest): Promise<NodeResult | "gone" | "crowded">;
  /** Ends the connection unless the node answers soon. Nothing before `ready`. */
  probe(): void;
  close(): void;
}

export interface DialOptions {
  readonly url: NodeUrl;
  readonly clock: Clock;
  /** A topic of our own making, for asking a sign of life: an answer about nothing. */
  readonly probeAccess: TopicAccess;
  /** The key the node had before in this session; another one is another node. */
  readonly pinnedKey: Uint8Array | undefined;
  /** From dialling to the hello. */
  readonly connectMs: number;
  readonly events: ConnectionEvents;
}

type Settle = (result: NodeResult | "gone") => void;

export function dialNode({ url, clock, probeAccess, pinnedKey, connectMs, events }: DialOptions): NodeConnection {
  const socket = openSocket(url);
  const open = new Map<number, Settle>();
  const proofs = new Map<TopicId, Promise<NodeResult | "gone">>();
  let hello: Hello | undefined;
  let lastRequestId = 0;
  let wasHeard = true;
  let isAsked = false;
  let hasEnded = false;
  let cancelHeartbeat = () => {};
  const cancelHello = clock.after(connectMs, () => end("unreachable"));

  function end(reason: EndReason, { isSilent = false, code }: { isSilent?: boolean; code?: number } = {}): void {
    if (hasEnded) return;
    hasEnded = true;
    cancelHello();
    cancelHeartbeat();
    if (socket !== undefined) {
      // A browser keeps a socket whose other end is silent for a minute: it must not keep all this with it.
      socket.onmessage = null;
      socket.onclose = null;
      socket.close(code);
    }
    for (const settle of [...open.values()]) settle("gone");
    if (hello === undefined) events.ended(reason, "failed");
    else events.ended(reason, isSilent ? "silent" : "lost");
  }

  function receive({ data }: MessageEvent<unknown>): void {
    if (hasEnded) return;
    wasHeard = true;
    const frame = data instanceof ArrayBuffer ? decodeNodeFrame(new Uint8Array(data)) : undefined;
    // A node says hello first, once, and never again.
    if (!frame?.ok || (frame.value.kind === "hello") !== (hello === undefined)) {
      end("incompatible", { code: closedAsIncompatible });
      return;
    }
    const { value } = frame;
    if (value.kind === "hello") greet(value);
    else if (value.kind === "answer") open.get(value.requestId)?.(value.result);
    else if (value.kind === "wake") events.wake(value.topic, value.latest);
    else if (value.kind === "signal") events.signal(value.topic, value.body);
    else events.ice(value.ice);
  }

  function greet(received: Hello): void {
    const isKnown = pinnedKey === undefined || equalBytes(received.nodeKey, pinnedKey);
    const isFit = received.version >= oldestNodeVersion && received.version <= nodeProtocolVersion;
    if (!isKnown || !isFit || received.maxEnvelopeBytes < maxEnvelopeBytes) {
      end("incompatible", { code: closedAsIncompatible });
      return;
    }
    cancelHello();
    hello = received;
    beatLater();
    events.ready(received);
  }

  function beatLater(): void {
    const dueMs = clock.now() + heartbeatMs;
    cancelHeartbeat = clock.after(heartbeatMs, () => {
      if (!wasHeard || clock.now() - dueMs > sleptMs) probe();
      wasHeard = false;
      beatLater();
    });
  }

  function probe(): void {
    if (isAsked || hasEnded || hello === undefined) return;
    isAsked = true;
    const cancel = clock.after(signOfLifeMs, () => end("unreachable", { isSilent: true }));
    const question = { kind: "read", topic: probeAccess.topic, after: Number.MAX_SAFE_INTEGER, limit: 1 } as const;
    void request(probeAccess, question).then(() => {
      isAsked = false;
      cancel();
    });
  }

  function send(request: NodeRequest): Promise<NodeResult | "gone"> {
    lastRequestId = (lastRequestId % 0xffff_ffff) + 1;
    const requestId = lastRequestId;
    return new Promise((resolve) => {
      const cancel = clock.after(patienceMs(request), () => end("unreachable", { isSilent: true }));
      open.set(requestId, (result) => {
        cancel();
        open.delete(requestId);
        resolve(result);
      });
      socket?.send(Uint8Array.from(encodeClientFrame({ requestId, request })));
    });
  }

  /** The node keeps the order within a topic, so the request follows at once; it need not wait for the proof's answer. */
  function prove({ topic, seed }: TopicAccess, { nonce, nodeKey }: Hello): Promise<NodeResult | "gone"> {
    const known = proofs.get(topic);
    if (known !== undefined) return known;
    const signature = sign(labels.nodeAccess, nodeAccessMessage(nonce, nodeKey, topic), seed);
    const proof = send({ kind: "prove", topic, signature }).then((result) => {
      if (result === "gone" || result.kind !== "done") proofs.delete(topic);
      return result;
    });
    proofs.set(topic, proof);
    return proof;
  }

  if (socket === undefined) clock.after(0, () => end("refused"));
  else {
    socket.binaryType = "arraybuffer";
    socket.onmessage = receive;
    socket.onclose = ({ code }) => end(code === closedForBreach ? "refused" : "unreachable");
  }

  async function request(access: TopicAccess, what: NodeRequest): Promise<NodeResult | "gone" | "crowded"> {
    if (hasEnded || hello === undefined || socket === undefined) return "gone";
    if (open.size >= maxOpenRequests || socket.bufferedAmount > maxUnsentBytes) return "crowded";
    const proof = prove(access, hello);
    const result = await send(what);
    const isUnproven = result !== "gone" && result.kind === "refusal" && result.refusal.why === "unproven";
    if (!isUnproven) return result;
    // Why the proof failed says more: the node may only have been busy.
    const proved = await proof;
    return proved !== "gone" && proved.kind === "done" ? result : proved;
  }

  return {
    get hello() {
      return hello;
    },
    request,
    probe,
    close: () => end("unreachable"),
  };
}

function patienceMs(request: NodeRequest): number {
  switch (request.kind) {
    case "append":
      return answerMs + request.envelope.length / slowestBytesPerMs;
    case "read":
      return answerMs + maxFrameBytes / slowestBytesPerMs;
    default:
      return answerMs;
  }
}

/** Nothing where the browser refuses to try: a page that came by TLS may not speak to a node without it. */
function openSocket(url: NodeUrl): WebSocket | undefined {
  try {
    return new WebSocket(`${url.replace(/^http/, "ws")}${nodePath}`, nodeSubprotocol);
  } catch {
    return undefined;
  }
}

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

/** From dialling to the hello, and from a request to its answer. A node that takes longer is not there. */
const answerMs = 10_000;
/** A silent connection is asked for a sign of life at every second tick: noticed dead after 24 + 10 s at most. */
const tickMs = 12_000;
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
  ended(reason: EndReason): void;
}

export interface NodeConnection {
  /** Nothing before `ready`. */
  readonly hello: Hello | undefined;
  /**
   * Proves the topic first, once. `gone`: the connection ended before the answer. `crowded`: too much is on its way
   * already and this was not sent.
   */
  request(access: TopicAccess, request: NodeRequest): Promise<NodeResult | "gone" | "crowded">;
  /** Ends the connection unless the node answers within the time of a request. */
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
  readonly events: ConnectionEvents;
}

type Settle = (result: NodeResult | "gone") => void;

export function dialNode({ url, clock, probeAccess, pinnedKey, events }: DialOptions): NodeConnection {
  const socket = openSocket(url);
  const open = new Map<number, Settle>();
  const proofs = new Map<TopicId, Promise<NodeResult | "gone">>();
  let hello: Hello | undefined;
  let lastRequestId = 0;
  let wasHeard = true;
  let hasEnded = false;
  let cancelTick = () => {};
  const cancelHello = clock.after(answerMs, () => end("unreachable"));

  function end(reason: EndReason, code?: number): void {
    if (hasEnded) return;
    hasEnded = true;
    cancelHello();
    cancelTick();
    socket?.close(code);
    for (const settle of [...open.values()]) settle("gone");
    events.ended(reason);
  }

  function receive({ data }: MessageEvent<unknown>): void {
    if (hasEnded) return;
    wasHeard = true;
    const frame = data instanceof ArrayBuffer ? decodeNodeFrame(new Uint8Array(data)) : undefined;
    // A node says hello first, once, and never again.
    if (!frame?.ok || (frame.value.kind === "hello") !== (hello === undefined)) {
      end("incompatible", closedAsIncompatible);
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
      end("incompatible", closedAsIncompatible);
      return;
    }
    cancelHello();
    hello = received;
    tick();
    events.ready(received);
  }

  function tick(): void {
    cancelTick = clock.after(tickMs, () => {
      if (!wasHeard) probe();
      wasHeard = false;
      tick();
    });
  }

  function probe(): void {
    void request(probeAccess, { kind: "read", topic: probeAccess.topic, after: Number.MAX_SAFE_INTEGER, limit: 1 });
  }

  function send(request: NodeRequest): Promise<NodeResult | "gone"> {
    lastRequestId = (lastRequestId % 0xffff_ffff) + 1;
    const requestId = lastRequestId;
    return new Promise((resolve) => {
      const cancel = clock.after(answerMs, () => end("unreachable"));
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

/** Nothing where the browser refuses to try: a page that came by TLS may not speak to a node without it. */
function openSocket(url: NodeUrl): WebSocket | undefined {
  try {
    return new WebSocket(`${url.replace(/^http/, "ws")}${nodePath}`, nodeSubprotocol);
  } catch {
    return undefined;
  }
}

/**
 * What each request of one connection does (§6): proofs, appends, reads, following, signals. Knows the connection's
 * state, not its socket; the order of answers is topic-connection.ts's.
 */
import type { TopicId } from "@kith/core/lang/brand.ts";
import { assertNever } from "@kith/core/lang/result.ts";
import { envelopeSizesBytes, maxFrameBytes } from "@kith/core/wire/bounds.ts";
import type { NodeRefusal, NodeRequest, NodeResult } from "@kith/core/wire/node-protocol.ts";
import type { Allowance } from "./admission.ts";
import type { Counters } from "./counters.ts";
import type { NodeIdentity } from "./node-identity.ts";
import type { AppendOutcome, TopicStorage } from "./storage.ts";
import type { Follower, TopicHub } from "./topic-hub.ts";

/** Proven and followed topics of one connection, each. A device in 1,000 conversations has room; memory has a bound. */
export const maxTopicsOfConnection = 2_000;
/** What an answer's frame may hold: the frame bound less its own headers (§6.4). */
const maxAnswerBytes = maxFrameBytes - 64;
/** Whoever waits need not come again sooner. */
const retryMs = 1_000;

export interface TopicServices {
  readonly identity: NodeIdentity;
  readonly storage: TopicStorage;
  readonly hub: TopicHub;
  readonly counters: Counters;
  readonly retentionMs: number;
  now(): number;
}
interface RequestServices extends TopicServices {
  readonly allowance: Pick<Allowance, "takeNewTopic" | "giveBackNewTopic">;
}

export interface TopicRequests {
  perform(request: NodeRequest): NodeResult | Promise<NodeResult>;
  /** The connection is gone. What waited behind a proof may still come to `perform`: it does nothing then. */
  end(): void;
}

const done: NodeResult = { kind: "done" };
const busy = (afterMs: number) => refused({ why: "busy", retryAfterMs: Math.max(retryMs, afterMs) });
export const refused = (refusal: NodeRefusal): NodeResult => ({ kind: "refusal", refusal });

export function createTopicRequests(services: RequestServices, nonce: Uint8Array, self: Follower): TopicRequests {
  const { identity, storage, hub, counters, allowance, retentionMs } = services;
  const proven = new Set<TopicId>();
  const followed = new Set<TopicId>();
  let hasEnded = false;

  async function prove(topic: TopicId, signature: Uint8Array): Promise<NodeResult> {
    if (proven.size >= maxTopicsOfConnection && !proven.has(topic)) return refused({ why: "too-many-topics" });
    if (!(await identity.isProof(topic, nonce, signature))) return refused({ why: "unproven" });
    proven.add(topic);
    return done;
  }

  async function append(topic: TopicId, envelope: Uint8Array, slot: Uint8Array | undefined): Promise<NodeResult> {
    if (!envelopeSizesBytes.some((size) => size === envelope.length)) return refused({ why: "malformed" });
    const nowMs = services.now();
    // Set aside first: only the storage knows whether the topic is new, and appends under way must not exceed the limit.
    const newTopicAfterMs = allowance.takeNewTopic(nowMs);
    const mayBegin = newTopicAfterMs === 0;
    const expiresAtMs = nowMs + retentionMs;
    const topicUntilMs = expiresAtMs + retentionMs;
    const outcome = await storage.append({ topic, envelope, slot, expiresAtMs, topicUntilMs, mayBegin }, nowMs);
    if (mayBegin && !(outcome.kind === "held" && outcome.hasBegun)) allowance.giveBackNewTopic();
    if (outcome.kind === "held") return custody(topic, outcome);
    if (outcome.kind === "no-topic") return busy(newTopicAfterMs);
    return refusedAppend(outcome);
  }

  async function custody(topic: TopicId, held: Extract<AppendOutcome, { kind: "held" }>): Promise<NodeResult> {
    const { sequence, expiresAtMs, hash, isNew } = held;
    if (isNew) {
      counters.appended += 1;
      hub.wake(topic, sequence, self);
    }
    const signature = await identity.signCustody(topic, hash, sequence, expiresAtMs);
    return { kind: "custody", sequence, expiresAtMs, signature };
  }

  async function read(topic: TopicId, after: number, limit: number): Promise<NodeResult> {
    const page = await storage.read({ topic, after, limit, maxBytes: maxAnswerBytes }, services.now());
    if (page.kind === "failed") return refused({ why: "storage" });
    counters.entriesRead += page.entries.length;
    return { kind: "entries", entries: page.entries, more: page.more, latest: page.latest };
  }

  async function follow(topic: TopicId): Promise<NodeResult> {
    if (followed.size >= maxTopicsOfConnection && !followed.has(topic)) return refused({ why: "too-many-topics" });
    followed.add(topic);
    // Before the number is read: an append between the two wakes, one before is in the number.
    hub.follow(topic, self);
    const newest = await storage.read({ topic, after: Number.MAX_SAFE_INTEGER, limit: 1, maxBytes: 1 }, services.now());
    if (newest.kind === "failed") return refused({ why: "storage" });
    if (!hasEnded) self.wake(topic, newest.latest);
    return done;
  }

  function perform(request: NodeRequest): NodeResult | Promise<NodeResult> {
    const { topic } = request;
    // Nobody hears the answer, and whom the hub took in now it would keep for ever.
    if (hasEnded) return done;
    if (request.kind === "prove") return prove(topic, request.signature);
    if (!proven.has(topic)) return refused({ why: "unproven" });
    switch (request.kind) {
      case "append":
        return append(topic, request.envelope, request.slot);
      case "read":
        return read(topic, request.after, request.limit);
      case "follow":
        return follow(topic);
      case "unfollow":
        followed.delete(topic);
        hub.unfollow(topic, self);
        return done;
      case "signal":
        counters.signals += 1;
        hub.signal(topic, request.body, self);
        return done;
      default:
        return assertNever(request);
    }
  }

  return {
    perform,
    end() {
      hasEnded = true;
      for (const topic of followed) hub.unfollow(topic, self);
    },
  };
}

function refusedAppend(outcome: Exclude<AppendOutcome, { kind: "held" | "no-topic" }>): NodeResult {
  switch (outcome.kind) {
    case "slot-taken":
      return refused({ why: "slot-taken", sequence: outcome.sequence });
    case "topic-full":
    case "node-full":
      return refused({ why: outcome.kind });
    case "busy":
      return busy(0);
    case "failed":
      return refused({ why: "storage" });
    default:
      return assertNever(outcome);
  }
}

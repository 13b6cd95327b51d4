/**
 * What the node needs of a disk: topics as append-only, expiring logs of envelopes with slots (§6.3, §6.4). Its rules
 * are held by one suite, test/contracts/node-storage.ts. Knows neither connections nor signatures.
 */
import type { TopicId } from "@kith/core/lang/brand.ts";

export interface NewEnvelope {
  readonly topic: TopicId;
  readonly envelope: Uint8Array;
  /** 32 bytes, or none. */
  readonly slot: Uint8Array | undefined;
  readonly expiresAtMs: number;
  /** Not before it may the topic be forgotten, its numbers and slots; and never while it holds an envelope. */
  readonly topicUntilMs: number;
  /** Whether a topic may come to be by it. */
  readonly mayBegin: boolean;
}

export type AppendOutcome =
  /** Durable. `isNew` is false where the topic held the same envelope already; the figures are then the first ones. */
  | {
      readonly kind: "held";
      readonly sequence: number;
      readonly expiresAtMs: number;
      /** SHA-256 of the envelope. */
      readonly hash: Uint8Array;
      readonly isNew: boolean;
      /** The topic is there by this envelope. */
      readonly hasBegun: boolean;
    }
  /** There is no such topic, and this envelope may not begin it. */
  | { readonly kind: "no-topic" }
  /** Another envelope has the slot. */
  | { readonly kind: "slot-taken"; readonly sequence: number }
  | { readonly kind: "topic-full" }
  | { readonly kind: "node-full" }
  /** Too much is waiting for the disk; nothing was tried. */
  | { readonly kind: "busy" }
  /** The disk refused; nothing was stored. */
  | { readonly kind: "failed" };

export interface StoredEnvelope {
  readonly sequence: number;
  readonly envelope: Uint8Array;
  readonly expiresAtMs: number;
}

export interface ReadQuery {
  readonly topic: TopicId;
  /** Only sequences above it. */
  readonly after: number;
  readonly limit: number;
  /** The envelopes together take at most this, `envelopeOverheadBytes` counted for each. One always fits (§6.4). */
  readonly maxBytes: number;
}

/** What an envelope may cost in an answer besides its own bytes: sequence, expiry and field headers. */
export const envelopeOverheadBytes = 40;

export type ReadOutcome =
  | {
      readonly kind: "read";
      readonly entries: readonly StoredEnvelope[];
      readonly more: boolean;
      /** The highest sequence ever given in the topic, 0 when there is no such topic. */
      readonly latest: number;
    }
  | { readonly kind: "failed" };

export interface Usage {
  /** With envelopes, or not forgotten yet. */
  readonly topics: number;
  readonly envelopes: number;
  readonly bytes: number;
}

export interface StorageLimits {
  readonly maxTopics: number;
  readonly maxTopicEnvelopes: number;
  readonly maxTopicBytes: number;
  readonly maxBytes: number;
}

export interface TopicStorage {
  /** Appends of one topic take effect in the order of their calls. */
  append(entry: NewEnvelope, nowMs: number): Promise<AppendOutcome>;
  /** Sees every append that was answered before. Entries that have expired are not given, swept or not. */
  read(query: ReadQuery, nowMs: number): Promise<ReadOutcome>;
  /**
   * Frees what has expired and forgets topics (`topicUntilMs`); answers how many envelopes went. A topic that begins
   * again goes on above every number it ever gave: whoever was away meanwhile would read on behind the new envelopes.
   */
  sweep(nowMs: number): Promise<number>;
  usage(): Usage;
  /** After the appends under way. */
  close(): Promise<void>;
}

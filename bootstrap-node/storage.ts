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
    }
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
      /** The highest sequence ever given in the topic, 0 when none. */
      readonly latest: number;
    }
  | { readonly kind: "failed" };

export interface Usage {
  /** Topics that ever had an envelope: their last number is kept for good, so that no number is given twice. */
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
  /** Frees what has expired; answers how many envelopes that were. */
  sweep(nowMs: number): Promise<number>;
  usage(): Usage;
  /** After the appends under way. */
  close(): Promise<void>;
}

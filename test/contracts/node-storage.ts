/** What every storage of the node does (bootstrap-node/storage.ts). Run against each by node-storage.test.ts. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AppendOutcome, StorageLimits, TopicStorage } from "../../bootstrap-node/storage.ts";
import { sha256 } from "../../core/crypto/hash.ts";
import type { TopicId } from "../../core/lang/brand.ts";

export const roomyLimits: StorageLimits = {
  maxTopics: 1_000,
  maxTopicEnvelopes: 2_000,
  maxTopicBytes: 8 * 1_024 * 1_024,
  maxBytes: 64 * 1_024 * 1_024,
};
export const topic = (n: number) => n.toString(16).padStart(64, "0") as TopicId;
export function envelope(n: number, bytes = 1_024): Uint8Array {
  const made = new Uint8Array(bytes).fill(n % 251);
  new DataView(made.buffer).setUint32(0, n);
  return made;
}
/** What has no part in what a test is about. */
export const plain = { slot: undefined, expiresAtMs: 1_000, topicUntilMs: 2_000, mayBegin: true };
const slot = (n: number) => new Uint8Array(32).fill(n);
const everything = 100_000_000;

export function describeNodeStorage(name: string, open: (limits: StorageLimits) => Promise<TopicStorage>): void {
  describe(`node storage: ${name}`, () => {
    let storage: TopicStorage;
    beforeEach(async () => {
      storage = await open(roomyLimits);
    });
    afterEach(() => storage.close());

    const append = (
      t: number,
      n: number,
      options: {
        slot?: Uint8Array;
        now?: number;
        until?: number;
        bytes?: number;
        topicUntil?: number;
        mayBegin?: boolean;
      } = {},
    ) =>
      storage.append(
        {
          topic: topic(t),
          envelope: envelope(n, options.bytes),
          slot: options.slot,
          expiresAtMs: options.until ?? 1_000,
          topicUntilMs: options.topicUntil ?? 2_000,
          mayBegin: options.mayBegin ?? true,
        },
        options.now ?? 0,
      );
    const sequence = (outcome: AppendOutcome) => ("sequence" in outcome ? outcome.sequence : outcome.kind);
    const numbers = async (
      t: number,
      options: { after?: number; limit?: number; now?: number; maxBytes?: number } = {},
    ) => {
      const query = {
        topic: topic(t),
        after: options.after ?? 0,
        limit: options.limit ?? 100,
        maxBytes: options.maxBytes ?? everything,
      };
      const outcome = await storage.read(query, options.now ?? 0);
      if (outcome.kind !== "read") throw new Error(outcome.kind);
      return { found: outcome.entries.map((entry) => entry.sequence), more: outcome.more, latest: outcome.latest };
    };

    it("numbers the envelopes of a topic from one, each topic for itself", async () => {
      expect(sequence(await append(1, 1))).toBe(1);
      expect(sequence(await append(1, 2))).toBe(2);
      expect(sequence(await append(2, 3))).toBe(1);
    });

    it("gives back the bytes, expiry and hash it was given", async () => {
      expect(await append(1, 7, { until: 900 })).toEqual({
        kind: "held",
        sequence: 1,
        expiresAtMs: 900,
        hash: sha256(envelope(7)),
        isNew: true,
        hasBegun: true,
      });
      const read = await storage.read({ topic: topic(1), after: 0, limit: 10, maxBytes: everything }, 0);
      expect(read).toMatchObject({ kind: "read", more: false, latest: 1 });
      const [entry] = read.kind === "read" ? read.entries : [];
      expect(entry).toEqual({ sequence: 1, envelope: envelope(7), expiresAtMs: 900 });
    });

    it("answers the same envelope with its first sequence and expiry", async () => {
      await append(1, 1, { until: 500 });
      await append(1, 2);
      expect(await append(1, 1, { now: 100, until: 600 })).toEqual({
        kind: "held",
        sequence: 1,
        expiresAtMs: 500,
        hash: sha256(envelope(1)),
        isNew: false,
        hasBegun: false,
      });
      expect(await numbers(1)).toEqual({ found: [1, 2], more: false, latest: 2 });
    });

    it("keeps the same envelope once when it comes many times at once", async () => {
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => append(1, 1)));
      expect(new Set(outcomes.map(sequence))).toEqual(new Set([1]));
      expect(storage.usage().envelopes).toBe(1);
    });

    it("gives a slot to the first envelope only", async () => {
      expect(sequence(await append(1, 1, { slot: slot(9) }))).toBe(1);
      expect(await append(1, 2, { slot: slot(9) })).toEqual({ kind: "slot-taken", sequence: 1 });
      expect(sequence(await append(1, 1, { slot: slot(9) }))).toBe(1);
      expect(sequence(await append(1, 3, { slot: slot(8) }))).toBe(2);
      expect(sequence(await append(2, 2, { slot: slot(9) }))).toBe(1);
    });

    it("gives a slot to exactly one of a hundred that race for it", async () => {
      const outcomes = await Promise.all(Array.from({ length: 100 }, (_, n) => append(1, n, { slot: slot(1) })));
      expect(outcomes.filter(({ kind }) => kind === "held")).toHaveLength(1);
      expect(await numbers(1)).toEqual({ found: [1], more: false, latest: 1 });
    });

    it("lets an envelope that is there already take a free slot, and never another's", async () => {
      await append(1, 1);
      await append(1, 2, { slot: slot(5) });
      expect(await append(1, 1, { slot: slot(5) })).toEqual({ kind: "slot-taken", sequence: 2 });
      expect(sequence(await append(1, 1, { slot: slot(6) }))).toBe(1);
      expect(await append(1, 3, { slot: slot(6) })).toEqual({ kind: "slot-taken", sequence: 1 });
    });

    it("keeps a slot after its envelope expired, also when the topic has no other, until the topic is forgotten", async () => {
      await append(1, 1, { slot: slot(1), until: 100 });
      await append(1, 2, { until: 1_000 });
      expect(await storage.sweep(500)).toBe(1);
      expect(await append(1, 3, { slot: slot(1), now: 500 })).toEqual({ kind: "slot-taken", sequence: 1 });
      expect(await storage.sweep(1_999)).toBe(1);
      expect(await append(1, 3, { slot: slot(1), now: 1_999 })).toEqual({ kind: "slot-taken", sequence: 1 });
      await storage.sweep(2_000);
      expect(sequence(await append(1, 4, { now: 2_000, until: 3_000 }))).toBe(3);
      expect(sequence(await append(1, 3, { slot: slot(1), now: 2_000, until: 3_000 }))).toBe(4);
    });

    it("forgets a topic when it is empty and its time is over, and no other", async () => {
      await append(1, 1, { until: 100, topicUntil: 200 });
      await append(2, 1, { until: 300, topicUntil: 200 });
      await append(3, 1, { until: 100, topicUntil: 201 });
      // What is said last is not what counts: a clock may have gone back.
      await append(4, 1, { until: 100, topicUntil: 400 });
      await append(4, 2, { until: 100, topicUntil: 150 });
      await storage.sweep(200);
      expect(storage.usage()).toEqual({ topics: 3, envelopes: 1, bytes: 1_024 });
      expect((await numbers(1, { now: 200 })).latest).toBe(0);
      for (const [t, latest] of [
        [2, 1],
        [3, 1],
        [4, 2],
      ] as const) {
        expect((await numbers(t, { now: 200 })).latest).toBe(latest);
      }
    });

    it("goes on above its old numbers in a topic that begins again after it was forgotten", async () => {
      for (let n = 1; n <= 3; n++) await append(1, n, { until: 100, topicUntil: 200 });
      await append(2, 1, { until: 100, topicUntil: 200 });
      await storage.sweep(200);
      const read = { after: 3, now: 200 };
      expect(await numbers(1, read)).toEqual({ found: [], more: false, latest: 0 });
      await append(1, 4, { now: 200 });
      expect(await numbers(1, read)).toEqual({ found: [4], more: false, latest: 4 });
    });

    it("forgets more topics than one step of the sweep", async () => {
      await Promise.all(Array.from({ length: 600 }, (_, n) => append(n, n, { until: 100, topicUntil: 200 })));
      expect(await storage.sweep(100)).toBe(600);
      expect(storage.usage().topics).toBe(600);
      expect(await storage.sweep(200)).toBe(0);
      expect(storage.usage().topics).toBe(0);
    });

    it("lets a topic be begun only by an envelope that may", async () => {
      expect(await append(1, 1, { mayBegin: false })).toEqual({ kind: "no-topic" });
      expect(storage.usage().topics).toBe(0);
      expect(await append(1, 1)).toMatchObject({ kind: "held", sequence: 1, hasBegun: true });
      expect(await append(1, 2, { mayBegin: false })).toMatchObject({ kind: "held", sequence: 2, hasBegun: false });
    });

    it("reads pages in order and says when there is more", async () => {
      for (let n = 1; n <= 5; n++) await append(1, n);
      expect(await numbers(1, { limit: 2 })).toEqual({ found: [1, 2], more: true, latest: 5 });
      expect(await numbers(1, { after: 2, limit: 3 })).toEqual({ found: [3, 4, 5], more: false, latest: 5 });
      expect(await numbers(1, { after: 5 })).toEqual({ found: [], more: false, latest: 5 });
      expect(await numbers(9)).toEqual({ found: [], more: false, latest: 0 });
    });

    it("ends a page before it exceeds the bytes of an answer", async () => {
      for (let n = 1; n <= 3; n++) await append(1, n, { bytes: 4_096 });
      expect(await numbers(1, { maxBytes: 9_000 })).toEqual({ found: [1, 2], more: true, latest: 3 });
      expect(await numbers(1, { after: 2, maxBytes: 9_000 })).toEqual({ found: [3], more: false, latest: 3 });
    });

    it("does not give what has expired, swept or not", async () => {
      await append(1, 1, { until: 100 });
      await append(1, 2, { until: 200 });
      expect(await numbers(1, { now: 100 })).toEqual({ found: [2], more: false, latest: 2 });
      expect(await storage.sweep(100)).toBe(1);
      expect(await numbers(1, { now: 100 })).toEqual({ found: [2], more: false, latest: 2 });
    });

    it("takes an expired envelope anew, with a new number", async () => {
      await append(1, 1, { until: 100, slot: slot(1) });
      expect(await append(1, 1, { now: 150, until: 900, slot: slot(1) })).toMatchObject({ sequence: 2, isNew: true });
      expect(await numbers(1, { now: 150 })).toEqual({ found: [2], more: false, latest: 2 });
      expect(storage.usage()).toEqual({ topics: 1, envelopes: 1, bytes: 1_024 });
    });

    it("never gives a number again, also after every envelope expired", async () => {
      for (let n = 1; n <= 3; n++) await append(1, n, { until: 100 });
      expect(await storage.sweep(100)).toBe(3);
      expect(storage.usage()).toEqual({ topics: 1, envelopes: 0, bytes: 0 });
      expect(await numbers(1, { now: 100 })).toEqual({ found: [], more: false, latest: 3 });
      expect(sequence(await append(1, 4, { now: 100 }))).toBe(4);
    });

    it("sweeps more than one step of it", async () => {
      await Promise.all(Array.from({ length: 1_000 }, (_, n) => append(n % 7, n, { until: 100 })));
      await append(1, 5_000, { until: 900 });
      expect(await storage.sweep(100)).toBe(1_000);
      expect(storage.usage().envelopes).toBe(1);
    });

    it("gives a reader that races appends no entry above the latest number it names, and none less than it", async () => {
      let isWriting = true;
      const write = async () => {
        for (let n = 0; n < 600; n++) await append(1, n);
        isWriting = false;
      };
      const torn: unknown[] = [];
      const race = async () => {
        for (let after = 0; isWriting; ) {
          const page = await numbers(1, { after });
          after = page.found.at(-1) ?? after;
          if (after !== page.latest) torn.push({ after, ...page });
        }
      };
      await Promise.all([write(), ...Array.from({ length: 8 }, race)]);
      expect(torn).toEqual([]);
    });

    it("reads a whole page while a sweep is running", async () => {
      await Promise.all(Array.from({ length: 600 }, (_, n) => append(1, n, { until: n % 2 === 0 ? 100 : 900 })));
      const [swept, page] = await Promise.all([storage.sweep(100), numbers(1, { now: 100 })]);
      expect(swept).toBe(300);
      expect(page.found).toEqual(Array.from({ length: 100 }, (_, n) => 2 * n + 2));
    });

    it("gives readers that race the sweep all that has not expired, page by page, and nothing that has (F18)", async () => {
      await Promise.all(Array.from({ length: 1_000 }, (_, n) => append(1, n, { until: n % 2 === 0 ? 100 : 900 })));
      const odd = Array.from({ length: 500 }, (_, n) => 2 * n + 2);
      const walk = async () => {
        const found: number[] = [];
        for (;;) {
          const after = found.at(-1) ?? 0;
          const page = await storage.read({ topic: topic(1), after, limit: 30, maxBytes: everything }, 100);
          if (page.kind !== "read") throw new Error(page.kind);
          found.push(...page.entries.map((entry) => entry.sequence));
          if (!page.more) return { found, latest: page.latest };
        }
      };
      const [swept, ...walks] = await Promise.all([storage.sweep(100), ...Array.from({ length: 6 }, walk)]);
      expect(swept).toBe(500);
      for (const { found, latest } of walks) expect({ found, latest }).toEqual({ found: odd, latest: 1_000 });
    });
  });

  describe(`node storage limits: ${name}`, () => {
    const put = (storage: TopicStorage, t: number, n: number, nowMs = 0) =>
      storage.append({ ...plain, topic: topic(t), envelope: envelope(n) }, nowMs);

    it("takes of many at once what there is room for, from the first on, and says of each other one that the topic is full (F18)", async () => {
      const small = await open({ ...roomyLimits, maxTopicEnvelopes: 300 });
      const outcomes = await Promise.all(
        Array.from({ length: 700 }, (_, n) => small.append({ ...plain, topic: topic(1), envelope: envelope(n) }, 0)),
      );
      const wanted = Array.from({ length: 700 }, (_, n) => (n < 300 ? n + 1 : "topic-full"));
      expect(outcomes.map((outcome) => ("sequence" in outcome ? outcome.sequence : outcome.kind))).toEqual(wanted);
      const page = await small.read({ topic: topic(1), after: 0, limit: 1_000, maxBytes: everything }, 0);
      expect(page.kind === "read" && page.entries.map((entry) => entry.sequence)).toEqual(wanted.slice(0, 300));
      await small.close();
    });

    it.each([
      ["envelopes", { maxTopicEnvelopes: 2 }],
      ["bytes", { maxTopicBytes: 2_500 }],
    ])("refuses what exceeds a topic's %s, keeps what it holds and takes more after expiry", async (_, limit) => {
      const storage = await open({ ...roomyLimits, ...limit });
      await put(storage, 1, 1);
      await put(storage, 1, 2);
      expect(await put(storage, 1, 3)).toEqual({ kind: "topic-full" });
      expect(await put(storage, 1, 2)).toMatchObject({ kind: "held", sequence: 2 });
      expect(await put(storage, 2, 3)).toMatchObject({ kind: "held", sequence: 1 });
      await storage.sweep(1_000);
      expect(await put(storage, 1, 3, 1_000)).toMatchObject({ kind: "held", sequence: 3 });
      await storage.close();
    });

    it.each([
      ["bytes", { maxBytes: 2_500 }],
      ["topics", { maxTopics: 2 }],
    ])("refuses a new topic beyond the node's %s until another is forgotten", async (_, limit) => {
      const storage = await open({ ...roomyLimits, ...limit });
      await put(storage, 1, 1);
      await put(storage, 2, 2);
      expect(await put(storage, 3, 3)).toEqual({ kind: "node-full" });
      expect(storage.usage()).toEqual({ topics: 2, envelopes: 2, bytes: 2_048 });
      await storage.sweep(2_000);
      expect(await put(storage, 3, 3, 2_000)).toMatchObject({ kind: "held" });
      await storage.close();
    });
  });
}

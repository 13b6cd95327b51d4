/** The node's storage port without a disk. Proven equal to the real one by test/contracts/node-storage.ts. */
import {
  type AppendOutcome,
  envelopeOverheadBytes,
  type NewEnvelope,
  type StorageLimits,
  type StoredEnvelope,
  type TopicStorage,
} from "../../bootstrap-node/storage.ts";
import { sha256 } from "../../core/crypto/hash.ts";
import { toHex } from "../../core/lang/bytes.ts";

interface Topic {
  latest: number;
  untilMs: number;
  entries: (StoredEnvelope & { readonly hash: string })[];
  readonly slots: Map<string, { readonly sequence: number; readonly hash: string }>;
}

export function memoryTopicStorage(limits: StorageLimits): TopicStorage {
  const topics = new Map<string, Topic>();
  /** As high as any number that a forgotten topic gave. */
  let forgotten = 0;
  const all = () => [...topics.values()].flatMap(({ entries }) => entries);
  const size = (entries: readonly StoredEnvelope[]) => entries.reduce((sum, { envelope }) => sum + envelope.length, 0);

  function append(added: NewEnvelope, nowMs: number): AppendOutcome {
    const { topic: name, envelope, slot, expiresAtMs, topicUntilMs, mayBegin } = added;
    const hasBegun = !topics.has(name);
    if (hasBegun && !mayBegin) return { kind: "no-topic" };
    const hashBytes = sha256(envelope);
    const hash = toHex(hashBytes);
    const topic = topics.get(name) ?? { latest: forgotten, untilMs: 0, entries: [], slots: new Map() };
    const place = slot && toHex(slot);
    const owner = place === undefined ? undefined : topic.slots.get(place);
    if (owner !== undefined && owner.hash !== hash) return { kind: "slot-taken", sequence: owner.sequence };
    const same = topic.entries.find((entry) => entry.hash === hash && entry.expiresAtMs > nowMs);
    if (same !== undefined) {
      if (place !== undefined && !owner) topic.slots.set(place, { sequence: same.sequence, hash });
      const { sequence, expiresAtMs } = same;
      return { kind: "held", sequence, expiresAtMs, hash: hashBytes, isNew: false, hasBegun };
    }
    topic.entries = topic.entries.filter((entry) => entry.hash !== hash);
    if (topic.entries.length >= limits.maxTopicEnvelopes) return { kind: "topic-full" };
    if (size(topic.entries) + envelope.length > limits.maxTopicBytes) return { kind: "topic-full" };
    if (size(all()) + envelope.length > limits.maxBytes) return { kind: "node-full" };
    if (hasBegun && topics.size >= limits.maxTopics) return { kind: "node-full" };
    topics.set(name, topic);
    topic.latest += 1;
    topic.untilMs = Math.max(topic.untilMs, topicUntilMs);
    topic.entries.push({ sequence: topic.latest, envelope: Uint8Array.from(envelope), expiresAtMs, hash });
    if (place !== undefined) topic.slots.set(place, { sequence: topic.latest, hash });
    return { kind: "held", sequence: topic.latest, expiresAtMs, hash: hashBytes, isNew: true, hasBegun };
  }

  return {
    append: async (entry, nowMs) => append(entry, nowMs),
    async read({ topic: name, after, limit, maxBytes }, nowMs) {
      const topic = topics.get(name);
      const found = topic?.entries.filter(({ sequence, expiresAtMs }) => sequence > after && expiresAtMs > nowMs) ?? [];
      let bytes = 0;
      const fitting = found.findIndex(({ envelope }) => {
        bytes += envelope.length + envelopeOverheadBytes;
        return bytes > maxBytes;
      });
      const count = Math.min(limit, fitting < 0 ? found.length : fitting);
      const entries = found.slice(0, count).map(({ hash: _, ...entry }) => entry);
      return { kind: "read", entries, more: found.length > count, latest: topic?.latest ?? 0 };
    },
    async sweep(nowMs) {
      const before = all().length;
      for (const [name, topic] of topics) {
        topic.entries = topic.entries.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
        if (topic.entries.length > 0 || topic.untilMs > nowMs) continue;
        topics.delete(name);
        forgotten = Math.max(forgotten, topic.latest);
      }
      return before - all().length;
    },
    usage: () => ({ topics: topics.size, envelopes: all().length, bytes: size(all()) }),
    close: async () => {},
  };
}

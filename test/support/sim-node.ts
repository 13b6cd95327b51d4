// A bootstrap node in the process: topics with sequences, slots and expiry, custody under a real key, wakes and signals
// (PROTOCOL.md §6). Durable: what it answered for is there when it is up again. The connections to it are sim-connection.ts.
import * as crypto from "node:crypto";
import { labelled, labels } from "../../core/crypto/labels.ts";
import { publicKeyOf } from "../../core/crypto/signature.ts";
import type { EnvelopeHash, NodeUrl, TopicId } from "../../core/lang/brand.ts";
import { idBytes, toHex } from "../../core/lang/bytes.ts";
import { err, ok, type Result } from "../../core/lang/result.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { AppendFault, Custody, TopicEntry } from "../../core/ports/node.ts";
import { envelopeHash } from "../../core/wire/envelope.ts";
import { custodyMessage, type IceServer } from "../../core/wire/node-protocol.ts";
import { copied } from "./copied-row.ts";

export interface SimTopic {
  readonly entries: TopicEntry[];
  latest: number;
  /** Slot in hex to the sequence that took it. */
  readonly slots: Map<string, number>;
}

export interface SimNode {
  readonly url: NodeUrl;
  readonly nodeKey: Uint8Array;
  readonly topics: Map<TopicId, SimTopic>;
  /** The next append is durable, and the node dies before it answers. */
  dieAfterAppend: boolean;
  /** Every promise it ever signed, as `promiseOf` writes it; a node that forgets its topics keeps these for the test. */
  readonly promised: Set<string>;
  /** Envelopes that were ever granted the slot they asked for. */
  readonly granted: Set<EnvelopeHash>;
  /** What every append is answered with, instead of being kept. A forged custody is a broken promise to its client. */
  refuses: AppendFault | undefined;
  /** What it takes from now on it gives to nobody. */
  withholds: boolean;
  readonly withheld: Set<EnvelopeHash>;
  /** Whoever asks what lies there is told to come again later, for as long as this is so. */
  isBusy: boolean;
  readonly up: boolean;
  /** A node that goes down drops its connections; topics stay. */
  setUp(up: boolean): void;
  /** The STUN and TURN servers it names. */
  readonly iceServers: readonly IceServer[];
  setIceServers(servers: readonly IceServer[]): void;
  /** `by`: the device that asks; an honest node makes nothing of it. */
  append(topic: TopicId, envelope: Uint8Array, slot: Uint8Array | undefined, by?: string): Result<Custody, AppendFault>;
  read(
    topic: TopicId,
    after: number,
    limit: number,
    by?: string,
  ): { entries: TopicEntry[]; more: boolean; latest: number };
  latest(topic: TopicId): number;
  /** Told of every new entry and of every change of `up` and of the servers it names. */
  readonly watchers: Set<NodeWatcher>;
  /** The node with everything on its disk, to begin another world with. */
  copy(clock: Clock): SimNode;
}

export interface NodeWatcher {
  appended(topic: TopicId, sequence: number): void;
  upChanged(): void;
  iceChanged(): void;
}

export const promiseOf = (topic: TopicId, hash: EnvelopeHash, sequence: number) => `${topic} ${hash} ${sequence}`;

const retentionMs = 30 * 24 * 3_600_000;
const frameBytes = 72 * 1_024;

export function createSimNode(
  clock: Clock,
  url: NodeUrl,
  seed: Uint8Array,
  topics = new Map<TopicId, SimTopic>(),
): SimNode {
  const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  const key = crypto.createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  const watchers = new Set<NodeWatcher>();
  const promised = new Set<string>();
  const granted = new Set<EnvelopeHash>();
  let up = true;
  let iceServers: readonly IceServer[] = [];

  function topicOf(id: TopicId): SimTopic {
    const topic = topics.get(id) ?? { entries: [], latest: 0, slots: new Map<string, number>() };
    topics.set(id, topic);
    return topic;
  }

  function custodyOf(topic: TopicId, { hash, sequence, expiresAtMs }: TopicEntry): Custody {
    promised.add(promiseOf(topic, hash, sequence));
    const message = labelled(labels.custody, custodyMessage(topic, idBytes(hash), sequence, expiresAtMs));
    return { sequence, expiresAtMs, signature: new Uint8Array(crypto.sign(null, message, key)) };
  }

  for (const [id, { entries }] of topics) {
    for (const { hash, sequence } of entries) promised.add(promiseOf(id, hash, sequence));
  }

  const node: SimNode = {
    url,
    nodeKey: publicKeyOf(seed),
    topics,
    dieAfterAppend: false,
    promised,
    granted,
    refuses: undefined,
    withholds: false,
    withheld: new Set(),
    isBusy: false,
    watchers,
    get up() {
      return up;
    },
    setUp(next) {
      if (next === up) return;
      up = next;
      for (const watcher of [...watchers]) watcher.upChanged();
    },
    get iceServers() {
      return iceServers;
    },
    setIceServers(servers) {
      iceServers = servers;
      for (const watcher of [...watchers]) watcher.iceChanged();
    },
    append(id, envelope, slot) {
      if (node.refuses !== undefined) return err(node.refuses);
      const topic = topicOf(id);
      const hash = envelopeHash(envelope);
      const before = topic.entries.find((entry) => entry.hash === hash && entry.expiresAtMs > clock.now());
      const taken = slot && topic.slots.get(toHex(slot));
      if (taken !== undefined && taken !== before?.sequence) return err({ kind: "slot-taken", sequence: taken });
      if (slot !== undefined) granted.add(hash);
      if (before !== undefined) {
        if (slot !== undefined) topic.slots.set(toHex(slot), before.sequence);
        return ok(custodyOf(id, before));
      }
      const sequence = ++topic.latest;
      if (node.withholds) node.withheld.add(hash);
      if (slot !== undefined) topic.slots.set(toHex(slot), sequence);
      const entry = { sequence, envelope: envelope.slice(), hash, expiresAtMs: clock.now() + retentionMs };
      topic.entries.push(entry);
      for (const watcher of [...watchers]) watcher.appended(id, sequence);
      return ok(custodyOf(id, entry));
    },
    read(id, after, limit) {
      const topic = topics.get(id);
      const nowMs = clock.now();
      const waiting =
        topic?.entries.filter(
          (entry) => entry.sequence > after && entry.expiresAtMs > nowMs && !node.withheld.has(entry.hash),
        ) ?? [];
      const entries: TopicEntry[] = [];
      let bytes = 0;
      for (const entry of waiting.slice(0, limit)) {
        bytes += entry.envelope.length;
        if (entries.length > 0 && bytes > frameBytes) break;
        entries.push({ ...entry, envelope: entry.envelope.slice() });
      }
      return { entries, more: waiting.length > entries.length, latest: topic?.latest ?? 0 };
    },
    latest: (id) => topics.get(id)?.latest ?? 0,
    copy: (otherClock) => createSimNode(otherClock, url, seed, copied(topics)),
  };
  return node;
}

/**
 * Reading topics: follows every topic of this profile at each of its nodes, and says what was read. Does not know what is
 * in the entries.
 */

import type { NodeUrl, TopicId } from "../lang/brand.ts";
import type { TopicAccess } from "../ports/node.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { deriveTopic } from "../wire/topic.ts";
import type { Context } from "./context.ts";
import type { Reach } from "./node-watch.ts";
import { createOwedPatience, type OwedPatience } from "./owed-patience.ts";
import { createTopicReader, type ReaderHandlers, type TopicReader } from "./topic-reader.ts";

export interface MailboxHandlers extends Omit<ReaderHandlers, "drained" | "lostData"> {
  /** The node has less than it had. `false`: that could not be written down. */
  lostData(topic: TopicRecord, node: NodeUrl): Promise<boolean>;
  /** All entries at the node up to `latest` were taken in, or passed. */
  drained(topic: TopicRecord, node: NodeUrl, latest: number): void;
  signal(topic: TopicRecord, body: Uint8Array): void;
  /** Everything in reach was read, and something there still waits for keys that are nowhere. Whether new ones were asked for. */
  stuck(topic: TopicRecord): Promise<boolean>;
}

export interface Mailbox {
  /** Follows what is new in the topics table and stops following what is gone. */
  refresh(): Promise<void>;
  /** Whether everything in the topic at the node was taken in since that was last out of reach. */
  isRead(topic: TopicId, node: NodeUrl): boolean;
  /** Whether that is so at every node of the topic that does not count as away, nor as one that gives nothing. */
  isAllRead(topic: TopicId): boolean;
  /** Whether a node of the topic is connected and has not given all of it: it may be busy. */
  isOwed(topic: TopicId): boolean;
  /** Reads what lies in the topic now, at every node in reach; resolves when that is taken in, or after a while without it. */
  catchUp(topic: TopicId): Promise<void>;
  /** Reads on at the node, where something of our own lies of which it tells nobody but others. */
  look(topic: TopicId, node: NodeUrl): void;
  /** Something is known to lie there that was not taken in: it does not count as read until it was. */
  unread(topic: TopicId, node: NodeUrl): void;
  /** Its keys have moved on by another way than reading: what was ahead of them is tried again. */
  keysMoved(topic: TopicId): void;
  /** A node counts as away from now on: what was waited for there is waited for no longer. */
  gone(node: NodeUrl): Promise<void>;
  /** The right to a topic, for appending and signals. */
  access(topic: TopicRecord): TopicAccess;
  stop(): void;
}

/** How long a link waits for its topic to be read: reading takes a round trip to the node, and the sender's patience is longer. */
const catchUpMs = 2_000;

interface Followed {
  readonly topic: TopicId;
  readonly node: NodeUrl;
  readonly reader: TopicReader;
  readonly patience: OwedPatience;
  end(): void;
}

export function createMailbox(context: Context, reach: Reach, handlers: MailboxHandlers): Mailbox {
  /** By topic and node. */
  const followed = new Map<string, Followed>();
  const rights = new Map<TopicId, TopicAccess>();
  const waiting = new Set<{ readonly topic: TopicId; tell(node: NodeUrl): void }>();
  let stopped = false;

  function access(topic: TopicRecord): TopicAccess {
    const known = rights.get(topic.key);
    if (known !== undefined) return known;
    const made = { topic: topic.key, seed: deriveTopic(topic.secret).seed };
    rights.set(topic.key, made);
    return made;
  }

  function readersOf(topic: TopicId): readonly Followed[] {
    return [...followed.values()].filter((one) => one.topic === topic);
  }

  function follow(topic: TopicRecord, url: NodeUrl): Followed {
    const node = context.nodes.node(url);
    const reader = createTopicReader(context, topic.key, node, access(topic), {
      entries: handlers.entries,
      lostData: (now) => handlers.lostData(now, url),
      paged(now) {
        tryMoved(now);
        handlers.paged(now);
      },
      drained(now, latest) {
        patience.read();
        tryMoved(now);
        handlers.drained(now, url, latest);
        for (const one of [...waiting]) if (one.topic === now.key) one.tell(url);
        checkStuck(now).catch((error: unknown) => stopped || context.log.fault("looking for keys failed", error));
      },
    });
    const patience = createOwedPatience(
      context.clock,
      node,
      () => reader.isRead,
      () => void lookAfter(topic.key),
    );
    const end = node.follow(access(topic), {
      wake: () => reader.wake(),
      signal: (body) => handlers.signal(topic, body),
    });
    return {
      topic: topic.key,
      node: url,
      reader,
      patience,
      end() {
        end();
        reader.stop();
        patience.stop();
      },
    };
  }

  /** What was read at one node may hold the keys for what is ahead at another. */
  function tryAgain(topic: TopicId): void {
    for (const { reader } of readersOf(topic)) if (reader.hasAhead) reader.look();
  }

  /** What is ahead anywhere may be behind the keys that came. Under the same keys it would be asked for without end. */
  function tryMoved(topic: TopicRecord): void {
    for (const { reader } of readersOf(topic.key)) {
      if (!reader.hasAhead) continue;
      const look = async () => (await reader.isStuck(topic)) || reader.look();
      look().catch((error: unknown) => stopped || context.log.fault("looking for keys failed", error));
    }
  }

  /** All of it, or as much as is waited for. */
  function hasGiven({ reader, node, patience }: Followed): boolean {
    return reader.isRead || reach.isAway(node) || patience.isOver;
  }

  /** A node is not waited for any more. What fails for one topic keeps no other from being looked after. */
  async function lookAfter(key: TopicId): Promise<void> {
    try {
      const topic = await context.storage.get("topics", key);
      if (topic !== undefined) await checkStuck(topic);
    } catch (error) {
      if (!stopped) context.log.fault("looking for keys failed", error);
    }
  }

  /** A node that was lost a moment ago may have the keys: it is waited for until it counts as away. */
  async function checkStuck(topic: TopicRecord): Promise<void> {
    const readers = readersOf(topic.key);
    const ahead = readers.filter(({ reader }) => reader.hasAhead);
    const isWaiting = !readers.every(hasGiven);
    if (ahead.length === 0 || isWaiting) return;
    for (const { reader } of ahead) if (!(await reader.isStuck(topic))) return;
    if (await handlers.stuck(topic)) for (const { reader } of ahead) reader.mended();
  }

  return {
    access,
    isRead: (topic, node) => followed.get(`${topic} ${node}`)?.reader.isRead ?? false,
    isAllRead(topic) {
      const readers = readersOf(topic);
      return readers.length > 0 && readers.every(hasGiven);
    },
    isOwed: (topic) => readersOf(topic).some(({ reader, node }) => !reader.isRead && reach.isConnected(node)),
    catchUp(topic) {
      const readers = readersOf(topic).filter(({ node }) => reach.isConnected(node));
      // What comes over a link waits for this, whatever conversation it is of.
      if (readers.length === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const left = new Set(readers.map(({ node }) => node));
        const finish = () => {
          cancel();
          waiting.delete(one);
          resolve();
        };
        const one = {
          topic,
          tell(node: NodeUrl) {
            left.delete(node);
            if (left.size === 0) finish();
          },
        };
        const cancel = context.clock.after(catchUpMs, finish);
        waiting.add(one);
        for (const { reader } of readers) reader.look();
      });
    },
    look: (topic, node) => followed.get(`${topic} ${node}`)?.reader.look(),
    unread(topic, node) {
      const one = followed.get(`${topic} ${node}`);
      one?.reader.unread();
      one?.patience.unread();
    },
    keysMoved: tryAgain,
    async gone(node) {
      const topics = new Set([...followed.values()].flatMap((one) => (one.node === node ? [one.topic] : [])));
      for (const key of topics) await lookAfter(key);
    },
    async refresh() {
      const rows = await context.storage.all("topics");
      if (stopped) return;
      const wanted = new Map<string, () => Followed>();
      for (const row of rows) {
        if (row.purpose.kind === "reply" || row.purpose.kind === "history-left") continue;
        for (const { node } of row.places) wanted.set(`${row.key} ${node}`, () => follow(row, node));
      }
      for (const [key, one] of followed) {
        if (wanted.has(key)) continue;
        one.end();
        followed.delete(key);
      }
      for (const [key, begin] of wanted) if (!followed.has(key)) followed.set(key, begin());
      // The key of a topic that was forgotten is nobody's business any more.
      const known = new Set(rows.map(({ key }) => key));
      for (const key of [...rights.keys()]) if (!known.has(key)) rights.delete(key);
    },
    stop() {
      stopped = true;
      for (const one of followed.values()) one.end();
      followed.clear();
    },
  };
}

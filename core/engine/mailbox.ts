/**
 * Reading topics: follows every topic of this profile at its node, reads from the cursor on each wake, and gives the
 * entries to their story in order. Does not know what is in them.
 */

import type { TopicId } from "../lang/brand.ts";
import type { NodeClient, TopicAccess, TopicEntry } from "../ports/node.ts";
import type { TopicRecord } from "../ports/records.ts";
import { deriveTopic } from "../wire/topic.ts";
import { type Context, commit } from "./context.ts";

export interface MailboxHandlers {
  /** Takes one entry in and moves the topic's cursor with it. `false`: not kept; reading stops until the next wake. */
  entry(topic: TopicRecord, entry: TopicEntry): Promise<boolean>;
  /** A page of entries was taken in. */
  paged(topic: TopicRecord): void;
  /** All entries up to now were taken in. */
  drained(topic: TopicRecord): void;
  signal(topic: TopicRecord, body: Uint8Array): void;
}

export interface Mailbox {
  /** Follows what is new in the topics table and stops following what is gone. */
  refresh(): Promise<void>;
  /** Whether everything in the topic was taken in since its node was last out of reach. */
  isRead(topic: TopicId): boolean;
  /** Reads what lies in the topic now; resolves when that is taken in, or after a while without it. */
  catchUp(topic: TopicId): Promise<void>;
  /** Something is known to lie there that was not taken in: it does not count as read until it was. */
  unread(topic: TopicId): void;
  /** The right to a topic, for appending and signals. */
  access(topic: TopicRecord): TopicAccess;
  stop(): void;
}

/** Entries asked for at a time; the frame's bound cuts a page of large envelopes shorter. */
const pageEntries = 50;
/** How long a link waits for its topic to be read: reading takes a round trip to the node, and the sender's patience is longer. */
const catchUpMs = 2_000;
/** After a write of ours failed, the same entries are read again. */
const retryAfterMs = 5_000;

export function createMailbox(context: Context, handlers: MailboxHandlers): Mailbox {
  const followed = new Map<TopicId, { readonly look: () => void; readonly end: () => void }>();
  const rights = new Map<TopicId, TopicAccess>();
  const read = new Set<TopicId>();
  const waiting = new Map<TopicId, Set<() => void>>();
  let stopped = false;

  function access(topic: TopicRecord): TopicAccess {
    const known = rights.get(topic.key);
    if (known !== undefined) return known;
    const made = { topic: topic.key, seed: deriveTopic(topic.secret).seed };
    rights.set(topic.key, made);
    return made;
  }

  function follow(topic: TopicRecord): void {
    const node = context.nodes.node(topic.node);
    const reader = createReader(topic.key, node, access(topic));
    const end = node.follow(access(topic), {
      wake: () => reader.look(),
      signal: (body) => handlers.signal(topic, body),
    });
    const endStatus = node.status.subscribe((status) => {
      if (status.kind !== "connected") read.delete(topic.key);
    });
    followed.set(topic.key, {
      look: reader.look,
      end() {
        end();
        endStatus();
        read.delete(topic.key);
        reader.stop();
      },
    });
  }

  /** One read loop for a topic; a wake while it runs makes it go round once more. */
  function createReader(key: TopicId, node: NodeClient, right: TopicAccess) {
    let running = false;
    let again = false;
    let ended = false;
    let cancelRetry = () => {};

    function readLater(delayMs: number): void {
      cancelRetry();
      if (!ended) cancelRetry = context.clock.after(delayMs, look);
    }

    async function drain(): Promise<void> {
      for (;;) {
        const topic = await context.storage.get("topics", key);
        if (topic === undefined || ended) return;
        const page = await node.read(right, topic.cursor, pageEntries);
        if (!page.ok) {
          // Offline: the next follow wakes this topic again. After anything else nobody does.
          if (page.error.kind !== "offline")
            readLater(page.error.kind === "busy" ? page.error.retryAfterMs : retryAfterMs);
          return;
        }
        if (page.value.latest < topic.cursor) {
          // The node has lost what it had and counts from the beginning. What is known here is recognised.
          if (!(await rewind(topic))) readLater(retryAfterMs);
          else again = true;
          return;
        }
        for (const entry of page.value.entries) {
          if (ended) return;
          if (!(await handlers.entry(topic, entry))) {
            readLater(retryAfterMs);
            return;
          }
        }
        if (!page.value.more || page.value.entries.length === 0) {
          read.add(key);
          handlers.drained(topic);
          for (const tell of [...(waiting.get(key) ?? [])]) tell();
          return;
        }
        handlers.paged(topic);
      }
    }

    function look(): void {
      if (ended) return;
      if (running) {
        again = true;
        return;
      }
      running = true;
      drain()
        .catch((error: unknown) => context.log.fault("reading a topic failed", error))
        .finally(() => {
          running = false;
          if (again) {
            again = false;
            look();
          }
        });
    }

    return {
      look,
      stop() {
        ended = true;
        cancelRetry();
      },
    };
  }

  async function rewind(topic: TopicRecord): Promise<boolean> {
    const { purpose } = topic;
    return context.turns(purpose.kind === "invite" ? purpose.invite : purpose.conversation, async () => {
      const row = await context.storage.get("topics", topic.key);
      if (row === undefined) return true;
      return (await commit(context, { changes: [{ kind: "put", table: "topics", row: { ...row, cursor: 0 } }] })).ok;
    });
  }

  return {
    access,
    isRead: (topic) => read.has(topic),
    catchUp(topic) {
      return new Promise((resolve) => {
        const others = waiting.get(topic) ?? new Set();
        const tell = () => {
          cancel();
          others.delete(tell);
          resolve();
        };
        const cancel = context.clock.after(catchUpMs, tell);
        waiting.set(topic, others.add(tell));
        followed.get(topic)?.look();
      });
    },
    unread(topic) {
      read.delete(topic);
      followed.get(topic)?.look();
    },
    async refresh() {
      const rows = await context.storage.all("topics");
      if (stopped) return;
      const wanted = new Map(rows.filter((row) => row.purpose.kind !== "reply").map((row) => [row.key, row]));
      for (const [key, { end }] of followed) {
        if (wanted.has(key)) continue;
        end();
        followed.delete(key);
      }
      for (const [key, row] of wanted) if (!followed.has(key)) follow(row);
    },
    stop() {
      stopped = true;
      for (const { end } of followed.values()) end();
      followed.clear();
    },
  };
}

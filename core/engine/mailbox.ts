/**
 * Reading topics: follows every topic of this profile at its node, reads from the cursor on each wake, and gives the
 * entries to their story in order. Does not know what is in them.
 */

import type { TopicId } from "../lang/brand.ts";
import type { NodeClient, TopicAccess, TopicEntry } from "../ports/node.ts";
import type { TopicRecord } from "../ports/records.ts";
import { deriveTopic } from "../wire/topic.ts";
import type { Context } from "./context.ts";

export interface MailboxHandlers {
  /** Takes one entry in and moves the topic's cursor with it. `false`: not kept; reading stops until the next wake. */
  entry(topic: TopicRecord, entry: TopicEntry): Promise<boolean>;
  /** All entries up to now were taken in. */
  drained(topic: TopicRecord): void;
  signal(topic: TopicRecord, body: Uint8Array): void;
}

export interface Mailbox {
  /** Follows what is new in the topics table and stops following what is gone. */
  refresh(): Promise<void>;
  /** The right to a topic, for appending and signals. */
  access(topic: TopicRecord): TopicAccess;
  stop(): void;
}

/** Entries asked for at a time; the frame's bound cuts a page of large envelopes shorter. */
const pageEntries = 50;
/** After a write of ours failed, the same entries are read again. */
const retryAfterMs = 5_000;

export function createMailbox(context: Context, handlers: MailboxHandlers): Mailbox {
  const followed = new Map<TopicId, () => void>();
  const rights = new Map<TopicId, TopicAccess>();
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
      wake: () => reader.read(),
      signal: (body) => handlers.signal(topic, body),
    });
    followed.set(topic.key, () => {
      end();
      reader.stop();
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
      if (!ended) cancelRetry = context.clock.after(delayMs, read);
    }

    async function drain(): Promise<void> {
      for (;;) {
        const topic = await context.storage.get("topics", key);
        if (topic === undefined || ended) return;
        const page = await node.read(right, topic.cursor, pageEntries);
        if (!page.ok) {
          // Offline: the next follow wakes this topic again. A busy node will not.
          if (page.error.kind === "busy") readLater(page.error.retryAfterMs);
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
          handlers.drained(topic);
          return;
        }
      }
    }

    function read(): void {
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
            read();
          }
        });
    }

    return {
      read,
      stop() {
        ended = true;
        cancelRetry();
      },
    };
  }

  return {
    access,
    async refresh() {
      const rows = await context.storage.all("topics");
      if (stopped) return;
      const wanted = new Map(rows.filter((row) => row.purpose.kind !== "reply").map((row) => [row.key, row]));
      for (const [key, end] of followed) {
        if (wanted.has(key)) continue;
        end();
        followed.delete(key);
      }
      for (const [key, row] of wanted) if (!followed.has(key)) follow(row);
    },
    stop() {
      stopped = true;
      for (const end of followed.values()) end();
      followed.clear();
    },
  };
}

/**
 * What nodes promise to keep, and whether they do (§12): a promise is noted with the row and its message, its
 * envelope is expected back, and one that does not come back is broken. Sends nothing but questions.
 */

import { leastPromiseMs } from "../conversation/ways.ts";
import type { ConversationId, EnvelopeHash, NodeUrl, TopicId } from "../lang/brand.ts";
import type { Custody } from "../ports/node.ts";
import type { HeldCustody, OutboxRecord } from "../ports/outbox-records.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { type Context, commit } from "./context.ts";
import type { Mailbox } from "./mailbox.ts";
import { messageChanges } from "./message-row.ts";

/** The row with the node's promise; a newer one takes the place of the older. */
export function withCustody(row: OutboxRecord, node: NodeUrl, custody: Custody, nowMs: number): OutboxRecord {
  const { sequence, expiresAtMs: untilMs, signature } = custody;
  const held: HeldCustody = { node, sequence, atMs: nowMs, untilMs, signature, seen: false };
  return { ...row, custodies: [...row.custodies.filter((one) => one.node !== node), held] };
}

/** The message of `row`, if it has one, with what the node promised. */
export async function heldChanges(context: Context, row: OutboxRecord, node: NodeUrl): Promise<readonly Change[]> {
  const custody = custodyAt(row, node);
  if (custody === undefined) return [];
  const { atMs } = custody;
  const untilMs = Math.max(custody.untilMs, atMs + leastPromiseMs);
  return messageChanges(context, row, (message) => ({
    ...message,
    held: [...message.held.filter((one) => one.node !== node), { node, atMs, untilMs, brokenAtMs: undefined }],
    trouble: undefined,
  }));
}

/** The message of `row`, if it has one, with why the node does not hold it. */
export function troubleChanges(
  context: Context,
  row: OutboxRecord,
  node: NodeUrl,
  what: "full" | "refused" | "broke-promise",
): Promise<readonly Change[]> {
  return messageChanges(context, row, (message) => ({
    ...message,
    trouble: { node, what, atMs: context.clock.now() },
  }));
}

export interface CustodyWatch {
  /** The node has just promised something in the topic: it is looked at there after a while. */
  given(id: ConversationId, topic: TopicId, node: NodeUrl, hash: EnvelopeHash): void;
  /** Envelopes came from the topic at the node; some may be our own. */
  cameBack(id: ConversationId, node: NodeUrl, hashes: ReadonlySet<EnvelopeHash>): Promise<void>;
  /** The topic was read to its end there: what was promised has come back, or is asked for by itself. */
  drained(topic: TopicRecord, id: ConversationId, node: NodeUrl): Promise<void>;
  /** The node counts from the beginning: what came back before says nothing any more. */
  lostData(id: ConversationId, node: NodeUrl): Promise<boolean>;
  stop(): void;
}

/** Nobody tells this device of its own envelopes. Most are acknowledged sooner, and need no look. */
const lookAfterMs = 60_000;

export interface CustodyEvents {
  kept(id: ConversationId, node: NodeUrl): void;
  broken(id: ConversationId, node: NodeUrl): void;
}

export function createCustodyWatch(context: Context, mailbox: Mailbox, events: CustodyEvents): CustodyWatch {
  const looks = new Map<string, () => void>();
  /** Promised and not come back. Where nothing is known yet the outbox is looked through, which takes long when it is full. */
  const awaited = new Map<string, Set<EnvelopeHash>>();
  const laneOf = (id: ConversationId, node: NodeUrl) => `${id} ${node}`;

  async function unseenAt(id: ConversationId, node: NodeUrl): Promise<readonly HeldRow[]> {
    const known = awaited.get(laneOf(id, node));
    const asked = known && [...known];
    // Before looking: what is promised meanwhile is awaited, too.
    const now = known ?? new Set<EnvelopeHash>();
    awaited.set(laneOf(id, node), now);
    const rows = asked
      ? await Promise.all(asked.map((hash) => context.storage.get("outbox", hash)))
      : await context.storage.ofConversation("outbox", id);
    for (const hash of asked ?? []) now.delete(hash);
    return rows.flatMap((row): readonly HeldRow[] => {
      const custody = row && custodyAt(row, node);
      if (row === undefined || custody === undefined || custody.seen) return [];
      now.add(row.key);
      return [{ row, custody }];
    });
  }

  /** The row of now with `change` made to the node's promise, if that is still the one. Call within the turn. */
  async function changed(
    key: EnvelopeHash,
    of: HeldCustody,
    change: (custody: HeldCustody) => HeldCustody | undefined,
  ): Promise<OutboxRecord | undefined> {
    const row = await context.storage.get("outbox", key);
    const custody = row && custodyAt(row, of.node);
    if (row === undefined || custody?.sequence !== of.sequence) return undefined;
    const next = change(custody);
    const others = row.custodies.filter((one) => one !== custody);
    return { ...row, custodies: next === undefined ? others : [...others, next] };
  }

  async function markSeen(id: ConversationId, { row, custody }: HeldRow): Promise<void> {
    await context.turns(id, async () => {
      const seen = await changed(row.key, custody, (one) => ({ ...one, seen: true }));
      if (seen !== undefined) await commit(context, { changes: [{ kind: "put", table: "outbox", row: seen }] });
    });
    events.kept(id, custody.node);
  }

  async function markBroken(id: ConversationId, { row, custody }: HeldRow): Promise<void> {
    await context.turns(id, async () => {
      const without = await changed(row.key, custody, () => undefined);
      if (without === undefined) return;
      const brokenAtMs = context.clock.now();
      const told = await messageChanges(context, without, (message) => ({
        ...message,
        held: message.held.map((one) => (one.node === custody.node ? { ...one, brokenAtMs } : one)),
        trouble: { node: custody.node, what: "broke-promise", atMs: brokenAtMs },
      }));
      await commit(context, { changes: [{ kind: "put", table: "outbox", row: without }, ...told] });
    });
  }

  async function lookAt(id: ConversationId, topic: TopicId, node: NodeUrl): Promise<void> {
    if ((await unseenAt(id, node)).length > 0) mailbox.look(topic, node);
  }

  return {
    given(id, topic, node, hash) {
      awaited.get(laneOf(id, node))?.add(hash);
      const key = `${topic} ${node}`;
      if (looks.has(key)) return;
      const cancel = context.clock.after(lookAfterMs, () => {
        looks.delete(key);
        lookAt(id, topic, node).catch((error: unknown) => context.log.fault("looking after a promise failed", error));
      });
      looks.set(key, cancel);
    },
    stop() {
      for (const cancel of looks.values()) cancel();
      looks.clear();
    },
    async cameBack(id, node, hashes) {
      for (const hash of hashes) awaited.get(laneOf(id, node))?.delete(hash);
      const own = (await context.waiting(id)).filter(({ key }) => hashes.has(key));
      for (const row of own) {
        const custody = custodyAt(row, node);
        if (custody !== undefined && !custody.seen) await markSeen(id, { row, custody });
      }
    },
    drained: (topic, id, node) =>
      context.turns(`custody of ${topic.key} at ${node}`, async () => {
        let broken = false;
        for (const held of await unseenAt(id, node)) {
          if (held.row.topic !== topic.key) continue;
          const page = await context.nodes.node(node).read(mailbox.access(topic), held.custody.sequence - 1, 1);
          if (!page.ok) break;
          const [entry] = page.value.entries;
          if (entry?.hash === held.row.key) await markSeen(id, held);
          else {
            broken = true;
            await markBroken(id, held);
          }
        }
        if (broken) events.broken(id, node);
      }),
    lostData: (id, node) =>
      context.turns(id, async () => {
        awaited.delete(laneOf(id, node));
        const rows = await context.storage.ofConversation("outbox", id);
        const changes = rows.flatMap((row): readonly Change[] => {
          if (!custodyAt(row, node)?.seen) return [];
          const custodies = row.custodies.map((one) => (one.node === node ? { ...one, seen: false } : one));
          return [{ kind: "put", table: "outbox", row: { ...row, custodies } }];
        });
        return changes.length === 0 || (await commit(context, { changes })).ok;
      }),
  };
}

interface HeldRow {
  readonly row: OutboxRecord;
  readonly custody: HeldCustody;
}

function custodyAt({ custodies }: OutboxRecord, node: NodeUrl): HeldCustody | undefined {
  return custodies.find((one) => one.node === node);
}

/**
 * Leaving envelopes at nodes: for each conversation and node one lane, in which rows go one after another. A lane that is
 * refused pauses, longer each time; no lane waits for another. Does not decide which row goes where.
 */

import type { Trouble } from "../conversation/marks.ts";
import { lasts } from "../conversation/ways.ts";
import type { ConversationId, EnvelopeHash, NodeUrl } from "../lang/brand.ts";
import { assertNever } from "../lang/result.ts";
import type { AppendFault, Custody } from "../ports/node.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { type Context, commit } from "./context.ts";
import { troubleChanges } from "./custody.ts";
import type { Mailbox } from "./mailbox.ts";
import { placeAt } from "./places.ts";

export interface NodeLanes {
  /** Leaves the rows at the node, in this order. Where the lane is at work already, the conversation is planned again after it. */
  leave(id: ConversationId, node: NodeUrl, rows: readonly OutboxRecord[]): void;
  /** The node refused what was brought, and is left alone for a while. */
  isPaused(id: ConversationId, node: NodeUrl): boolean;
  /** Somebody asks for it to be tried now. */
  hurry(id: ConversationId): void;
  /** The node broke a promise, or kept one. */
  broke(id: ConversationId, node: NodeUrl): void;
  kept(id: ConversationId, node: NodeUrl): void;
  stop(): void;
}

export interface LaneEvents {
  /** Plan the conversation again. */
  plan(id: ConversationId): void;
  planLater(id: ConversationId, delayMs: number): void;
  /** Whether the row was replaced, or could not be: it is not to be left as it is. */
  sealAnew(id: ConversationId, row: OutboxRecord): Promise<boolean>;
  held(id: ConversationId, key: EnvelopeHash, node: NodeUrl, custody: Custody): Promise<void>;
  slotTaken(row: OutboxRecord): Promise<void>;
}

const busyRetryMs = 2_000;
/** A full node is asked again after a minute, and ever more rarely: room comes with its expiry or its operator. */
const firstPauseMs = 60_000;
const longestPauseMs = 3_600_000;

interface Lane {
  running: boolean;
  again: boolean;
  /** How often in a row it was refused. */
  refusals: number;
  /** Why it is left alone, where it was refused. */
  why: Trouble["what"] | undefined;
  /** Promises broken since one was kept. */
  broken: number;
  endPause: (() => void) | undefined;
}

export function createNodeLanes(context: Context, mailbox: Mailbox, events: LaneEvents): NodeLanes {
  const lanes = new Map<string, Lane>();
  let stopped = false;

  function laneOf(id: ConversationId, node: NodeUrl): Lane {
    const key = `${id} ${node}`;
    const lane = lanes.get(key) ?? {
      running: false,
      again: false,
      refusals: 0,
      why: undefined,
      broken: 0,
      endPause: undefined,
    };
    lanes.set(key, lane);
    return lane;
  }

  function pause(id: ConversationId, lane: Lane, times: number): void {
    if (stopped) return;
    lane.endPause?.();
    const end = context.clock.after(Math.min(firstPauseMs * 2 ** (times - 1), longestPauseMs), () => {
      lane.endPause = undefined;
      events.plan(id);
    });
    lane.endPause = end;
    // The others may have to help.
    events.plan(id);
  }

  async function run(id: ConversationId, node: NodeUrl, lane: Lane, rows: readonly OutboxRecord[]): Promise<void> {
    for (const [index, { key }] of rows.entries()) {
      if (stopped || lane.endPause !== undefined || !(await leaveOne(id, node, lane, key))) {
        return tellOf(id, node, lane, rows.slice(index), true);
      }
    }
  }

  /** `false`: stop here, so that the rows behind keep their order. */
  async function leaveOne(id: ConversationId, node: NodeUrl, lane: Lane, key: EnvelopeHash): Promise<boolean> {
    const row = await context.storage.get("outbox", key);
    if (row === undefined || isHeldAt(row, node)) return true;
    const topic = await context.storage.get("topics", row.topic);
    if (topic === undefined) {
      await commit(context, { changes: [{ kind: "delete", table: "outbox", key }] });
      return true;
    }
    // What lies there may move the group on; only then is it known whether this row can still be opened.
    if (isReadHere(topic, node) && !mailbox.isRead(topic.key, node)) return false;
    if (topic.purpose.kind === "conversation" && (await events.sealAnew(id, row))) return false;
    const answer = await context.nodes.node(node).append(mailbox.access(topic), row.envelope, row.slot);
    if (!answer.ok) return onFault(id, lane, row, answer.error);
    lane.refusals = 0;
    await events.held(id, key, node, answer.value);
    return true;
  }

  function isHeldAt({ custodies }: OutboxRecord, node: NodeUrl): boolean {
    return custodies.some((one) => one.node === node && lasts(one, context.clock.now()));
  }

  async function onFault(id: ConversationId, lane: Lane, row: OutboxRecord, fault: AppendFault): Promise<boolean> {
    switch (fault.kind) {
      case "offline":
        // The node's status wakes everything when it is back.
        return false;
      case "busy":
        events.planLater(id, Math.max(fault.retryAfterMs, busyRetryMs));
        return false;
      case "slot-taken":
        await events.slotTaken(row);
        return false;
      case "full":
      case "refused":
      case "broken-promise": {
        context.log.event("a node did not take an envelope", { full: fault.kind === "full" });
        lane.why = fault.kind === "broken-promise" ? "broke-promise" : fault.kind;
        pause(id, lane, ++lane.refusals);
        return false;
      }
      default:
        return assertNever(fault);
    }
  }

  /**
   * A refused lane is told of at the first message that waits in it: what is in front may be none, as an acknowledgement, and
   * would keep it waiting without a word.
   */
  async function tellOf(
    id: ConversationId,
    node: NodeUrl,
    { endPause, why }: Lane,
    rows: readonly OutboxRecord[],
    isNews: boolean,
  ): Promise<void> {
    if (stopped || endPause === undefined || why === undefined) return;
    await context.turns(id, async () => {
      for (const { key } of rows) {
        const row = await context.storage.get("outbox", key);
        if (row?.message === undefined || row.custodies.some((one) => lasts(one, context.clock.now()))) continue;
        const isTold = (await context.storage.get("messages", row.message))?.trouble !== undefined;
        const changes = isTold && !isNews ? [] : await troubleChanges(context, row, node, why);
        if (changes.length > 0) await commit(context, { changes });
        return;
      }
    });
  }

  return {
    leave(id, node, rows) {
      const lane = laneOf(id, node);
      if (stopped) return;
      if (lane.endPause !== undefined) {
        tellOf(id, node, lane, rows, false).catch((error: unknown) =>
          context.log.fault("a refusal was not told", error),
        );
        return;
      }
      if (lane.running) {
        lane.again = true;
        return;
      }
      lane.running = true;
      run(id, node, lane, rows)
        .catch((error: unknown) => context.log.fault("leaving envelopes at a node failed", error))
        .finally(() => {
          lane.running = false;
          if (!lane.again) return;
          lane.again = false;
          events.plan(id);
        });
    },
    isPaused: (id, node) => lanes.get(`${id} ${node}`)?.endPause !== undefined,
    hurry(id) {
      for (const [key, lane] of lanes) {
        if (!key.startsWith(`${id} `)) continue;
        lane.endPause?.();
        lane.endPause = undefined;
      }
    },
    broke(id, node) {
      const lane = laneOf(id, node);
      lane.broken++;
      lane.why = undefined;
      // Once is an accident, and what was lost is left there again at once.
      if (lane.broken > 1) pause(id, lane, lane.broken - 1);
      else events.plan(id);
    },
    kept(id, node) {
      laneOf(id, node).broken = 0;
    },
    stop() {
      stopped = true;
      for (const lane of lanes.values()) lane.endPause?.();
      lanes.clear();
    },
  };
}

/** The reply to an invite, and what is left at the other side's own nodes, lies where this device does not read. */
function isReadHere(topic: TopicRecord, node: NodeUrl): boolean {
  return topic.purpose.kind === "conversation" && placeAt(topic, node) !== undefined;
}

/**
 * The outbox: carries each row over links to the devices that are here, and leaves it at nodes for those that
 * are not or do not answer. Rows of a conversation go in order; a row ends with its facts.
 */

import { isHeld, lapsesInMs, nodesFor, type Ways } from "../conversation/ways.ts";
import type { ConversationId, DeviceId, EnvelopeHash, NodeUrl } from "../lang/brand.ts";
import type { Custody } from "../ports/node.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { Change } from "../ports/storage.ts";
import { acknowledgedChanges } from "./acknowledge.ts";
import { type Context, commit } from "./context.ts";
import { isOldFor, isOver, replyNodes, waitsForKeys, waysOf } from "./courier-ways.ts";
import { type CustodyWatch, createCustodyWatch, heldChanges, withCustody } from "./custody.ts";
import { unchanged } from "./group-step.ts";
import { createGiving, type Giving } from "./keeper-giving.ts";
import { maySeal } from "./keys-in-use.ts";
import { createLinkCarrier, type LinkTable } from "./link-carrier.ts";
import type { Mailbox } from "./mailbox.ts";
import { createNodeLanes } from "./node-lanes.ts";
import type { Reach } from "./node-watch.ts";
import { sealAgain } from "./seal-said.ts";
import { sealWaiting, waitsUnsealed } from "./seal-waiting.ts";

export interface Courier {
  /** What became of what nodes promised. */
  readonly custody: CustodyWatch;
  /** What contacts promised to keep. */
  readonly giving: Giving;
  /** Carries whatever waits in the conversation. Cheap when nothing does. */
  kick(id: ConversationId): void;
  kickAll(): Promise<void>;
  /** The same, at once also where a node had refused. */
  hurry(id: ConversationId): void;
  /** A link has opened: everything this device waits for goes over it. */
  linkOpened(device: DeviceId): void;
  /** Answers the conversation of the envelope, where that waits here. */
  acknowledged(
    hash: EnvelopeHash,
    device: DeviceId,
    outcome: "delivered" | "refused",
  ): Promise<ConversationId | undefined>;
  stop(): void;
}

/** Timers do not run while a machine sleeps, and clocks are set. */
const lookAgainMs = 6 * 3_600_000;
const writeAgainMs = 60_000;

export interface CourierEvents {
  /** The reply to an invite found its slot taken: somebody else was first. */
  replyTooLate(row: OutboxRecord): Promise<void>;
  /** Something that was to be held by a node is, and its row has ended. */
  done(id: ConversationId): void;
}

export function createCourier(
  context: Context,
  mailbox: Mailbox,
  reach: Reach,
  links: LinkTable,
  events: CourierEvents,
): Courier {
  const running = new Set<ConversationId>();
  const again = new Set<ConversationId>();
  const timers = new Map<ConversationId, { readonly dueMs: number; readonly cancel: () => void }>();
  const byLink = createLinkCarrier(links);
  const lanes = createNodeLanes(context, mailbox, {
    plan: kick,
    planLater: kickLater,
    sealAnew,
    held: (id, key, node, custody) => context.turns(id, () => heldByNode(id, key, node, custody)),
    slotTaken: events.replyTooLate,
  });
  const custody = createCustodyWatch(context, mailbox, { kept: lanes.kept, broken: lanes.broke });
  const giving = createGiving(context, links, { plan: kick, planLater: kickLater });
  let stopped = false;

  function kick(id: ConversationId): void {
    if (stopped) return;
    if (running.has(id)) {
      again.add(id);
      return;
    }
    running.add(id);
    carry(id)
      .catch((error: unknown) => context.log.fault("carrying a conversation failed", error))
      .finally(() => {
        running.delete(id);
        if (again.delete(id)) kick(id);
      });
  }

  /** Of several reasons to look again the soonest counts; looking finds the others. */
  function kickLater(id: ConversationId, delayMs: number): void {
    if (stopped) return;
    const dueMs = context.clock.now() + delayMs;
    const planned = timers.get(id);
    if (planned !== undefined && planned.dueMs <= dueMs) return;
    planned?.cancel();
    const cancel = context.clock.after(delayMs, () => {
      timers.delete(id);
      kick(id);
    });
    timers.set(id, { dueMs, cancel });
  }

  async function carry(id: ConversationId): Promise<void> {
    const all = await context.waiting(id);
    byLink.forgetEnded(id, new Set(all.map((row) => row.key)));
    const ways = await waysOf(context, reach, lanes, id);
    const group = await context.storage.get("groups", id);
    if (!ways.healing && all.some(waitsUnsealed) && (await sealedSome(id))) return;
    const rows: OutboxRecord[] = [];
    for (const row of all) {
      if (stopped) return;
      if (waitsForKeys(row, ways.healing)) continue;
      if (isOver(row, ways, context.clock.now())) {
        await letGo(id, row.key, ways);
        continue;
      }
      // Before anybody has it: a link would bring back a refusal as surely as the topic.
      if (group !== undefined && isOldFor(group, row, context.clock.now())) {
        if (!context.caughtUp.has(id)) continue;
        if (await sealAnew(id, row)) return;
      }
      rows.push(row);
    }
    const left = handOut(id, rows, ways, await replyNodes(context, rows));
    if (ways.cutOff && ways.contact !== undefined) await giving.give(left, ways.contact);
  }

  /** Whether the round is to begin again, now or later. */
  async function sealedSome(id: ConversationId): Promise<boolean> {
    const outcome = await sealWaiting(context, id);
    if (outcome === "more") kick(id);
    if (outcome === "not-written") kickLater(id, writeAgainMs);
    return outcome !== "nothing";
  }

  /** A promise that is over is asked for anew. */
  function renewLater(row: OutboxRecord, nowMs: number): void {
    const lapsesMs = lapsesInMs(row, nowMs);
    if (lapsesMs !== undefined) kickLater(row.conversation, Math.min(lapsesMs, lookAgainMs));
  }

  /**
   * In one go: a link that opened between two rows would let the second overtake the first. Answers what links alone do
   * not bring to everybody.
   */
  function handOut(
    id: ConversationId,
    rows: readonly OutboxRecord[],
    ways: Ways,
    reply: readonly NodeUrl[],
  ): readonly OutboxRecord[] {
    const nowMs = context.clock.now();
    const left: OutboxRecord[] = [];
    const atNode = new Map<NodeUrl, OutboxRecord[]>();
    for (const row of rows) {
      const nodesAtMs = byLink.handOver(row, nowMs);
      if (nodesAtMs > nowMs && !isHeld(row, nowMs)) kickLater(id, nodesAtMs - nowMs);
      renewLater(row, nowMs);
      if (nodesAtMs > nowMs) continue;
      left.push(row);
      const nodes = row.slot === undefined ? nodesFor(row, ways, nowMs) : reply;
      for (const node of nodes) atNode.set(node, [...(atNode.get(node) ?? []), row]);
    }
    const known = [...ways.nodes, ...reply];
    reach.call(
      id,
      [...atNode.keys()].filter((node) => !known.includes(node)),
    );
    for (const [node, waiting] of atNode) lanes.leave(id, node, waiting);
    return left;
  }

  /** Whether the row was replaced by one that members can open; the round then begins again. */
  async function sealAnew(id: ConversationId, old: OutboxRecord): Promise<boolean> {
    return context.turns(id, async () => {
      const row = await context.storage.get("outbox", old.key);
      const group = await context.storage.get("groups", id);
      const topic = row && (await context.storage.get("topics", row.topic));
      const conversation = await context.storage.get("conversations", id);
      // Damage that was noticed since the round began.
      const waits = conversation !== undefined && !maySeal(conversation);
      if (row !== undefined && waitsForKeys(row, waits)) return true;
      if (row?.content === undefined || group === undefined || topic === undefined) return false;
      if (!isOldFor(group, row, context.clock.now())) return false;
      // The group moved on since the round began, and it is not known yet whether its keys were used.
      if (!context.caughtUp.has(id)) return true;
      const { changes } = await sealAgain(context, group, topic, { ...row, content: row.content });
      const written = await commit(context, { expect: [unchanged(group)], changes });
      if (written.ok) kick(id);
      else kickLater(id, writeAgainMs);
      return true;
    });
  }

  async function heldByNode(id: ConversationId, key: EnvelopeHash, node: NodeUrl, given: Custody): Promise<void> {
    // Read again: an acknowledgement may have come while the node wrote.
    const row = await context.storage.get("outbox", key);
    if (row === undefined) return;
    const nowMs = context.clock.now();
    const held = withCustody(row, node, given, nowMs);
    const isDone = row.slot !== undefined || isOver(held, await waysOf(context, reach, lanes, id), nowMs);
    const kept: Change = isDone
      ? { kind: "delete", table: "outbox", key }
      : { kind: "put", table: "outbox", row: held };
    const marks = await heldChanges(context, held, node);
    // The topic of a reply has served.
    const spent: readonly Change[] =
      row.slot === undefined ? [] : [{ kind: "delete", table: "topics", key: row.topic }];
    const written = await commit(context, { changes: [kept, ...spent, ...marks] });
    if (!written.ok || stopped) return;
    if (isDone) return events.done(id);
    renewLater(held, nowMs);
    custody.given(id, row.topic, node, key);
  }

  async function letGo(id: ConversationId, key: EnvelopeHash, ways: Ways): Promise<void> {
    await context.turns(id, async () => {
      // Read again: a promise it ended by may have been broken meanwhile.
      const row = await context.storage.get("outbox", key);
      if (row === undefined || !isOver(row, ways, context.clock.now())) return;
      await commit(context, { changes: [{ kind: "delete", table: "outbox", key }] });
    });
  }

  return {
    custody,
    giving,
    kick,
    async kickAll() {
      for (const conversation of await context.storage.all("conversations")) kick(conversation.key);
    },
    hurry(id) {
      lanes.hurry(id);
      kick(id);
    },
    linkOpened(device) {
      byLink.linkOpened(device);
      giving.linkOpened(device);
    },
    async acknowledged(hash, device, outcome) {
      const row = await context.storage.get("outbox", hash);
      const written = await (row &&
        context.turns(row.conversation, async () => {
          const changes = await acknowledgedChanges(context, row.conversation, hash, device, outcome);
          return commit(context, { changes });
        }));
      // Not written down: it stays handed over, else it would go there and back for as long as the disk is full.
      if (written?.ok !== false) {
        byLink.acknowledged(device, hash);
        // The window has room again.
        if (row !== undefined) kick(row.conversation);
      }
      return row?.conversation;
    },
    stop() {
      stopped = true;
      lanes.stop();
      custody.stop();
      for (const { cancel } of timers.values()) cancel();
      timers.clear();
    },
  };
}

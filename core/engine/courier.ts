/**
 * The outbox (DESIGN §6): carries each row over links to the devices that are here, and appends it once to the topic for
 * those that are not or do not answer. Rows of a conversation go in order; a row ends with its facts.
 */

import { keptEpochs } from "../group/suite.ts";
import type { ConversationId, DeviceId, EnvelopeHash, NodeUrl } from "../lang/brand.ts";
import { assertNever } from "../lang/result.ts";
import type { AppendFault, Custody } from "../ports/node.ts";
import type { GroupRecord, OutboxRecord } from "../ports/records.ts";
import type { Change } from "../ports/storage.ts";
import { acknowledgedChanges, heldChanges } from "./acknowledge.ts";
import { type Context, commit } from "./context.ts";
import { unchanged } from "./group-step.ts";
import type { Mailbox } from "./mailbox.ts";
import { sealAgain } from "./seal.ts";

/** The links that are open now. */
export interface LinkTable {
  /** Hands an envelope to the device; `false` where it has no link. An acknowledgement comes later, or never. */
  deliver(device: DeviceId, row: OutboxRecord): boolean;
  has(device: DeviceId): boolean;
}

export interface Courier {
  /** Carries whatever waits in the conversation. Cheap when nothing does. */
  kick(id: ConversationId): void;
  kickAll(): Promise<void>;
  /** A link has opened: everything this device waits for goes over it. */
  linkOpened(device: DeviceId): void;
  linkClosed(): void;
  acknowledged(hash: EnvelopeHash, device: DeviceId, outcome: "delivered" | "refused"): Promise<void>;
  stop(): void;
}

/** How long a link may take to acknowledge before the node is given a copy. A round trip takes milliseconds; a dead link seconds to notice. */
const linkPatienceMs = 4_000;
/** Envelopes on one link without an acknowledgement. Higher fills the other side's memory; lower leaves a fast link idle. */
const linkWindow = 64;
/**
 * How long a row outlives the node's promise. A link may still deliver it meanwhile. Lower: a clock that is a year ahead
 * (FAULTS F8) ends everything that waits, and an acknowledgement that comes later finds nothing to end.
 */
const keptAfterPromiseMs = 400 * 24 * 3_600_000;
/** A promise that was just given has not ended, whatever this device's clock says. */
const leastPromiseMs = 24 * 3_600_000;
/** Members keep the keys of 4 epochs (§10); one less leaves time for a renewal while the envelope travels. */
const epochsUntilSealedAnew = keptEpochs - 1;
const busyRetryMs = 2_000;
const fullRetryMs = 60_000;

export interface CourierEvents {
  /** The reply to an invite found its slot taken: somebody else was first. */
  replyTooLate(row: OutboxRecord): Promise<void>;
}

export function createCourier(context: Context, mailbox: Mailbox, links: LinkTable, events: CourierEvents): Courier {
  const running = new Set<ConversationId>();
  const again = new Set<ConversationId>();
  const timers = new Map<ConversationId, { readonly dueMs: number; readonly cancel: () => void }>();
  /** When a row was handed to a device's link. Forgotten when the link opens anew, or the row has ended. */
  const handed = new Map<
    DeviceId,
    Map<EnvelopeHash, { readonly atMs: number; readonly conversation: ConversationId }>
  >();
  /** Counts links that opened and closed: what is carried then begins anew, so that no row overtakes the ones before it. */
  let linkChanges = 0;
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
    const rows = await context.storage.ofConversation("outbox", id);
    const group = await context.storage.get("groups", id);
    const healing = (await context.storage.get("conversations", id))?.healing !== undefined;
    const nowMs = context.clock.now();
    const begunAt = linkChanges;
    forgetEnded(id, new Set(rows.map((row) => row.key)));
    for (const row of rows) {
      if (stopped) return;
      // Sealed with keys that may have been used before, or not at all: it goes with the successor group's (§11).
      if (healing && row.content !== undefined) continue;
      const [custody] = row.custodies;
      if (custody !== undefined && custody.untilMs + keptAfterPromiseMs <= nowMs) {
        await letGo(id, row);
        continue;
      }
      // Before anybody has it: a link would bring back a refusal as surely as the topic.
      const isOld = custody === undefined && group !== undefined && isOldFor(group, row);
      if (isOld && (await sealAnew(id, row))) return;
      if (linkChanges !== begunAt) {
        again.add(id);
        return;
      }
      if (!handOver(row, nowMs)) continue;
      if (custody === undefined && !(await append(id, row))) return;
    }
  }

  /** Rows can end another way than over the link that has them: they must not fill its window. */
  function forgetEnded(id: ConversationId, waiting: ReadonlySet<EnvelopeHash>): void {
    for (const ofDevice of handed.values()) {
      for (const [hash, { conversation }] of ofDevice) {
        if (conversation === id && !waiting.has(hash)) ofDevice.delete(hash);
      }
    }
  }

  /** Gives the row to every link; answers whether the node is needed as well. */
  function handOver(row: OutboxRecord, nowMs: number): boolean {
    const waitsUntilMs = row.waitingFor.map((device) => handToDevice(row, device, nowMs));
    const nodeNeeded = row.waitingFor.length === 0 || waitsUntilMs.some((untilMs) => untilMs <= nowMs);
    if (!nodeNeeded && row.custodies.length === 0) kickLater(row.conversation, Math.min(...waitsUntilMs) - nowMs);
    return nodeNeeded;
  }

  /** Until when the device's link may still be waited for; now or earlier where the node has to help. */
  function handToDevice(row: OutboxRecord, device: DeviceId, nowMs: number): number {
    if (row.slot !== undefined || !links.has(device)) return nowMs;
    const ofDevice = handed.get(device) ?? new Map();
    const given = ofDevice.get(row.key);
    // Handed over in the future: the clock was set back, and nobody knows how long it really was.
    if (given !== undefined) return given.atMs > nowMs ? nowMs : given.atMs + linkPatienceMs;
    // What the link did not acknowledge in time went to the node and no longer counts.
    const inFlight = [...ofDevice.values()].map(({ atMs }) => atMs).filter((atMs) => nowMs - atMs < linkPatienceMs);
    if (inFlight.length >= linkWindow) return Math.min(...inFlight) + linkPatienceMs;
    if (!links.deliver(device, row)) return nowMs;
    handed.set(device, ofDevice.set(row.key, { atMs: nowMs, conversation: row.conversation }));
    return nowMs + linkPatienceMs;
  }

  /** `false`: stop here, so that the rows behind keep their order. */
  async function append(id: ConversationId, row: OutboxRecord): Promise<boolean> {
    const topic = await context.storage.get("topics", row.topic);
    if (topic === undefined) {
      await commit(context, { changes: [{ kind: "delete", table: "outbox", key: row.key }] });
      return true;
    }
    const node = topic.places[0]?.node;
    if (node === undefined) return true;
    if (topic.purpose.kind === "conversation") {
      // What lies there may move the group on; only then is it known whether this row can still be opened.
      if (!mailbox.isRead(topic.key, node)) return false;
      if (await sealAnew(id, row)) return false;
    }
    const answer = await context.nodes.node(node).append(mailbox.access(topic), row.envelope, row.slot);
    if (answer.ok) {
      await context.turns(id, () => heldByNode(row.key, node, answer.value));
      return true;
    }
    return onFault(id, row, answer.error);
  }

  function isOldFor(group: GroupRecord, row: OutboxRecord): boolean {
    return row.content !== undefined && group.epoch - row.epoch >= epochsUntilSealedAnew;
  }

  /** Whether the row was replaced by one that members can open; the round then begins again. */
  async function sealAnew(id: ConversationId, old: OutboxRecord): Promise<boolean> {
    return context.turns(id, async () => {
      const row = await context.storage.get("outbox", old.key);
      const group = await context.storage.get("groups", id);
      const topic = row && (await context.storage.get("topics", row.topic));
      if (row?.content === undefined || group === undefined || topic === undefined) return false;
      if (!isOldFor(group, row)) return false;
      const changes = await sealAgain(context, group, topic, { ...row, content: row.content });
      const written = await commit(context, { expect: [unchanged(group)], changes });
      if (written.ok) again.add(id);
      else kickLater(id, fullRetryMs);
      return true;
    });
  }

  async function onFault(id: ConversationId, row: OutboxRecord, fault: AppendFault): Promise<boolean> {
    switch (fault.kind) {
      case "offline":
        // The node's status wakes everything when it is back.
        return false;
      case "busy":
        kickLater(id, Math.max(fault.retryAfterMs, busyRetryMs));
        return false;
      case "slot-taken":
        await events.replyTooLate(row);
        return false;
      case "full":
      case "refused":
      case "broken-promise":
        context.log.event("a node did not take an envelope", { full: fault.kind === "full" });
        kickLater(id, fullRetryMs);
        return false;
      default:
        return assertNever(fault);
    }
  }

  async function heldByNode(key: EnvelopeHash, node: NodeUrl, custody: Custody): Promise<void> {
    // Read again: an acknowledgement may have come while the node wrote.
    const row = await context.storage.get("outbox", key);
    if (row === undefined) return;
    const { sequence, expiresAtMs: untilMs, signature } = custody;
    const held: Change =
      row.ends === "custody"
        ? { kind: "delete", table: "outbox", key }
        : {
            kind: "put",
            table: "outbox",
            row: { ...row, custodies: [{ node, sequence, untilMs, signature, seen: false }] },
          };
    const shownUntilMs = Math.max(untilMs, context.clock.now() + leastPromiseMs);
    const promise = { node, atMs: context.clock.now(), untilMs: shownUntilMs, brokenAtMs: undefined };
    const marks = await heldChanges(context, row, promise);
    // The topic of a reply has served.
    const spent: readonly Change[] =
      row.slot === undefined ? [] : [{ kind: "delete", table: "topics", key: row.topic }];
    await commit(context, { changes: [held, ...spent, ...marks] });
  }

  /** The node's promise is long over and nobody came: the message shows it, and nothing is tried for ever. */
  function letGo(id: ConversationId, row: OutboxRecord): Promise<unknown> {
    return context.turns(id, () => commit(context, { changes: [{ kind: "delete", table: "outbox", key: row.key }] }));
  }

  return {
    kick,
    async kickAll() {
      for (const conversation of await context.storage.all("conversations")) kick(conversation.key);
    },
    linkOpened(device) {
      handed.delete(device);
      linkChanges++;
    },
    linkClosed() {
      linkChanges++;
    },
    async acknowledged(hash, device, outcome) {
      const row = await context.storage.get("outbox", hash);
      const written = await (row &&
        context.turns(row.conversation, async () => {
          const changes = await acknowledgedChanges(context, row.conversation, hash, device, outcome);
          return commit(context, { changes });
        }));
      // Not written down: it stays handed over, else it would go there and back for as long as the disk is full.
      if (written?.ok === false) return;
      handed.get(device)?.delete(hash);
      // The window has room again.
      if (row !== undefined) kick(row.conversation);
    },
    stop() {
      stopped = true;
      for (const { cancel } of timers.values()) cancel();
      timers.clear();
    },
  };
}

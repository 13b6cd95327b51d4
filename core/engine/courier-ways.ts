/**
 * What the courier has to know of a conversation and of each row of its outbox before it carries anything: where envelopes
 * can be left now, which rows are over, and which ones must wait or be sealed anew. Carries nothing.
 */

import { hasCustody, isHeld, type Ways } from "../conversation/ways.ts";
import { keptEpochs } from "../group/suite.ts";
import type { AccountId, ConversationId, NodeUrl } from "../lang/brand.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import { type Context, conversationWithContact } from "./context.ts";
import { maySeal } from "./keys-in-use.ts";
import type { NodeLanes } from "./node-lanes.ts";
import type { Reach } from "./node-watch.ts";
import { waitsUnsealed } from "./seal-waiting.ts";

/**
 * How long a row is tried. Its promises are renewed meanwhile, and a link may still deliver it. Lower: a clock that goes from a
 * year behind to a year ahead (FAULTS F8) ends everything that waits, and an acknowledgement that comes later finds nothing.
 */
const triedForMs = 800 * 24 * 3_600_000;
/** Members keep the keys of 4 epochs (§10); one less leaves time for a renewal while the envelope travels. */
const epochsUntilSealedAnew = keptEpochs - 1;

export interface KnownWays extends Ways {
  readonly healing: boolean;
  readonly contact: AccountId | undefined;
  /** Neither the conversation's nodes nor the other side's own have been in reach for a while. */
  readonly cutOff: boolean;
}

export async function waysOf(
  context: Context,
  reach: Reach,
  lanes: Pick<NodeLanes, "isPaused">,
  id: ConversationId,
): Promise<KnownWays> {
  const found = await conversationWithContact(context, id);
  const { conversation, contact } = found.ok ? found.value : {};
  const isShut = (node: NodeUrl) => reach.isAway(node) || lanes.isPaused(id, node);
  const nodes = conversation?.nodes ?? [];
  // Nobody who was not accepted makes this device call a server of their choice.
  const theirs = contact?.state === "accepted" ? contact.nodes : [];
  return {
    nodes,
    theirs,
    contact: contact?.state === "accepted" ? contact.key : undefined,
    cutOff: [...nodes, ...theirs].every(reach.isAway),
    healing: conversation !== undefined && !maySeal(conversation),
    isShut,
    isOpen: (node) => reach.isConnected(node) && !isShut(node),
  };
}

/** The reply to an invite goes where the invite is, and nowhere else. */
export async function replyNodes(context: Context, rows: readonly OutboxRecord[]): Promise<readonly NodeUrl[]> {
  const reply = rows.find(({ slot }) => slot !== undefined);
  const topic = reply && (await context.storage.get("topics", reply.topic));
  return topic?.places.map(({ node }) => node) ?? [];
}

export function isOver(row: OutboxRecord, ways: Ways, nowMs: number): boolean {
  if (row.custodies.length === 0) return false;
  if (row.ends !== "acknowledged" && hasCustody(row, row.ends, ways, nowMs)) return true;
  // Nobody came, and nothing is tried for ever. The message shows it.
  return row.sinceMs + triedForMs <= nowMs;
}

/** Sealed with keys that may have been used before, or not at all yet (§11). */
export function waitsForKeys(row: OutboxRecord, isHealing: boolean): boolean {
  return waitsUnsealed(row) || (isHealing && row.content !== undefined);
}

export function isOldFor(group: GroupRecord, row: OutboxRecord, nowMs: number): boolean {
  if (row.content === undefined || isHeld(row, nowMs)) return false;
  return group.generation === row.generation && group.epoch - row.epoch >= epochsUntilSealedAnew;
}

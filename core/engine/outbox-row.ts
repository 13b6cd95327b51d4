/**
 * A row of the outbox with which nothing has happened yet, and the mark by which an envelope of this device is recognised
 * when it comes back from a node. Writes nothing.
 */

import type { ConversationId, EnvelopeHash } from "../lang/brand.ts";
import { noBytes } from "../lang/bytes.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { Change, Reader } from "../ports/storage.ts";
import { envelopeHash } from "../wire/envelope.ts";
import type { Context } from "./context.ts";

type Needed = "key" | "conversation" | "topic" | "order" | "envelope" | "ends" | "waitingFor";
type Optional = "content" | "generation" | "epoch" | "refusals" | "slot" | "alsoAt" | "message" | "unsaid";

/** In place of an epoch: no keys were ever used for it. What waits unsealed for another reason keeps the epoch it had. */
export const neverSealed = -1;

/** Where it says nothing: not about a message, never refused, sealed for no group. */
export type NewRow = Pick<OutboxRecord, Needed> & Partial<Pick<OutboxRecord, Optional>>;

export function freshRow(context: Context, row: NewRow): OutboxRecord {
  return {
    content: undefined,
    generation: 0,
    epoch: 0,
    refusals: 0,
    slot: undefined,
    alsoAt: [],
    message: undefined,
    ...row,
    custodies: [],
    keepings: [],
    sinceMs: context.clock.now(),
  };
}

/**
 * The row as it waits to be sealed again. Its key is a hash of its content: what waits so already for other devices, because it was
 * sealed for each by itself, is one with it from now on.
 */
export async function rowUnsealed(
  { get }: Pick<Reader, "get">,
  row: OutboxRecord & { readonly content: Uint8Array },
): Promise<OutboxRecord> {
  const key = envelopeHash(row.content);
  const unsealed: OutboxRecord = { ...row, key, envelope: noBytes, custodies: [], keepings: [] };
  const other = key === row.key ? undefined : await get("outbox", key);
  if (other === undefined) return unsealed;
  const [order = row.order] = [row.order, other.order].toSorted();
  return {
    ...unsealed,
    order,
    waitingFor: [...new Set([...other.waitingFor, ...row.waitingFor])],
    epoch: Math.max(other.epoch, row.epoch),
    refusals: Math.max(other.refusals, row.refusals),
    sinceMs: Math.min(other.sinceMs, row.sinceMs),
  };
}

/** Nobody waits to hear that this device has it. */
export function ownMark(context: Context, key: EnvelopeHash, conversation: ConversationId): Change {
  const row = { key, conversation, acknowledge: false, atMs: context.clock.now(), owedAtMs: undefined };
  return { kind: "put", table: "seen", row };
}

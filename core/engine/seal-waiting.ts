/**
 * Sealing what waited until it was known that the keys here were not used since (§11). Sends nothing.
 */

import { isReadable } from "../group/state.ts";
import type { ConversationId } from "../lang/brand.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import { type Context, commit } from "./context.ts";
import { unchanged } from "./group-step.ts";
import { maySeal } from "./keys-in-use.ts";
import { overlayOn } from "./overlay.ts";
import { sealAgain } from "./seal-said.ts";

/** In one batch. Higher: a disk that is nearly full takes none of them. */
const atOnce = 64;

export function waitsUnsealed(row: OutboxRecord): row is OutboxRecord & { readonly content: Uint8Array } {
  const { content, envelope } = row;
  return content !== undefined && envelope.length === 0;
}

/** `more`: there may be others. `not-written`: to be tried again. Call outside the conversation's turn. */
export function sealWaiting(context: Context, id: ConversationId): Promise<"nothing" | "more" | "not-written"> {
  return context.turns(id, async () => {
    const conversation = await context.storage.get("conversations", id);
    const topic = conversation && (await context.storage.get("topics", conversation.topic));
    const before = await context.storage.get("groups", id);
    if (topic === undefined || conversation === undefined || !maySeal(conversation) || !context.caughtUp.has(id))
      return "nothing";
    if (before === undefined || !isReadable(before.state)) return "nothing";
    const waiting = (await context.waiting(id)).filter(waitsUnsealed).slice(0, atOnce);
    if (waiting.length === 0) return "nothing";
    // Several may carry one message, and what one of them changes there the next one must not take back.
    const overlay = overlayOn(context.storage);
    let group: GroupRecord = before;
    for (const row of waiting) {
      const sealed = await sealAgain({ ...context, storage: overlay.storage }, group, topic, row);
      group = sealed.group;
      overlay.add(sealed);
    }
    const written = await commit(context, { expect: [unchanged(before)], changes: overlay.batch.changes });
    return written.ok ? "more" : "not-written";
  });
}

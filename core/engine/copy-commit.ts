/**
 * A commit has its slot at the first of the conversation's nodes (§10); the others are given a copy, for whoever cannot
 * reach the first. Its row goes before everything that is sealed for the new epoch.
 */

import { tick } from "../conversation/clock.ts";
import { orderOf } from "../conversation/order.ts";
import type { EnvelopeHash } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import type { ConversationRecord, GroupRecord } from "../ports/records.ts";
import type { Change } from "../ports/storage.ts";
import { type Context, me } from "./context.ts";
import { freshRow } from "./outbox-row.ts";

/** Of the group's pending commit, whose slot is granted; `conversation` is as the commit leaves it. Nothing where there is one node. */
export async function commitCopies(
  context: Context,
  conversation: ConversationRecord | undefined,
  group: GroupRecord,
  hash: EnvelopeHash,
): Promise<readonly Change[]> {
  if (conversation === undefined || conversation.nodes.length < 2 || group.pending === undefined) return [];
  const { device } = await me(context);
  const time = tick(conversation, context.clock.now());
  return [
    { kind: "put", table: "conversations", row: { ...conversation, ...time } },
    {
      kind: "put",
      table: "outbox",
      row: freshRow(context, {
        key: hash,
        conversation: group.key,
        topic: conversation.topic,
        order: orderOf(time, device, toHex(context.random.bytes(8))),
        envelope: group.pending.envelope,
        generation: group.generation,
        epoch: group.epoch,
        ends: "every-node",
        waitingFor: [],
      }),
    },
  ];
}

/**
 * A commit has its slot at the first of the conversation's nodes (§10); the others are given a copy, for whoever cannot
 * reach the first, and so are those that it makes the conversation's. Its row goes before everything that is sealed for the new
 * epoch.
 */

import { tick } from "../conversation/clock.ts";
import { orderOf } from "../conversation/order.ts";
import type { EnvelopeHash } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import type { Change } from "../ports/storage.ts";
import { type Context, me } from "./context.ts";
import { freshRow } from "./outbox-row.ts";

/**
 * Of the group's pending commit, whose slot is granted; `conversation` is as the commit leaves it, `before` are its nodes till
 * then, the first of which has the commit. Nothing where there is no other.
 */
export async function commitCopies(
  context: Context,
  conversation: ConversationRecord | undefined,
  group: GroupRecord,
  hash: EnvelopeHash,
  before = conversation?.nodes ?? [],
): Promise<readonly Change[]> {
  if (conversation === undefined || group.pending === undefined) return [];
  const [arbiter, ...others] = before;
  const alsoAt = others.filter((node) => !conversation.nodes.includes(node));
  if (alsoAt.length === 0 && conversation.nodes.every((node) => node === arbiter)) return [];
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
        alsoAt,
        waitingFor: [],
      }),
    },
  ];
}

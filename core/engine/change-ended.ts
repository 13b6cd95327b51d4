/** What was wanted of a group and cannot come into force any more (§13.3): it ends, and the person who wanted it is told why. */

import { tick } from "../conversation/clock.ts";
import type { ActEnd, OrderedAct } from "../conversation/group-acts.ts";
import { messageIdOf, orderOf } from "../conversation/order.ts";
import type { AccountId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { ChangeRecord } from "../ports/group-records.ts";
import type { MessageRecord } from "../ports/message-record.ts";
import type { Change } from "../ports/storage.ts";
import type { GroupNow } from "./commit-make.ts";
import type { Context } from "./context.ts";
import { noCopies } from "./message-row.ts";

/** What a device does by itself for the others ends without a word. */
export function changeEnded(
  context: Context,
  { conversation, profile }: Pick<GroupNow, "conversation" | "profile">,
  { key, act }: ChangeRecord,
  why: ActEnd,
  by: AccountId | undefined,
): readonly Change[] {
  const done: Change = { kind: "delete", table: "changes", key };
  // Who was to be let in is there: that they came is told already.
  if (!isOrdered(act) || (act.kind === "let-in" && why === "moot")) return [done];
  return [done, endedRow(context, { conversation, profile }, act, why, by)];
}

/** What the timeline says of it, on this device alone. */
export function endedRow(
  context: Context,
  { conversation, profile }: Pick<GroupNow, "profile"> & { readonly conversation: ConversationRecord },
  act: OrderedAct,
  why: ActEnd,
  by: AccountId | undefined,
): Change {
  const nowMs = context.clock.now();
  const time = tick(conversation, nowMs);
  const id = toHex(context.random.bytes(8));
  const row: MessageRecord = {
    key: messageIdOf(profile.device, id),
    conversation: conversation.key,
    order: orderOf(time, profile.device, id),
    author: profile.account,
    authorDevice: profile.device,
    sentAtMs: nowMs,
    receivedAtMs: nowMs,
    number: 0,
    body: { kind: "change-ended", act, why, by },
    ...noCopies,
  };
  return { kind: "put", table: "messages", row };
}

/** By a person; not what a device does by itself. */
export function isOrdered(act: ChangeRecord["act"]): act is OrderedAct {
  switch (act.kind) {
    case "let-in":
      return act.name !== undefined;
    case "see-off":
    case "give-leaf":
    case "drop-devices":
    case "succeed":
    case "renew":
      return false;
    default:
      return true;
  }
}

/** Whether somebody may say something in a conversation now (§13.10): asked before it is sealed, and of what others say. */

import { mayWrite, rankOf, ranks, writableAtMs } from "../conversation/group-rights.ts";
import { clockOf, orderOf } from "../conversation/order.ts";
import type { AccountId, ConversationId, DeviceId } from "../lang/brand.ts";
import type { ConversationRecord, MessageRecord } from "../ports/records.ts";
import type { Reader } from "../ports/storage.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import type { Context } from "./context.ts";

/** Why this person may not say a text whose clock is `clockMs`; `undefined`: they may. */
export async function whyNotSaid(
  context: Context,
  conversation: ConversationRecord,
  account: AccountId,
  clockMs: number,
): Promise<"not-allowed" | "slow-mode" | undefined> {
  if (!(await isOpenTo(context, conversation))) return "not-allowed";
  const { group } = conversation;
  return group && whyNotIn(context.storage, conversation.key, group.facts, account, clockMs);
}

/** The same in a group, of any member. */
export async function whyNotIn(
  reader: Reader,
  id: ConversationId,
  facts: GroupFacts,
  account: AccountId,
  clockMs: number,
): Promise<"not-allowed" | "slow-mode" | undefined> {
  if (!mayWrite(facts, account)) return "not-allowed";
  const lastMs = await lastSaidMs(reader, id, facts, account, clockMs);
  return lastMs !== undefined && writableAtMs(facts, account, lastMs) > clockMs ? "slow-mode" : undefined;
}

/** Self, an accepted contact, or a group that this person is a member of and does not leave. */
export async function isOpenTo(context: Context, conversation: ConversationRecord): Promise<boolean> {
  if (conversation.kind === "self") return true;
  if (conversation.group !== undefined) {
    const own = (await context.storage.get("profile", "me"))?.account;
    const { standing, people } = conversation.group;
    return standing.kind === "member" && people.some((one) => one.account === own && one.leaving === undefined);
  }
  const contact = conversation.contact && (await context.storage.get("contacts", conversation.contact));
  return contact ? contact.state === "accepted" : false;
}

const windowMessages = 200;
const latestOrder = (clockMs: number) => orderOf({ clockMs, clockCount: 0xffff_ffff }, "~" as DeviceId, "");

/** The clock of their newest text up to `clockMs`, where slow mode asks for it: as far back as it reaches. */
export async function lastSaidMs(
  reader: Reader,
  id: ConversationId,
  facts: GroupFacts,
  account: AccountId,
  clockMs: number,
): Promise<number | undefined> {
  if (facts.slowModeS === 0 || rankOf(facts, account) >= ranks.admin) return undefined;
  const sinceMs = clockMs - facts.slowModeS * 1000;
  let before = latestOrder(clockMs);
  for (;;) {
    const rows = await reader.ofConversation("messages", id, { limit: windowMessages, before });
    const said = rows.findLast((row) => row.author === account && wasSaid(row));
    if (said !== undefined) return said.sentAtMs;
    const oldest = rows[0]?.order;
    if (oldest === undefined || rows.length < windowMessages || clockOf(oldest) < sinceMs) return undefined;
    before = oldest;
  }
}

/** A text, or what is left of one. */
function wasSaid({ body, number }: MessageRecord): boolean {
  return number > 0 && (body.kind === "text" || body.kind === "unknown" || body.kind === "removed");
}

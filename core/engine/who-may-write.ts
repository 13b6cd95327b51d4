/** Whether somebody may say something in a conversation now (§13.10): asked before it is sealed. */

import { mayWrite, writableAtMs } from "../conversation/group-rights.ts";
import type { AccountId, ConversationId } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { Reader } from "../ports/storage.ts";
import type { GroupFacts } from "../wire/group-facts.ts";
import type { Context } from "./context.ts";
import { endOf, saidBefore, spacingOf } from "./slow-mode.ts";

/** Why this person may not say a text whose clock is `clockMs`; `undefined`: they may. */
export async function whyNotSaid(
  context: Context,
  conversation: ConversationRecord,
  account: AccountId,
  clockMs: number,
): Promise<"not-allowed" | "slow-mode" | undefined> {
  if (!(await isOpenTo(context, conversation))) return "not-allowed";
  const { group, key } = conversation;
  if (group === undefined) return undefined;
  if (!mayWrite(group.facts, account)) return "not-allowed";
  const lastMs = await lastSaidMs(context.storage, key, group.facts, account, clockMs);
  return lastMs !== undefined && writableAtMs(group.facts, account, lastMs) > clockMs ? "slow-mode" : undefined;
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

/** The clock of their newest text up to `clockMs`, where slow mode asks for it: as far back as it reaches. */
export async function lastSaidMs(
  reader: Reader,
  id: ConversationId,
  facts: GroupFacts,
  account: AccountId,
  clockMs: number,
): Promise<number | undefined> {
  const spacingMs = spacingOf(facts, account);
  return spacingMs === 0 ? undefined : saidBefore(reader, id, account, endOf(clockMs), clockMs - spacingMs);
}

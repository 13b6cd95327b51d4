/** Somebody says that they leave a group (§13.5): from then on nothing waits for them. Writes nothing. */

import { hasLeft } from "../conversation/commit-proofs.ts";
import { membersIfReadable } from "../group/state.ts";
import type { DeviceId } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupOfConversation } from "../ports/group-of-conversation.ts";
import type { Change } from "../ports/storage.ts";
import type { LeaveStatement } from "../wire/leave.ts";
import type { Context } from "./context.ts";
import { messageChanges } from "./message-row.ts";

type InGroup = ConversationRecord & { readonly group: GroupOfConversation };

/** The conversation as it is where the statement does not hold for a leaf that is there now. */
export async function leaveNoted(
  context: Context,
  conversation: InGroup,
  statement: LeaveStatement,
): Promise<{ readonly changes: readonly Change[]; readonly conversation: ConversationRecord }> {
  const { key, group } = conversation;
  const { account, device, signature } = statement;
  const state = (await context.storage.get("groups", key))?.state;
  const members = state === undefined ? [] : membersIfReadable(state);
  const known = group.people.find((one) => one.account === account);
  if (known === undefined || known.leaving !== undefined || !hasLeft(statement, key, members)) {
    return { changes: [], conversation };
  }
  const people = group.people.map((one) => (one === known ? { ...one, leaving: { device, signature } } : one));
  return {
    changes: await withoutDevices(context, conversation, new Set(known.devices)),
    conversation: { ...conversation, group: { ...group, people } },
  };
}

/** What waits in the conversation, for everybody but these devices; they count in no mark any more. */
async function withoutDevices(
  context: Context,
  { key }: ConversationRecord,
  gone: ReadonlySet<DeviceId>,
): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for (const row of await context.storage.ofConversation("outbox", key)) {
    const waitingFor = row.waitingFor.filter((device) => !gone.has(device));
    if (waitingFor.length === row.waitingFor.length) continue;
    const isDone = waitingFor.length === 0 && row.ends === "acknowledged";
    changes.push(
      isDone
        ? { kind: "delete", table: "outbox", key: row.key }
        : { kind: "put", table: "outbox", row: { ...row, waitingFor } },
      ...(await messageChanges(context, row, (message) => {
        const deliveries = Object.entries(message.deliveries).filter(([device]) => !gone.has(device as DeviceId));
        return { ...message, deliveries: Object.fromEntries(deliveries) };
      })),
    );
  }
  return changes;
}

/** Small things a person does to a conversation that concern this device alone: drafts, what was read, who is verified. */

import type { AccountId, ConversationId } from "../lang/brand.ts";
import { done, type Result } from "../lang/result.ts";
import type { ConversationRecord } from "../ports/records.ts";
import { maxTextCharacters } from "../wire/bounds.ts";
import { type Context, commit } from "./context.ts";
import type { WriteFaultView } from "./face.ts";

type Written = Promise<Result<void, WriteFaultView>>;

/** Kept up to the length of a message; what is longer could not be sent. */
export function saveDraft(context: Context, id: ConversationId, text: string): Written {
  return change(context, id, (row) => ({ ...row, draft: text.slice(0, maxTextCharacters) }));
}

export function markRead(context: Context, id: ConversationId): Written {
  return change(context, id, (row) => ({ ...row, unread: 0, readUpTo: row.last?.order ?? row.readUpTo }));
}

function change(context: Context, id: ConversationId, edit: (row: ConversationRecord) => ConversationRecord): Written {
  return context.turns(id, async () => {
    const row = await context.storage.get("conversations", id);
    if (row === undefined) return done;
    const edited = edit(row);
    const same = edited.draft === row.draft && edited.unread === row.unread && edited.readUpTo === row.readUpTo;
    return same ? done : commit(context, { changes: [{ kind: "put", table: "conversations", row: edited }] });
  });
}

export async function setVerified(context: Context, account: AccountId, verified: boolean): Written {
  const conversation = (await context.storage.all("conversations")).find((row) => row.contact === account);
  if (conversation === undefined) return done;
  return context.turns(conversation.key, async () => {
    const contact = await context.storage.get("contacts", account);
    if (contact === undefined) return done;
    return commit(context, { changes: [{ kind: "put", table: "contacts", row: { ...contact, verified } }] });
  });
}

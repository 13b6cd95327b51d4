/** Welcomes on their way to who was added (§13.6). Writes nothing. */

import type { ConversationRecord, PendingCommit } from "../ports/records.ts";
import type { Change } from "../ports/storage.ts";
import type { Context } from "./context.ts";

/** One row for each person who was added, in the conversation with them. */
export async function welcomeChanges(
  _context: Context,
  _group: ConversationRecord,
  _welcome: PendingCommit["welcome"],
): Promise<readonly Change[]> {
  return [];
}

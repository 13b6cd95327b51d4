/** Agreeing to keep a contact's envelopes while no node is in reach (§7.7), and telling them. */

import type { AccountId, ConversationId } from "../lang/brand.ts";
import { done, type Result } from "../lang/result.ts";
import type { Change, Expectation } from "../ports/storage.ts";
import { type Context, commit, withPerson } from "./context.ts";
import type { WriteFaultView } from "./face.ts";
import { quietBatch } from "./send.ts";

/**
 * Consent and its telling in one batch, for accepted contacts only, and in every conversation with them, since one alone
 * may be waiting for new keys. What was promised before it ended is kept to its time.
 */
export async function setKeepsFor(
  context: Context,
  account: AccountId,
  on: boolean,
  kick: (id: ConversationId) => void,
): Promise<Result<void, WriteFaultView>> {
  const told: ConversationId[] = [];
  const written = await withPerson(context, account, async () => {
    const contact = await context.storage.get("contacts", account);
    if (contact?.state !== "accepted" || contact.keepsFor === on) return done;
    const expect: Expectation[] = [];
    const changes: Change[] = [{ kind: "put", table: "contacts", row: { ...contact, keepsFor: on } }];
    for (const { key, contact: other } of await context.storage.all("conversations")) {
      const telling = other === account ? await quietBatch(context, key, { kind: "keeper", on }) : undefined;
      if (telling === undefined) continue;
      expect.push(...telling.expect);
      changes.push(...telling.changes);
      told.push(key);
    }
    return commit(context, { expect, changes });
  });
  if (written.ok) for (const id of told) kick(id);
  return written;
}

/** Agreeing to keep a contact's envelopes while no node is in reach (§7.7), and telling them. */

import type { AccountId, ConversationId } from "../lang/brand.ts";
import { done, type Result } from "../lang/result.ts";
import type { Change } from "../ports/storage.ts";
import { type Context, withPerson } from "./context.ts";
import type { WriteFaultView } from "./face.ts";
import { sendQuiet } from "./send.ts";

/** Consent and its telling in one batch, for accepted contacts only. What was promised before it ended is kept to its time. */
export async function setKeepsFor(
  context: Context,
  account: AccountId,
  on: boolean,
  kick: (id: ConversationId) => void,
): Promise<Result<void, WriteFaultView>> {
  const conversation = (await context.storage.all("conversations")).find((row) => row.contact === account);
  if (conversation === undefined) return done;
  const written = await withPerson(context, account, async () => {
    const contact = await context.storage.get("contacts", account);
    if (contact?.state !== "accepted" || contact.keepsFor === on) return done;
    const agreed: Change = { kind: "put", table: "contacts", row: { ...contact, keepsFor: on } };
    return sendQuiet(context, conversation.key, { kind: "keeper", on }, () => [agreed]);
  });
  if (written.ok) kick(conversation.key);
  return written;
}

/**
 * Whom a group put out (§13.9), the same for all who read its commits: an open link does not let them in again. Knows marks in
 * place of accounts, since whoever comes is given the list.
 */

import type { AccountId, ConversationId } from "../lang/brand.ts";
import { maxPutOut } from "../wire/bounds.ts";
import { putOutMark } from "../wire/group-card.ts";

/** After a commit. `removed`: not who left by themselves. `added`: by whatever way, somebody who may said so. The newest last. */
export function putOutAfter(
  conversation: ConversationId,
  known: readonly string[] | undefined,
  { removed, added }: { readonly removed: readonly AccountId[]; readonly added: readonly AccountId[] },
): readonly string[] {
  const marks = (accounts: readonly AccountId[]) => accounts.toSorted().map((one) => putOutMark(conversation, one));
  return newestOf(
    (known ?? []).filter((mark) => !marks(added).includes(mark)),
    marks(removed),
  );
}

/** What is known here, and what somebody says who was there meanwhile. Who is there now was let in since. */
export function putOutTogether(
  conversation: ConversationId,
  known: readonly string[] | undefined,
  { said, here }: { readonly said: readonly string[]; readonly here: readonly AccountId[] },
): readonly string[] {
  const letIn = new Set(here.map((account) => putOutMark(conversation, account)));
  return newestOf(
    (known ?? []).filter((mark) => !letIn.has(mark)),
    said,
  );
}

function newestOf(known: readonly string[], newer: readonly string[]): readonly string[] {
  return [...known.filter((mark) => !newer.includes(mark)), ...newer].slice(-maxPutOut);
}

/** As a field of the group, absent where nobody is. */
export function putOutField(putOut: readonly string[]): { readonly putOut?: readonly string[] } {
  return putOut.length === 0 ? {} : { putOut };
}

/** What persons and devices signed and others carry out in a group (§13.2, §13.5, §13.7): checked against the leaves that signed. */

import { labels } from "../crypto/labels.ts";
import { verify } from "../crypto/signature.ts";
import type { Change } from "../group/open-in-group.ts";
import type { LeafIdentity } from "../group/state.ts";
import type { AccountId, ConversationId } from "../lang/brand.ts";
import type { HealedLeaf } from "../wire/commit-note.ts";
import { type HealedIn, healedMessage } from "../wire/envelope.ts";
import { isLeaveOf, type LeaveStatement } from "../wire/leave.ts";

/** The accounts of these statements, or `undefined` where one does not hold for the leaves as they are now. */
export function leftWith(
  statements: readonly LeaveStatement[],
  conversation: ConversationId,
  members: readonly LeafIdentity[],
): ReadonlySet<AccountId> | undefined {
  return statements.every((one) => hasLeft(one, conversation, members))
    ? new Set(statements.map(({ account }) => account))
    : undefined;
}

/** Whether this person left: signed by a device of theirs for the leaf that it has now, not for one before they came back. */
export function hasLeft(
  { account, device, signature }: LeaveStatement,
  conversation: ConversationId,
  members: readonly LeafIdentity[],
): boolean {
  const leaf = members.find(({ credential }) => credential.account === account && credential.device === device);
  if (leaf === undefined) return false;
  const { encryptionKey, signatureKey } = leaf;
  return isLeaveOf({ conversation, account, encryptionKey }, signature, signatureKey);
}

/** Whether the device asked for this very leaf, in this conversation under this topic. */
export function isHealedLeaf(healed: HealedLeaf, leaf: Change["added"][number], within: HealedIn): boolean {
  const message = healedMessage(within, healed.generation, leaf.packageHash);
  return verify(labels.healRequest, message, healed.signature, leaf.signatureKey);
}

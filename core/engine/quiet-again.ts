/**
 * What a device says once more with the keys of a successor group (§11): quiet words of before, of which nobody acknowledges
 * that they were fetched, and which nobody can open any more. Seals nothing.
 */

import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { ProfileRecord } from "../ports/people-records.ts";
import type { Content } from "../wire/content.ts";
import type { Context } from "./context.ts";
import { haveOf } from "./have.ts";
import { packagesLeftWith } from "./key-giving.ts";
import { readAndTold } from "./reading.ts";

/** Each is the same to whoever had it. */
export async function quietAgain(
  context: Context,
  conversation: ConversationRecord,
  { name, nodes, receipts }: ProfileRecord,
): Promise<readonly Content["body"][]> {
  const { contact: account } = conversation;
  const contact = account === undefined ? undefined : await context.storage.get("contacts", account);
  const messages = receipts ? await readAndTold(context, conversation) : [];
  const left = account === undefined ? [] : await packagesLeftWith(context, account);
  const packages = left.flatMap(({ usedAtMs, publicPackage }) => (usedAtMs === undefined ? [publicPackage] : []));
  const bodies: Content["body"][] = [
    { kind: "profile", name, nodes },
    { kind: "have", have: haveOf(conversation) },
  ];
  if (contact?.keepsFor) bodies.push({ kind: "keeper", on: true });
  if (packages.length > 0) bodies.push({ kind: "key-packages", packages });
  if (messages.length > 0) bodies.push({ kind: "read", messages });
  return bodies;
}

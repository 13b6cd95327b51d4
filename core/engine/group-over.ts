/**
 * The end of a group for this person (§13.4, §13.5): they were removed, or left. What was said stays; keys, topic and what
 * waited go. Writes nothing.
 */

import type { AccountId } from "../lang/brand.ts";
import type { GroupOfConversation } from "../ports/group-of-conversation.ts";
import type { Change } from "../ports/storage.ts";
import { eventChanges, type InForce } from "./commit-in-force.ts";
import { type Context, me } from "./context.ts";
import { linksForgotten } from "./group-link-rows.ts";
import type { InGroup } from "./receive-group.ts";

/** Removed by a commit that may stand. */
export async function goneChanges(
  context: Context,
  { conversation, topic }: Pick<InGroup, "conversation" | "topic">,
  commit: Pick<InForce, "change" | "note">,
): Promise<readonly Change[]> {
  const { account } = await me(context);
  const atMs = context.clock.now();
  const over = await overChanges(context, { conversation, topic }, standingAfter(commit, account, atMs));
  return [...over, ...eventChanges(context, conversation.key, commit)];
}

/** Said by another device of this person, or by this one a moment ago: they left. Revoked: this person took the device away. */
function standingAfter(
  { change, note }: Pick<InForce, "change" | "note">,
  own: AccountId,
  atMs: number,
): GroupOfConversation["standing"] {
  if (note.leaves.some(({ account }) => account === own)) return { kind: "left", atMs };
  const stays = change.after.members.some(({ credential }) => credential.account === own);
  return { kind: "removed", by: stays ? own : change.by.credential.account, atMs };
}

export async function overChanges(
  context: Context,
  { conversation, topic }: Pick<InGroup, "conversation" | "topic">,
  standing: GroupOfConversation["standing"],
): Promise<readonly Change[]> {
  const { key } = conversation;
  const { split: _, ...known } = conversation;
  context.moved(key);
  const waiting = await context.storage.ofConversation("outbox", key);
  const wanted = (await context.storage.all("changes")).filter((change) => change.conversation === key);
  return [
    {
      kind: "put",
      table: "conversations",
      row: {
        ...known,
        group: { ...conversation.group, standing },
        healing: undefined,
        asker: undefined,
        readsDue: [],
      },
    },
    { kind: "delete", table: "groups", key },
    { kind: "delete", table: "topics", key: topic.key },
    ...waiting.map((row): Change => ({ kind: "delete", table: "outbox", key: row.key })),
    ...wanted.map((change): Change => ({ kind: "delete", table: "changes", key: change.key })),
    ...(await linksForgotten(context, key)),
  ];
}

/**
 * The end of a group for this person (§13.4, §13.5): they were removed, or left. What was said stays; keys, topic and what
 * waited go. Writes nothing.
 */

import type { GroupOfConversation } from "../ports/records.ts";
import type { Change } from "../ports/storage.ts";
import { eventChanges, type InForce } from "./commit-in-force.ts";
import type { Context } from "./context.ts";
import type { InGroup } from "./receive-group.ts";

/** Removed by a commit that may stand. */
export async function goneChanges(
  context: Context,
  { conversation, topic }: Pick<InGroup, "conversation" | "topic">,
  commit: Pick<InForce, "change" | "note">,
): Promise<readonly Change[]> {
  const by = commit.change.by.credential.account;
  const standing = { kind: "removed", by, atMs: context.clock.now() } as const;
  const over = await overChanges(context, { conversation, topic }, standing);
  return [...over, ...eventChanges(context, conversation.key, commit)];
}

export async function overChanges(
  context: Context,
  { conversation, topic }: Pick<InGroup, "conversation" | "topic">,
  standing: GroupOfConversation["standing"],
): Promise<readonly Change[]> {
  const { key } = conversation;
  context.moved(key);
  const waiting = await context.storage.ofConversation("outbox", key);
  const wanted = (await context.storage.all("changes")).filter((change) => change.conversation === key);
  return [
    {
      kind: "put",
      table: "conversations",
      row: {
        ...conversation,
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
  ];
}

/** Tells authors, inside the conversation, that what came through the topic is committed here (§8). */

import type { TopicId } from "../lang/brand.ts";
import { maxAcknowledgedHashes } from "../wire/bounds.ts";
import type { Context } from "./context.ts";
import { speakingOn } from "./epoch.ts";
import { sendQuiet } from "./send.ts";

/** Nothing is said to strangers: until a request is accepted the acknowledgements wait on the topic's row. */
export async function acknowledgeTopic(context: Context, topicId: TopicId): Promise<boolean> {
  const speaking = await speakingOn(context, topicId);
  if (speaking === undefined || speaking.topic.due.length === 0) return false;
  const { key: id } = speaking.conversation;
  return context.turns(id, async () => {
    let said = false;
    for (;;) {
      const topic = await context.storage.get("topics", topicId);
      if (topic === undefined || topic.due.length === 0) return said;
      const now = topic.due.slice(0, maxAcknowledgedHashes);
      const hashes = now.filter((one) => !one.refused).map((one) => one.hash);
      const refused = now.filter((one) => one.refused).map((one) => one.hash);
      const sent = await sendQuiet(context, id, { kind: "delivered", hashes, refused }, (row) => [
        { kind: "put", table: "topics", row: { ...row, due: row.due.slice(now.length) } },
      ]);
      if (!sent.ok) return said;
      said = true;
    }
  });
}

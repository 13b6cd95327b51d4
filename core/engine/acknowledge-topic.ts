/** Tells authors, inside the conversation, that what came through the topic is committed here (§8). */

import type { ConversationId, TopicId } from "../lang/brand.ts";
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

export interface AcknowledgeSoon {
  /** Something came that is to be acknowledged, and more may be right behind it. */
  note(topic: TopicId, id: ConversationId): void;
  stop(): void;
}

/** What comes from a keeper comes in a row: one acknowledgement for what came within this. */
const collectForMs = 500;

/** `said` is told when there is something to carry. What is still to be said when it stops waits on the topic's row. */
export function createAcknowledgeSoon(context: Context, said: (id: ConversationId) => void): AcknowledgeSoon {
  const timers = new Map<TopicId, () => void>();
  async function acknowledge(topic: TopicId, id: ConversationId): Promise<void> {
    timers.delete(topic);
    if (await acknowledgeTopic(context, topic)) said(id);
  }
  return {
    note(topic, id) {
      if (timers.has(topic)) return;
      const failed = (error: unknown) => context.log.fault("an acknowledgement was not written", error);
      timers.set(
        topic,
        context.clock.after(collectForMs, () => void acknowledge(topic, id).catch(failed)),
      );
    },
    stop() {
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

/** Tells authors, inside the conversation, that what came through the topic is committed here (§8). */

import type { ConversationId } from "../lang/brand.ts";
import { maxAcknowledgedHashes } from "../wire/bounds.ts";
import type { Context } from "./context.ts";
import { sendQuiet } from "./send.ts";
import { talkingIn } from "./talking.ts";

/** Nothing is said to strangers alone: until a request is accepted the acknowledgements wait on the topic's row. */
export async function acknowledgeTopic(context: Context, id: ConversationId): Promise<boolean> {
  const talking = await talkingIn(context, id);
  if (talking === undefined || talking.topic.due.length === 0) return false;
  return context.turns(id, async () => {
    let said = false;
    for (;;) {
      const conversation = await context.storage.get("conversations", id);
      const topic = conversation && (await context.storage.get("topics", conversation.topic));
      if (topic === undefined || topic.due.length === 0) return said;
      const now = topic.due.slice(0, maxAcknowledgedHashes);
      const hashes = now.filter((one) => !one.refused).map((one) => one.hash);
      const refused = now.filter((one) => one.refused).map((one) => one.hash);
      let isWritten = false;
      const sent = await sendQuiet(context, id, { kind: "delivered", hashes, refused }, (row) => {
        isWritten = true;
        return [{ kind: "put", table: "topics", row: { ...row, due: row.due.slice(now.length) } }];
      });
      // Nobody is there to tell, or the disk is full.
      if (!sent.ok || !isWritten) return said;
      said = true;
    }
  });
}

export interface AcknowledgeSoon {
  /** Something came that is to be acknowledged, and more may be right behind it. */
  note(id: ConversationId): Promise<void>;
  stop(): void;
}

/** What comes from a keeper comes in a row: one acknowledgement for what came within this. */
const collectForMs = 500;
/**
 * In a group everybody acknowledges what somebody says: each after a time of their own, the longer the more there are, and all
 * that came meanwhile at once. Lower: a hundred envelopes for each word. Higher: a mark that lags behind the facts.
 */
const perMemberMs = 250;
const mostMs = 30_000;

/** `said` is told when there is something to carry. What is still to be said when it stops waits on the topic's row. */
export function createAcknowledgeSoon(context: Context, said: (id: ConversationId) => void): AcknowledgeSoon {
  const timers = new Map<ConversationId, () => void>();
  let stopped = false;

  async function acknowledge(id: ConversationId): Promise<void> {
    timers.delete(id);
    if (await acknowledgeTopic(context, id)) said(id);
  }

  return {
    async note(id) {
      const delayMs = await collectMs(context, id);
      if (timers.has(id) || stopped) return;
      const failed = (error: unknown) => context.log.fault("an acknowledgement was not written", error);
      timers.set(
        id,
        context.clock.after(delayMs, () => void acknowledge(id).catch(failed)),
      );
    },
    stop() {
      stopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

async function collectMs(context: Context, id: ConversationId): Promise<number> {
  const group = (await context.storage.get("conversations", id))?.group;
  if (group === undefined) return collectForMs;
  const [high = 0, low = 0] = context.random.bytes(2);
  const widthMs = Math.min(group.people.length * perMemberMs, mostMs);
  return Math.floor((widthMs * (256 * high + low)) / 0xffff);
}

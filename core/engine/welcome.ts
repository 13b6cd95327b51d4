/**
 * Welcomes on their way to who was added (§13.6): in the conversation between two people, behind what was said there. Writes
 * nothing.
 */

import { tick } from "../conversation/clock.ts";
import { orderOf } from "../conversation/order.ts";
import type { AccountId, TopicId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { PendingCommit } from "../ports/group-records.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { envelopeHash } from "../wire/envelope.ts";
import { type Context, me } from "./context.ts";
import { speakingIn } from "./epoch.ts";
import { linkAnswered } from "./group-requests.ts";
import { freshRow, ownMark } from "./outbox-row.ts";
import { sealedWhole } from "./parts.ts";
import { devicesOf } from "./roster.ts";

/**
 * Rows for each person who was added and with whom this one talks. Changes nothing of that conversation but what waits in it.
 * `link`: with which they came.
 */
export async function welcomeChanges(
  context: Context,
  welcome: PendingCommit["welcome"],
  link: TopicId | undefined,
): Promise<readonly Change[]> {
  if (welcome === undefined) return [];
  const changes: Change[] = [];
  for (const account of welcome.people) {
    const byLink = await linkAnswered(context, account, welcome.bytes, link);
    if (byLink !== undefined) {
      changes.push(...byLink);
      continue;
    }
    const between = await conversationWith(context, account);
    if (between !== undefined) changes.push(...(await rowsFor(context, between, welcome.bytes)));
  }
  return changes;
}

export interface Between {
  readonly conversation: ConversationRecord;
  readonly topic: TopicRecord;
}

/** Of two, which arise when both open each other's invites, the one in which more was said lately. */
export async function conversationWith(context: Context, account: AccountId): Promise<Between | undefined> {
  const all = await context.storage.all("conversations");
  const direct = all.filter(({ kind, contact }) => kind === "direct" && contact === account);
  for (const { key } of direct.sort((a, b) => b.clockMs - a.clockMs)) {
    const speaking = await speakingIn(context, key);
    if (speaking !== undefined) return speaking;
  }
  return undefined;
}

async function rowsFor(
  context: Context,
  { conversation, topic }: Between,
  welcome: Uint8Array,
): Promise<readonly Change[]> {
  const contact = conversation.contact && (await context.storage.get("contacts", conversation.contact));
  const sealed = sealedWhole(context, topic, "welcome", welcome);
  if (!contact || sealed === undefined) return [];
  const { device } = await me(context);
  let time = tick(conversation, context.clock.now());
  return [...sealed.parts, sealed.envelope].flatMap((envelope): readonly Change[] => {
    const key = envelopeHash(envelope);
    const order = orderOf(time, device, toHex(context.random.bytes(8)));
    time = tick(time, 0);
    const row: OutboxRecord = freshRow(context, {
      key,
      conversation: conversation.key,
      topic: topic.key,
      order,
      envelope,
      ends: "acknowledged",
      waitingFor: devicesOf(contact),
    });
    return [{ kind: "put", table: "outbox", row }, ownMark(context, key, conversation.key)];
  });
}

/**
 * Asking for a successor group (§11): what a request writes, and the row of the outbox that carries a payload about keys.
 * Does not know when to ask.
 */

import { labels } from "../crypto/labels.ts";
import { sealNonceBytes } from "../crypto/seal.ts";
import { sign } from "../crypto/signature.ts";
import type { DeviceId } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { ContactRecord } from "../ports/people-records.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { envelopeHash, healRequestMessage, openEnvelope, type Payload, sealEnvelope } from "../wire/envelope.ts";
import { envelopeKeyOf } from "../wire/topic.ts";
import { type Context, me } from "./context.ts";
import { haveOfDevices } from "./have.ts";
import { freshRow, ownMark } from "./outbox-row.ts";
import { ownKeyPackage } from "./own-leaf.ts";
import { devicesOf } from "./roster.ts";

/** Between whom, and what there is of keys. */
export interface AboutKeys {
  readonly conversation: ConversationRecord;
  readonly contact: ContactRecord;
  readonly group: GroupRecord | undefined;
  readonly topic: TopicRecord;
}

/** A request with a new key package, which takes the place of the one before. */
export async function requestChanges(context: Context, about: AboutKeys): Promise<readonly Change[]> {
  const { conversation, contact, group, topic } = about;
  const profile = await me(context);
  const pair = await ownKeyPackage(profile);
  const generation = group?.generation ?? 0;
  const message = healRequestMessage(
    { conversation: conversation.key, topic: topic.key },
    generation,
    pair.publicPackage,
  );
  const row = aboutKeysRow(context, about, generation, devicesOf(contact), {
    kind: "heal-request",
    deviceList: profile.deviceList,
    keyPackage: pair.publicPackage,
    generation,
    signature: sign(labels.healRequest, message, profile.deviceSeed),
    have: haveOfDevices(conversation, devicesOf(contact)),
  });
  const nowMs = context.clock.now();
  const { why, sinceMs } = conversation.healing ?? { why: "lost", sinceMs: nowMs };
  const healing = { why, sinceMs, asked: { atMs: nowMs, ...pair } };
  const waiting = await context.storage.ofConversation("outbox", conversation.key);
  return [
    // Nobody could answer it any more. A successor that waits is still wanted: by whoever asked for it.
    ...waiting
      .filter((one) => isRequest(topic, one))
      .map(({ key }): Change => ({ kind: "delete", table: "outbox", key })),
    { kind: "put", table: "conversations", row: { ...conversation, healing } },
    { kind: "put", table: "outbox", row },
    ownMark(context, row.key, row.conversation),
  ];
}

function isRequest(topic: TopicRecord, { envelope, content, topic: key }: OutboxRecord): boolean {
  if (key !== topic.key || content !== undefined) return false;
  const payload = openEnvelope(envelopeKeyOf(topic.secret), topic.key, envelope);
  return payload.ok && payload.value.kind === "heal-request";
}

/**
 * A payload about keys, not under them. It goes before everything that needs them: its order is the lowest there is. It waits
 * until it is answered, and lies wherever the other side may look: where the conversation was moved to cannot be said before
 * there are keys.
 */
export function aboutKeysRow(
  context: Context,
  { conversation, contact, topic }: AboutKeys,
  generation: number,
  waitingFor: readonly DeviceId[],
  payload: Payload,
): OutboxRecord {
  const elsewhere = new Set([...topic.places.map(({ node }) => node), ...contact.nodes]);
  const key = envelopeKeyOf(topic.secret);
  const envelope = sealEnvelope(key, topic.key, payload, context.random.bytes(sealNonceBytes));
  // A key package or a Welcome for few devices stays far below the largest envelope.
  if (!envelope.ok) throw new Error("a payload about keys does not fit an envelope");
  return freshRow(context, {
    key: envelopeHash(envelope.value),
    conversation: conversation.key,
    topic: topic.key,
    order: "",
    envelope: envelope.value,
    generation,
    ends: "acknowledged",
    waitingFor,
    alsoAt: [...elsewhere].filter((node) => !conversation.nodes.includes(node)),
  });
}

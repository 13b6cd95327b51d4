/**
 * Healing (§11): noticing that a conversation's keys are damaged, asking the other side for a successor group, and making
 * one for who asks. Nothing said is lost meanwhile: it waits in the outbox with its content.
 */

import { labels } from "../crypto/labels.ts";
import { sealNonceBytes } from "../crypto/seal.ts";
import { sign } from "../crypto/signature.ts";
import { addDevices, createGroup } from "../group/create.ts";
import { isReadable } from "../group/state.ts";
import type { ConversationId, DeviceId } from "../lang/brand.ts";
import type {
  Asker,
  ContactRecord,
  ConversationRecord,
  Damage,
  GroupRecord,
  OutboxRecord,
  TopicRecord,
} from "../ports/records.ts";
import type { Change } from "../ports/storage.ts";
import { envelopeHash, healRequestMessage, openEnvelope, type Payload, sealEnvelope } from "../wire/envelope.ts";
import { deriveTopic } from "../wire/topic.ts";
import { type Context, commit, conversationWithContact, me } from "./context.ts";
import { unchangedOrNone } from "./group-step.ts";
import { freshRow, ownMark } from "./outbox-row.ts";
import { ownKeyPackage } from "./own-leaf.ts";
import { devicesOf, leafCheckWith } from "./roster.ts";
import { successionChanges } from "./successor.ts";

/** A request that nobody answered is made again: the node may have lost it, or kept it for less long than they were away. */
const askAgainMs = 24 * 3_600_000;
/** After a write was refused: a full disk may have room again. */
const writeAgainMs = 10_000;
/** Between two answers. Lower: whoever asks without end has this device seal everything that waits anew without end. */
const answerPauseMs = 10_000;
const groupIdBytes = 16;

/** The conversation with its damage noted; the one that was noted first stays. */
export function damaged(conversation: ConversationRecord, why: Damage, nowMs: number): ConversationRecord {
  return conversation.healing ? conversation : { ...conversation, healing: { why, sinceMs: nowMs, asked: undefined } };
}

/** Notes damage that was found elsewhere than in an envelope. `false`: that could not be written. */
export function noteDamage(context: Context, id: ConversationId, why: Damage): Promise<boolean> {
  return context.turns(id, async () => {
    const row = await context.storage.get("conversations", id);
    if (row === undefined || row.healing !== undefined) return true;
    const noted = damaged(row, why, context.clock.now());
    return (await commit(context, { changes: [{ kind: "put", table: "conversations", row: noted }] })).ok;
  });
}

export interface Healer {
  /** Does what is due: answers who asks, else asks if this side is damaged. Safe to call at any time. */
  look(id: ConversationId): Promise<void>;
  /** The same, after seeing whether the keys can be read at all. */
  inspect(id: ConversationId): Promise<void>;
  stop(): void;
}

/** `kick` tells the courier that there is something to carry. */
export function createHealer(context: Context, kick: (id: ConversationId) => void): Healer {
  const timers = new Map<ConversationId, () => void>();
  const answeredAtMs = new Map<ConversationId, number>();
  let stopped = false;

  function answerPauseLeftMs(id: ConversationId): number {
    const sinceMs = context.clock.now() - (answeredAtMs.get(id) ?? Number.NEGATIVE_INFINITY);
    // Answered in the future: the clock was set back.
    return sinceMs < 0 ? 0 : Math.max(0, answerPauseMs - sinceMs);
  }

  function lookLater(id: ConversationId, delayMs: number): void {
    timers.get(id)?.();
    if (stopped) return;
    timers.set(
      id,
      context.clock.after(delayMs, () => {
        timers.delete(id);
        attend(id, false).catch((error: unknown) => context.log.fault("healing failed", error));
      }),
    );
  }

  async function attend(id: ConversationId, thorough: boolean): Promise<void> {
    const outcome = await context.turns(id, () => heal(context, id, thorough, answerPauseLeftMs(id)));
    if (outcome === "answered") answeredAtMs.set(id, context.clock.now());
    if (outcome === "answered" || outcome === "asked") kick(id);
    if (typeof outcome === "number") lookLater(id, outcome);
  }

  return {
    look: (id) => attend(id, false),
    inspect: (id) => attend(id, true),
    stop() {
      stopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

/** `answered`, `asked`: something is to be carried now. A number: look again after so many milliseconds. */
async function heal(
  context: Context,
  id: ConversationId,
  thorough: boolean,
  answerPauseLeftMs: number,
): Promise<"answered" | "asked" | "nothing" | number> {
  const found = await conversationWithContact(context, id);
  if (!found.ok || found.value.contact?.state !== "accepted") return "nothing";
  const { asker: asking, healing: noted } = found.value.conversation;
  if (!thorough && asking === undefined && noted === undefined) return "nothing";
  const { contact } = found.value;
  const topic = await context.storage.get("topics", found.value.conversation.topic);
  if (topic === undefined) return "nothing";
  const group = await context.storage.get("groups", id);
  const nowMs = context.clock.now();
  const lost = group === undefined || !isReadable(group.state);
  const conversation = lost ? damaged(found.value.conversation, "lost", nowMs) : found.value.conversation;
  const { asker, healing } = conversation;
  if (asker !== undefined) {
    if (answerPauseLeftMs > 0) return answerPauseLeftMs;
    const answer = await answerTo(context, conversation, contact, group, topic, asker);
    if (answer !== undefined) return answer;
  }
  if (healing === undefined) return "nothing";
  const sinceAskedMs = healing.asked === undefined ? askAgainMs : nowMs - healing.asked.atMs;
  // Asked in the future: the clock was set back.
  if (sinceAskedMs >= 0 && sinceAskedMs < askAgainMs) return askAgainMs - sinceAskedMs;
  const changes = await requestChanges(context, conversation, contact, group, topic);
  // Nobody shall stumble over what cannot be read.
  const gone: readonly Change[] = lost ? [{ kind: "delete", table: "groups", key: id }] : [];
  const written = await commit(context, { expect: [unchangedOrNone(id, group)], changes: [...gone, ...changes] });
  return written.ok ? "asked" : writeAgainMs;
}

/** Of two that ask each other, the one with the lower device id makes the group; so one is made, not two. */
function answersAlthoughAsking(own: DeviceId, asker: Asker): boolean {
  return own < asker.device;
}

/** `undefined` where the request is not to be answered, or not by this side. */
async function answerTo(
  context: Context,
  conversation: ConversationRecord,
  contact: ContactRecord,
  group: GroupRecord | undefined,
  topic: TopicRecord,
  asker: Asker,
): Promise<"answered" | number | undefined> {
  const profile = await me(context);
  if (conversation.healing?.asked !== undefined && !answersAlthoughAsking(profile.device, asker)) return undefined;
  const check = await leafCheckWith(context, conversation.contact);
  const generation = Math.max(group?.generation ?? 0, asker.generation) + 1;
  const own = await ownKeyPackage(profile);
  const alone = await createGroup(
    context.random.bytes(groupIdBytes),
    {
      conversation: conversation.key,
      kind: "direct",
      topicSecret: topic.secret,
      nodes: conversation.nodes,
      generation,
    },
    own,
    check,
  );
  const together = await addDevices(alone, [asker.keyPackage], check);
  const answered: ConversationRecord = { ...conversation, asker: undefined };
  if (!together.ok) {
    // Its device is not listed any more: nothing can be made for it.
    await commit(context, { changes: [{ kind: "put", table: "conversations", row: answered }] });
    return undefined;
  }
  const row = outboxRow(context, answered, contact, topic, generation, [asker.device], {
    kind: "successor",
    deviceList: profile.deviceList,
    welcome: together.value.welcome,
    generation,
  });
  const succession = { conversation: answered, before: group, topic, state: together.value.next };
  const changes = await successionChanges(context, profile, succession);
  const written = await commit(context, {
    expect: [unchangedOrNone(conversation.key, group)],
    changes: [...changes, ...ownRow(context, row)],
  });
  return written.ok ? "answered" : writeAgainMs;
}

async function requestChanges(
  context: Context,
  conversation: ConversationRecord,
  contact: ContactRecord,
  group: GroupRecord | undefined,
  topic: TopicRecord,
): Promise<readonly Change[]> {
  const profile = await me(context);
  const pair = await ownKeyPackage(profile);
  const generation = group?.generation ?? 0;
  const message = healRequestMessage(topic.key, generation, pair.publicPackage);
  const devices = devicesOf(contact);
  const row = outboxRow(context, conversation, contact, topic, generation, devices, {
    kind: "heal-request",
    deviceList: profile.deviceList,
    keyPackage: pair.publicPackage,
    generation,
    signature: sign(labels.healRequest, message, profile.deviceSeed),
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
    ...ownRow(context, row),
  ];
}

function isRequest(topic: TopicRecord, { envelope, content, topic: key }: OutboxRecord): boolean {
  if (key !== topic.key || content !== undefined) return false;
  const payload = openEnvelope(deriveTopic(topic.secret).envelopeKey, topic.key, envelope);
  return payload.ok && payload.value.kind === "heal-request";
}

/**
 * A payload about keys, not under them. It goes before everything that needs them: its order is the lowest there is. It waits
 * until it is answered, and lies wherever the other side may look: where the conversation was moved to cannot be said before
 * there are keys.
 */
function outboxRow(
  context: Context,
  conversation: ConversationRecord,
  contact: ContactRecord,
  topic: TopicRecord,
  generation: number,
  waitingFor: readonly DeviceId[],
  payload: Payload,
): OutboxRecord {
  const elsewhere = new Set([...topic.places.map(({ node }) => node), ...contact.nodes]);
  const key = deriveTopic(topic.secret).envelopeKey;
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

/** The row, and its mark as own so that the topic's echo is recognised. */
function ownRow(context: Context, row: OutboxRecord): readonly Change[] {
  return [{ kind: "put", table: "outbox", row }, ownMark(context, row.key, row.conversation)];
}

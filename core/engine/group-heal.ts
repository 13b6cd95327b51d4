/**
 * Healing in a group (§13.7): a device whose keys are damaged, or which is new and has none, asks for a leaf. Does not answer those
 * of others, and does not join again.
 */

import { labels } from "../crypto/labels.ts";
import { sealNonceBytes } from "../crypto/seal.ts";
import { sign } from "../crypto/signature.ts";
import { isReadable } from "../group/state.ts";
import type { ConversationId } from "../lang/brand.ts";
import { idBytes } from "../lang/bytes.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { ChangeRecord } from "../ports/group-records.ts";
import type { Healing } from "../ports/healing.ts";
import type { ProfileRecord } from "../ports/people-records.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { envelopeHash, healRequestMessage, openEnvelope, type Payload, sealEnvelope } from "../wire/envelope.ts";
import { type KnownGroup, peopleMark } from "../wire/known-group.ts";
import { envelopeKeyOf } from "../wire/topic.ts";
import { type Context, commit, me } from "./context.ts";
import { unchangedOrNone } from "./group-step.ts";
import { maySeal } from "./keys-in-use.ts";
import { freshRow, ownMark } from "./outbox-row.ts";
import { ownKeyPackage } from "./own-leaf.ts";

/** A request that nobody answered is made again: nobody may have been there. */
const askAgainMs = 24 * 3_600_000;
/** Members of the part that stays forget their marks of then. */
const asksToComeOverMs = 7 * 24 * 3_600_000;
/** Longer than the longest delay of a job: the part that stays is to hear first that there was another one. */
const beforeComingOverMs = 40_000;
/** After a write was refused: a full disk may have room again. */
const writeAgainMs = 10_000;
/** Beyond the longest delay of a job a time to wait for is one of a clock that was set. */
const longestWaitMs = 60_000;

/** Somebody is to get a leaf now; others after so many milliseconds. */
interface LeafDue {
  readonly kind: "due";
  readonly nextMs: number | undefined;
}

/** `asked`: something is to be carried. A number: look again after so many milliseconds. */
export async function healGroup(
  context: Context,
  id: ConversationId,
  thorough: boolean,
): Promise<"asked" | "nothing" | number | LeafDue> {
  const known = await context.storage.get("conversations", id);
  if (known?.group?.standing.kind !== "member") return "nothing";
  const nowMs = context.clock.now();
  if (!thorough && known.healing === undefined && known.split?.side !== "asks")
    return waitsFor(await context.storage.all("changes"), id, nowMs);
  const topic = await context.storage.get("topics", known.topic);
  if (topic === undefined) return "nothing";
  const group = await context.storage.get("groups", id);
  const lost = group === undefined || !isReadable(group.state);
  const healing = known.healing ?? (lost ? ({ why: "lost", sinceMs: nowMs, asked: undefined } as const) : undefined);
  if (healing === undefined) {
    const asked = await askedToComeOver(context, known, topic);
    return asked ?? waitsFor(await context.storage.all("changes"), id, nowMs);
  }
  const leftMs = untilAskedAgainMs(healing.asked, nowMs);
  if (leftMs > 0) {
    const due = maySeal(known) ? waitsFor(await context.storage.all("changes"), id, nowMs) : leftMs;
    return soonest(due, leftMs);
  }
  const asks = group && healing.why === "behind" ? { afterEpoch: group.epoch } : {};
  const { asked, changes: request } = await requestChanges(context, known, topic, asks);
  const row: ConversationRecord = { ...known, healing: { ...healing, asked } };
  const changes: readonly Change[] = [{ kind: "put", table: "conversations", row }, ...request];
  // Nobody shall stumble over what cannot be read.
  const gone: readonly Change[] = lost ? [{ kind: "delete", table: "groups", key: id }] : [];
  const written = await commit(context, { expect: [unchangedOrNone(id, group)], changes: [...gone, ...changes] });
  return written.ok ? "asked" : writeAgainMs;
}

/**
 * In the part that does not stay it goes on meanwhile: whether there is another one rests on what a member said (§13.15). Nobody
 * of this part is asked.
 */
async function askedToComeOver(
  context: Context,
  known: ConversationRecord,
  topic: TopicRecord,
): Promise<"asked" | number | undefined> {
  const { split } = known;
  const nowMs = context.clock.now();
  if (split?.side !== "asks" || nowMs - split.atMs > asksToComeOverMs) return undefined;
  const sinceMs = nowMs - split.atMs;
  if (sinceMs >= 0 && sinceMs < beforeComingOverMs) return beforeComingOverMs - sinceMs;
  if (untilAskedAgainMs(split.asked, nowMs) > 0) return undefined;
  const ofPart = { epoch: split.epoch, mark: idBytes(split.mark) };
  const { asked, changes } = await requestChanges(context, known, topic, { ofPart });
  const row: ConversationRecord = { ...known, split: { ...split, asked } };
  const written = await commit(context, { changes: [{ kind: "put", table: "conversations", row }, ...changes] });
  return written.ok ? "asked" : writeAgainMs;
}

function untilAskedAgainMs(asked: { readonly atMs: number } | undefined, nowMs: number): number {
  const sinceMs = asked === undefined ? askAgainMs : nowMs - asked.atMs;
  // Asked in the future: the clock was set back.
  return sinceMs >= 0 && sinceMs < askAgainMs ? askAgainMs - sinceMs : 0;
}

function soonest(due: "nothing" | number | LeafDue, otherMs: number): number | LeafDue {
  if (due === "nothing") return otherMs;
  if (typeof due === "number") return Math.min(due, otherMs);
  return { kind: "due", nextMs: Math.min(due.nextMs ?? otherMs, otherMs) };
}

function waitsFor(changes: readonly ChangeRecord[], id: ConversationId, nowMs: number): "nothing" | number | LeafDue {
  const dueMs = changes.flatMap(({ conversation, act }) =>
    conversation === id && act.kind === "give-leaf" ? [untilDueMs(act.notBeforeMs, nowMs)] : [],
  );
  const laterMs = dueMs.filter((ms) => ms > 0);
  const nextMs = laterMs.length === 0 ? undefined : Math.min(...laterMs);
  if (laterMs.length < dueMs.length) return { kind: "due", nextMs };
  return nextMs ?? "nothing";
}

export function untilDueMs(notBeforeMs: number, nowMs: number): number {
  const leftMs = notBeforeMs - nowMs;
  return leftMs > longestWaitMs ? 0 : Math.max(0, leftMs);
}

interface Request {
  readonly asked: NonNullable<Healing["asked"]>;
  readonly changes: readonly Change[];
}

async function requestChanges(
  context: Context,
  conversation: ConversationRecord,
  topic: TopicRecord,
  asks: Pick<Extract<Payload, { kind: "heal-request" }>, "ofPart" | "afterEpoch">,
): Promise<Request> {
  const profile = await me(context);
  const { deviceList, deviceSeed } = profile;
  const pair = await ownKeyPackage(profile);
  const { publicPackage: keyPackage } = pair;
  const signature = sign(
    labels.healRequest,
    healRequestMessage({ conversation: conversation.key, topic: topic.key }, 0, keyPackage),
    deviceSeed,
  );
  const payload = { kind: "heal-request", deviceList, keyPackage, generation: 0, signature, have: [] } as const;
  const known = heldTo(conversation, profile, asks.ofPart !== undefined);
  const request = { ...payload, ...asks, ...(known && { known }) };
  const asked = { atMs: context.clock.now(), ...pair };
  const before = await context.storage.ofConversation("outbox", conversation.key);
  const envelopeKey = envelopeKeyOf(topic.secret);
  const isRequest = ({ content, order, envelope }: (typeof before)[number]) => {
    if (content !== undefined || order !== "") return false;
    const opened = openEnvelope(envelopeKey, topic.key, envelope);
    return opened.ok && opened.value.kind === "heal-request";
  };
  const changes = [
    // Nobody could answer it any more.
    ...before.filter(isRequest).map(({ key }): Change => ({ kind: "delete", table: "outbox", key })),
    ...aboutLeaf(context, conversation, topic, [sealedFor(context, topic, request)]),
  ];
  return { asked, changes };
}

/**
 * What whoever gives a leaf is held to, where a member may have made this device ask: that there are later changes, or another part
 * of the group, anybody can claim. A disk that lost its keys nobody can bring about; and where who claims that this is an earlier
 * copy is the only other one there is, nobody is led anywhere but by them.
 */
export function heldTo(
  { group, healing }: ConversationRecord,
  { account: own }: Pick<ProfileRecord, "account">,
  comesOver: boolean,
): KnownGroup | undefined {
  // A further device may have been told of no more than the topic.
  if (group === undefined || group.people.length === 0) return undefined;
  const people = group.people.map(({ account }) => account);
  const known = { facts: group.facts, people: peopleMark(people) };
  if (comesOver || healing?.why === "behind" || healing?.why === "forked") return known;
  const claimedBy = healing?.claimedBy;
  const areOthers = people.some((account) => account !== own && account !== claimedBy);
  return claimedBy && areOthers ? known : undefined;
}

/**
 * Rows for envelopes about a leaf: before everything that needs it, and done once a node has them. Left also where the group was
 * before: who lost their keys may not know that it moved.
 */
export function aboutLeaf(
  context: Context,
  { key: conversation, nodes }: Pick<ConversationRecord, "key" | "nodes">,
  topic: TopicRecord,
  envelopes: readonly Uint8Array[],
): readonly Change[] {
  const alsoAt = topic.places.map(({ node }) => node).filter((node) => !nodes.includes(node));
  return envelopes.flatMap((envelope): readonly Change[] => {
    const key = envelopeHash(envelope);
    const place = { conversation, topic: topic.key, order: "", envelope, alsoAt, waitingFor: [] };
    const row = freshRow(context, { key, ...place, ends: "custody" });
    return [{ kind: "put", table: "outbox", row }, ownMark(context, key, conversation)];
  });
}

function sealedFor(context: Context, topic: TopicRecord, payload: Payload): Uint8Array {
  const envelopeKey = envelopeKeyOf(topic.secret);
  const envelope = sealEnvelope(envelopeKey, topic.key, payload, context.random.bytes(sealNonceBytes));
  if (!envelope.ok) throw new Error("a request for a leaf does not fit an envelope");
  return envelope.value;
}

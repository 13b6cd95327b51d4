/**
 * Links to a group as this device keeps them (§13.9): their rows and topics, what is sealed for them, and what goes when they
 * go. Who makes and withdraws them is in `group-links`.
 */

import { sealNonceBytes } from "../crypto/seal.ts";
import type { AccountId, ConversationId, InviteId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import type { GroupLinkRecord } from "../ports/group-link-records.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import type { GroupInvite } from "../wire/content-group.ts";
import { type Payload, sealEnvelope } from "../wire/envelope.ts";
import { formatInviteLink } from "../wire/invite-link.ts";
import { deriveTopic, inviteTopicSecret } from "../wire/topic.ts";
import type { Context } from "./context.ts";
import { freshPlace } from "./places.ts";

const idBytes = 16;
/** A door that stays open longer is forgotten by who opened it. */
export const longestLinkMs = 30 * 24 * 3_600_000;
/** Remembered of a group until they would have expired: who floods it with more makes it forget the oldest. */
const maxWithdrawn = 100;

export async function linksOf(context: Context, id: ConversationId): Promise<readonly GroupLinkRecord[]> {
  return (await context.storage.all("groupLinks")).filter(({ conversation }) => conversation === id);
}

export async function liveLinks(context: Context, id: ConversationId): Promise<readonly GroupLinkRecord[]> {
  const nowMs = context.clock.now();
  return (await linksOf(context, id)).filter(({ withdrawn, expiresAtMs }) => !withdrawn && expiresAtMs > nowMs);
}

/** A link as this device follows it. */
export function linkRows(
  context: Context,
  conversation: ConversationId,
  { secret, node, expiresAtMs, budget, account, answerSeed, joined }: GroupInvite,
): { readonly row: GroupLinkRecord; readonly topic: TopicRecord } {
  const topicSecret = inviteTopicSecret(secret);
  const { topic: key } = deriveTopic(topicSecret);
  const id = toHex(context.random.bytes(idBytes)) as InviteId;
  const createdAtMs = context.clock.now();
  const endsAtMs = Math.min(expiresAtMs, createdAtMs + longestLinkMs);
  return {
    row: {
      key,
      conversation,
      id,
      link: formatInviteLink(context.appOrigin, { kind: "group", account, secret, node, expiresAtMs }),
      secret,
      node,
      by: account,
      createdAtMs,
      expiresAtMs: endsAtMs,
      budget,
      joined,
      toLeave: [],
      answerSeed,
      withdrawn: false,
      tell: false,
      shown: undefined,
    },
    topic: {
      key,
      secret: topicSecret,
      places: [freshPlace(node)],
      due: [],
      purpose: { kind: "invite", invite: id },
    },
  };
}

/** For the link's topic. */
export function sealedIn(context: Context, { secret }: Pick<GroupLinkRecord, "secret">, payload: Payload): Uint8Array {
  const { topic, envelopeKey } = deriveTopic(inviteTopicSecret(secret));
  const envelope = sealEnvelope(envelopeKey, topic, payload, context.random.bytes(sealNonceBytes));
  if (!envelope.ok) throw new Error("what a link shows or answers does not fit an envelope");
  return envelope.value;
}

export function putLink(row: GroupLinkRecord): Change {
  return { kind: "put", table: "groupLinks", row };
}

/** Who came with it, and these; no more than it is for, whatever others say. */
export function joinedWith(
  { joined, budget }: Pick<GroupLinkRecord, "joined" | "budget">,
  more: readonly AccountId[],
): readonly AccountId[] {
  return [...new Set([...joined, ...more])].slice(0, Math.max(budget, joined.length));
}

/** Nobody is answered there any more. */
export async function withdrawnChanges(context: Context, row: GroupLinkRecord): Promise<readonly Change[]> {
  const others = (await linksOf(context, row.conversation)).filter(
    ({ key, withdrawn, toLeave }) => withdrawn && toLeave.length === 0 && key !== row.key,
  );
  const oldest = others
    .sort((a, b) => a.createdAtMs - b.createdAtMs)
    .slice(0, Math.max(0, others.length + 1 - maxWithdrawn));
  return [
    ...oldest.map(({ key }): Change => ({ kind: "delete", table: "groupLinks", key })),
    putLink({ ...row, withdrawn: true, tell: false }),
    { kind: "delete", table: "topics", key: row.key },
    ...(await requestsGone(context, row)),
  ];
}

async function requestsGone(context: Context, { key: link }: GroupLinkRecord): Promise<readonly Change[]> {
  const asking = (await context.storage.all("joinRequests")).filter((row) => row.link === link);
  return asking.map(({ key }): Change => ({ kind: "delete", table: "joinRequests", key }));
}

/** This person is no admin of the group any more, or the group is over here. */
export async function linksForgotten(context: Context, id: ConversationId): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for (const row of await linksOf(context, id)) changes.push(...(await linkForgotten(context, row)));
  return changes;
}

export async function linkForgotten(context: Context, row: GroupLinkRecord): Promise<readonly Change[]> {
  return [
    { kind: "delete", table: "groupLinks", key: row.key },
    { kind: "delete", table: "topics", key: row.key },
    ...(await requestsGone(context, row)),
  ];
}

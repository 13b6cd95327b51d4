/**
 * The conversation that answering an invite begins (§5.3): its group with the inviter's devices, the reply, the name, and
 * what was written before to somebody who never got it. Writes and sends nothing.
 */

import { nothingHeard } from "../conversation/marks.ts";
import { sealNonceBytes } from "../crypto/seal.ts";
import { addDevices, createGroup } from "../group/create.ts";
import type { ConversationId, NodeUrl } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { ContactRecord, ProfileRecord } from "../ports/people-records.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { encodeContent } from "../wire/content.ts";
import { envelopeHash, type Payload, sealEnvelope } from "../wire/envelope.ts";
import type { InviteLinkText } from "../wire/invite-link.ts";
import { acceptSlot, deriveTopic, inviteTopicSecret, type TopicKeys } from "../wire/topic.ts";
import { type Context, me } from "./context.ts";
import { freshConversation } from "./conversation-row.ts";
import { firstGroupRecord } from "./group-step.ts";
import { freshRow } from "./outbox-row.ts";
import { contentAgain, isSaid, nextContent } from "./own-content.ts";
import { ownKeyPackage } from "./own-leaf.ts";
import { freshPlace } from "./places.ts";
import { leafCheckOf } from "./roster.ts";
import { sealForConversation } from "./seal.ts";

const idLength = 16;
const secretLength = 32;

export type Bundle = Extract<Payload, { kind: "invite-bundle" }>;

/** What was written to somebody who never got it, sealed for the conversation that takes the old one's place. */
export async function carryOver(
  context: Context,
  before: ConversationRecord,
  made: MadeConversation,
): Promise<readonly Change[]> {
  const changes: Change[] = [];
  let { group } = made;
  const rows = await context.storage.ofConversation("messages", before.key);
  for (const message of rows) {
    if (!isSaid(message)) continue;
    const row = { order: message.order, ends: "acknowledged", message: message.key } as const;
    const sealed = await sealForConversation(context, group, made.topic, contentAgain(message), row);
    group = sealed.group;
    const deliveries = Object.fromEntries(sealed.recipients.map((device) => [device, nothingHeard]));
    changes.push(...sealed.changes, {
      kind: "put",
      table: "messages",
      row: { ...message, conversation: made.id, deliveries, held: [], keepings: [], trouble: undefined },
    });
  }
  const { draft, last, readUpTo, clockMs, clockCount, sentNumber } = before;
  const row = { ...made.conversation, draft, last, readUpTo, clockMs, clockCount, sentNumber };
  return [...changes, { kind: "put", table: "conversations", row }];
}

export interface MadeConversation {
  readonly id: ConversationId;
  readonly conversation: ConversationRecord;
  readonly group: GroupRecord;
  readonly topic: TopicRecord;
  readonly reply: OutboxRecord;
  readonly changes: readonly Change[];
}

export async function makeConversation(
  context: Context,
  link: InviteLinkText,
  bundle: Bundle,
  known: ContactRecord | undefined,
): Promise<Result<MadeConversation, "forged">> {
  const profile = await me(context);
  const { device } = profile;
  const id = toHex(context.random.bytes(idLength)) as ConversationId;
  const topicSecret = context.random.bytes(secretLength);
  // Where the inviter looks for it. An invite of before there were several names none.
  const nodes = bundle.nodes.length === 0 ? [link.node] : bundle.nodes;
  const check = leafCheckOf([profile.deviceList, bundle.deviceList]);
  const own = await ownKeyPackage(profile);
  const alone = await createGroup(
    context.random.bytes(idLength),
    { conversation: id, kind: "direct", topicSecret, nodes, generation: 0 },
    own,
    check,
  );
  const together = await addDevices(alone, bundle.keyPackages, check);
  if (!together.ok) return err("forged");
  const nowMs = context.clock.now();
  const invite = deriveTopic(inviteTopicSecret(link.secret));
  const reply = replyRow(context, profile, link, invite, id, together.value.welcome);
  const contact: ContactRecord = {
    key: link.account,
    name: bundle.name,
    deviceList: bundle.deviceList,
    state: "accepted",
    knownAs: known?.knownAs ?? "",
    verified: known?.verified ?? false,
    answered: false,
    relayOnly: known?.relayOnly ?? false,
    nodes: known?.nodes ?? [],
    profileOrder: known?.profileOrder ?? "",
    keepsFor: known?.keepsFor ?? false,
    keeper: known?.keeper ?? false,
    keeperOrder: known?.keeperOrder ?? "",
    sinceMs: nowMs,
  };
  const { topic } = deriveTopic(topicSecret);
  const topicOfIt = topicRow(topic, topicSecret, nodes, { kind: "conversation", conversation: id });
  const conversation = freshConversation(id, "direct", link.account, topic, nodes, nowMs);
  const group = await firstGroupRecord(id, together.value.next, nowMs);
  // The name goes with the beginning: an engine that dies right after it must not leave a request without a name.
  const { content, order } = nextContent(context, conversation, device, {
    kind: "profile",
    name: profile.name,
    nodes: profile.nodes,
  });
  const row = { order, ends: "custody", message: undefined } as const;
  const told = await sealForConversation(context, group, topicOfIt, encodeContent(content), row);
  const { clockMs, clockCount } = content;
  const begun = { ...conversation, clockMs, clockCount };
  const changes: readonly Change[] = [
    { kind: "put", table: "contacts", row: contact },
    { kind: "put", table: "conversations", row: begun },
    { kind: "put", table: "topics", row: topicOfIt },
    {
      kind: "put",
      table: "topics",
      row: topicRow(invite.topic, inviteTopicSecret(link.secret), [link.node], { kind: "reply", conversation: id }),
    },
    { kind: "put", table: "outbox", row: reply },
    ...told.changes,
  ];
  return ok({ id, conversation: begun, group: told.group, topic: topicOfIt, reply, changes });
}

function topicRow(
  key: TopicRecord["key"],
  secret: Uint8Array,
  nodes: readonly NodeUrl[],
  purpose: TopicRecord["purpose"],
): TopicRecord {
  return { key, secret, places: nodes.map(freshPlace), due: [], purpose };
}

/** The reply goes before everything else of the conversation: its order is the lowest there is. */
function replyRow(
  context: Context,
  profile: ProfileRecord,
  link: InviteLinkText,
  invite: TopicKeys,
  conversation: ConversationId,
  welcome: Uint8Array,
): OutboxRecord {
  const envelope = sealEnvelope(
    invite.envelopeKey,
    invite.topic,
    { kind: "invite-reply", deviceList: profile.deviceList, welcome },
    context.random.bytes(sealNonceBytes),
  );
  // A Welcome for the at most 16 devices of an account stays below the largest envelope.
  if (!envelope.ok) throw new Error("the reply to an invite does not fit an envelope");
  return freshRow(context, {
    key: envelopeHash(envelope.value),
    conversation,
    topic: invite.topic,
    order: "",
    envelope: envelope.value,
    slot: acceptSlot(link.secret),
    ends: "custody",
    waitingFor: [],
  });
}

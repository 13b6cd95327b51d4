/**
 * Envelopes that say which keys of a group were here (§13.15): to contacts in the conversations with them, and in the group's own
 * topic. Writes nothing.
 */

import { tick } from "../conversation/clock.ts";
import { orderOf } from "../conversation/order.ts";
import { labels } from "../crypto/labels.ts";
import { sealNonceBytes } from "../crypto/seal.ts";
import { sign } from "../crypto/signature.ts";
import type { AccountId, ConversationId, DeviceId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import type { Change } from "../ports/storage.ts";
import type { TopicRecord } from "../ports/topic-record.ts";
import { envelopeHash, sealEnvelope } from "../wire/envelope.ts";
import { type EpochMarks, epochMarkBytes, epochMarksMessage } from "../wire/epoch-marks.ts";
import { envelopeKeyOf } from "../wire/topic.ts";
import { type Context, me } from "./context.ts";
import { speakingIn } from "./epoch.ts";
import { epochRunOf } from "./group-step.ts";
import { freshRow, ownMark } from "./outbox-row.ts";
import { devicesOf } from "./roster.ts";
import { presentPeople, talkingIn } from "./talking.ts";
import { conversationWith } from "./welcome.ts";

/** Of a large group some: among those whom each tells there is one of another part soon. */
const toldAtOnce = 8;

/** Own marks, to some of the contacts in the group and, `inTopic`, to all who read it. */
export async function marksTold(context: Context, id: ConversationId, inTopic: boolean): Promise<readonly Change[]> {
  const talking = await talkingIn(context, id);
  const said = talking && (await ownMarks(context, talking.group));
  if (talking?.conversation.group === undefined || said === undefined) return [];
  const { conversation, topic, group } = talking;
  const changes: Change[] = inTopic ? [...rowsIn(context, { conversation, topic }, [], said)] : [];
  const { account } = await me(context);
  const others = presentPeople(talking.conversation.group).flatMap((one) =>
    one.account === account ? [] : [one.account],
  );
  for (const person of await someContacts(context, others)) {
    const between = await conversationWith(context, person);
    if (between !== undefined) changes.push(...(await rowsBetween(context, between, said)));
  }
  const told = { epoch: group.epoch, atMs: context.clock.now() };
  return [{ kind: "put", table: "conversations", row: { ...conversation, marksTold: told } }, ...changes];
}

/** Own marks of the group, in answer, in the conversation in which others' came. */
export async function marksTo(context: Context, id: ConversationId, via: ConversationId): Promise<readonly Change[]> {
  const talking = await talkingIn(context, id);
  const said = talking && (await ownMarks(context, talking.group));
  const between = await speakingIn(context, via);
  return said === undefined || between === undefined ? [] : rowsBetween(context, between, said);
}

/** What a contact said, to the others of this part: it is signed, and they may have no way to hear it. */
export async function marksPassedOn(context: Context, said: EpochMarks): Promise<readonly Change[]> {
  const talking = await talkingIn(context, said.conversation);
  return talking === undefined ? [] : rowsIn(context, talking, [], said);
}

async function ownMarks(context: Context, group: GroupRecord): Promise<EpochMarks | undefined> {
  const run = epochRunOf(group);
  if (run === undefined) return undefined;
  // Nobody answers for what they were told.
  const first = Math.max(run.first, group.joinedEpoch);
  const own = { first, marks: run.marks.slice((first - run.first) * epochMarkBytes) };
  const { device, deviceSeed } = await me(context);
  const about = { conversation: group.key, device, ...own };
  return { ...about, signature: sign(labels.epochMarks, epochMarksMessage(about), deviceSeed) };
}

async function someContacts(context: Context, people: readonly AccountId[]): Promise<readonly AccountId[]> {
  const contacts: AccountId[] = [];
  for (const account of people) {
    if ((await context.storage.get("contacts", account))?.state === "accepted") contacts.push(account);
  }
  if (contacts.length <= toldAtOnce) return contacts;
  const drawn = contacts.map((account) => ({ account, lot: toHex(context.random.bytes(8)) }));
  return drawn
    .sort((a, b) => (a.lot < b.lot ? -1 : 1))
    .slice(0, toldAtOnce)
    .map(({ account }) => account);
}

interface Place {
  readonly conversation: ConversationRecord;
  readonly topic: TopicRecord;
}

async function rowsBetween(context: Context, place: Place, said: EpochMarks): Promise<readonly Change[]> {
  const contact = place.conversation.contact && (await context.storage.get("contacts", place.conversation.contact));
  return contact ? rowsIn(context, place, devicesOf(contact), said) : [];
}

/** Done once a node has it: what is said so is said again. */
function rowsIn(
  context: Context,
  { conversation, topic }: Place,
  waitingFor: readonly DeviceId[],
  said: EpochMarks,
): readonly Change[] {
  const payload = { kind: "epoch-marks", ...said } as const;
  const nonce = context.random.bytes(sealNonceBytes);
  const sealed = sealEnvelope(envelopeKeyOf(topic.secret), topic.key, payload, nonce);
  if (!sealed.ok) throw new Error("marks of epochs do not fit an envelope");
  const key = envelopeHash(sealed.value);
  const time = tick(conversation, context.clock.now());
  const order = orderOf(time, said.device, toHex(context.random.bytes(8)));
  const about = { key, conversation: conversation.key, topic: topic.key, order, envelope: sealed.value };
  const row = freshRow(context, { ...about, ends: "custody", waitingFor });
  return [{ kind: "put", table: "outbox", row }, ownMark(context, key, conversation.key)];
}

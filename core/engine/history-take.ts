/**
 * Taking what a member shares of what was said before this person came (§13.12): an offer that its sender signed, and the pieces
 * that it promises, each in one batch. What came by itself is never replaced. Does not know how pieces are fetched.
 */

import { historyTotals, isSharedBy, type Reading, readPiece, startReading } from "../conversation/history.ts";
import { orderOf } from "../conversation/order.ts";
import { include, isIn } from "../conversation/ranges.ts";
import { sha256 } from "../crypto/hash.ts";
import type { Member } from "../group/state.ts";
import { breathe } from "../group/suite.ts";
import type { AccountId, ConversationId, DeviceId, NodeUrl, TopicId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { GroupOfConversation } from "../ports/group-of-conversation.ts";
import type { MessageBody, MessageRecord } from "../ports/message-record.ts";
import type { TopicEntry } from "../ports/node.ts";
import type { Change } from "../ports/storage.ts";
import type { HistoryOffer, TopicRecord } from "../ports/topic-record.ts";
import type { GroupContentBody } from "../wire/content-group.ts";
import { openEnvelope } from "../wire/envelope.ts";
import type { Ranges } from "../wire/have.ts";
import { decodeHistoryCapsule, type HistoryCapsule, type HistoryEntry } from "../wire/history.ts";
import { deriveTopic, envelopeKeyOf } from "../wire/topic.ts";
import { type Context, commit, me } from "./context.ts";
import { withClaims } from "./history-claims.ts";
import { withOffered } from "./history-share.ts";
import { noCopies } from "./message-row.ts";
import { freshPlace, takenIn } from "./places.ts";
import { preview } from "./send.ts";
import { personWith } from "./talking.ts";
import type { EntryOutcome } from "./topic-reader.ts";

type InGroup = ConversationRecord & { readonly group: GroupOfConversation };
type Offered = Extract<GroupContentBody, { readonly kind: "history-offer" }>;

/** Nodes keep things about as long. */
const awaitedMs = 30 * 24 * 3_600_000;
/** Offers of a group that are read at the same time. Higher: members could make this device follow as many topics. */
const maxOpen = 4;
/** Of a clock that runs ahead of this one. */
const maxAheadMs = 24 * 3_600_000;

/** What an offer changes: the conversation's row last. An offer that nobody may believe changes nothing. */
export async function offerChanges(
  context: Context,
  conversation: InGroup,
  { topicSecret, capsule: signed, signature }: Offered,
  sender: Member,
): Promise<{ readonly changes: readonly Change[]; readonly conversation: ConversationRecord }> {
  const nothing = { changes: [], conversation };
  const decoded = decodeHistoryCapsule(signed);
  if (!decoded.ok || !isSharedBy(signed, signature, sender.signatureKey)) return nothing;
  const capsule = decoded.value;
  const by = sender.credential.account;
  const isSound = capsule.conversation === conversation.key && ownersAgree(conversation.group, capsule);
  if (!isSound || historyTotals(capsule).here === 0) return nothing;
  const newcomers = withOffered(conversation.newcomers, capsule.account);
  context.heardOffer(conversation.key, by, capsule);
  const heard = { changes: [], conversation: { ...conversation, newcomers } };
  const { account } = await me(context);
  const keys = await context.storage.get("groups", conversation.key);
  // Who was there from the first has everything by themselves.
  const isForMe = capsule.account === account && keys !== undefined && keys.joinedEpoch > 0;
  const rule = conversation.came?.history ?? conversation.group.facts.history;
  if (!isForMe || rule === "none") return heard;
  const { topic: key } = deriveTopic(topicSecret);
  const open = (await context.storage.all("topics")).flatMap(({ purpose }) =>
    purpose.kind === "history" && purpose.conversation === conversation.key ? [purpose] : [],
  );
  const isKnown = (await context.storage.get("topics", key)) !== undefined;
  const shared = withClaims(conversation.shared, by, capsule);
  // Nobody honest offers anything by then.
  const isLate = conversation.came !== undefined && !isStillShared(conversation, context.clock.now());
  if (shared === undefined || isLate) return heard;
  if (isKnown || open.length >= maxOpen || open.some((one) => one.by === by)) return heard;
  const untilMs = context.clock.now() + awaitedMs;
  // Also where the group was till a while ago: the pieces may have been left there.
  const places = (await context.storage.get("topics", conversation.topic))?.places.map(({ node }) => node);
  const topic: TopicRecord = {
    key,
    secret: topicSecret,
    places: (places ?? conversation.nodes).map(freshPlace),
    due: [],
    purpose: { kind: "history", conversation: conversation.key, by, capsule: signed, next: 0, untilMs },
  };
  return {
    changes: [{ kind: "put", table: "topics", row: topic }],
    conversation: { ...heard.conversation, shared },
  };
}

/** Nobody's words are passed off as those of somebody else who is here. */
function ownersAgree(group: GroupOfConversation, { persons }: HistoryCapsule): boolean {
  return persons.every(({ account, devices }) =>
    devices.every(({ device }) => (personWith(group, device) ?? account) === account),
  );
}

/**
 * Whether members may still share what is missing: whoever was there keeps who came in mind for so long. In a copy (§13.14)
 * nobody ever could.
 */
export function isStillShared({ came }: Pick<ConversationRecord, "came">, nowMs: number): boolean {
  return came !== undefined && nowMs - came.atMs < awaitedMs;
}

export interface HistoryTaking {
  /** An entry of a topic in which pieces lie. */
  entry(topic: TopicRecord, node: NodeUrl, entry: TopicEntry): Promise<EntryOutcome>;
  /** At the start: reads what is under way from its beginning, and waits no longer for what did not come. */
  resume(): Promise<void>;
}

/** `ended` is told when a topic is read no longer. */
export function createHistoryTaking(context: Context, ended: () => void): HistoryTaking {
  /** How far each offer's pieces were read; from the beginning again after a start. */
  const readings = new Map<TopicId, Reading>();

  /** What the entry changes, and how far it was read then. */
  async function taken(
    topic: TopicRecord,
    offer: HistoryOffer,
    piece: Uint8Array,
  ): Promise<{ readonly changes: readonly Change[]; readonly reading: Reading | undefined } | "ahead" | "void"> {
    const capsule = decodeHistoryCapsule(offer.capsule);
    if (!capsule.ok) return "void";
    const reading = readings.get(topic.key) ?? startReading(capsule.value);
    const read = readPiece(reading, piece);
    if (!read.ok) {
      if (read.error !== "other") return "void";
      const index = capsule.value.pieces.indexOf(toHex(sha256(piece)));
      return index > reading.next ? "ahead" : { changes: [], reading };
    }
    const changes = await entriesChanges(context, offer, capsule.value, read.value.entries);
    return { changes, reading: read.value.complete ? undefined : read.value.reading };
  }

  return {
    async entry({ key }, node, entry) {
      const known = (await context.storage.get("topics", key))?.purpose;
      if (known?.kind !== "history") return "taken";
      return context.turns(known.conversation, async () => {
        const topic = await context.storage.get("topics", key);
        if (topic?.purpose.kind !== "history") return "taken";
        const { purpose } = topic;
        const read = takenIn(topic, node, entry.sequence);
        const payload = openEnvelope(envelopeKeyOf(topic.secret), key, entry.envelope);
        if (!payload.ok || payload.value.kind !== "history-piece") return written([put(read)]);
        const outcome = await taken(topic, purpose, payload.value.piece);
        if (outcome === "ahead") return "ahead";
        if (outcome === "void") return end([]);
        const { changes, reading } = outcome;
        if (reading === undefined) return end(changes);
        const kept = await written([...changes, put({ ...read, purpose: { ...purpose, next: reading.next } })]);
        if (kept === "taken") readings.set(key, reading);
        return kept;
      });

      async function end(changes: readonly Change[]): Promise<EntryOutcome> {
        const kept = await written([...changes, { kind: "delete", table: "topics", key }]);
        if (kept !== "taken") return kept;
        readings.delete(key);
        ended();
        return kept;
      }
    },
    async resume() {
      const nowMs = context.clock.now();
      for (const topic of await context.storage.all("topics")) {
        const { purpose } = topic;
        if (purpose.kind !== "history") continue;
        const places = topic.places.map(({ node }) => freshPlace(node));
        const change: Change =
          purpose.untilMs <= nowMs
            ? { kind: "delete", table: "topics", key: topic.key }
            : put({ ...topic, places, purpose: { ...purpose, next: 0 } });
        await commit(context, { changes: [change] });
      }
    },
  };

  async function written(changes: readonly Change[]): Promise<EntryOutcome> {
    return (await commit(context, { changes })).ok ? "taken" : "not-kept";
  }
}

const put = (row: TopicRecord): Change => ({ kind: "put", table: "topics", row });

/** Messages that are not here yet, and that they are here now. Of a number that somebody shared before, that entry stays. */
async function entriesChanges(
  context: Context,
  offer: HistoryOffer,
  capsule: HistoryCapsule,
  entries: readonly HistoryEntry[],
): Promise<readonly Change[]> {
  const conversation = await context.storage.get("conversations", offer.conversation);
  if (conversation?.shared === undefined) return [];
  const nowMs = context.clock.now();
  const authors = new Map(
    capsule.persons.flatMap(({ account, devices }) => devices.map(({ device }) => [device, account] as const)),
  );
  const here: Record<DeviceId, Ranges> = { ...conversation.shared.here };
  const disputed: Record<DeviceId, Ranges> = { ...conversation.shared.disputed };
  const changes: Change[] = [];
  let newest: MessageRecord | undefined;
  const ids = entries.map(({ message }) => message);
  const known = new Map((await context.storage.getMany("messages", ids)).map((row) => [row.key, row.body]));
  for (const entry of entries) {
    const turn = breathe();
    if (turn !== undefined) await turn;
    const [device] = entry.message.split("/") as [DeviceId, string];
    const author = authors.get(device);
    const numbers = here[device] ?? [];
    if (author !== undefined && isOtherwise(known.get(entry.message), entry))
      disputed[device] = include(disputed[device] ?? [], entry.number);
    if (author === undefined || isIn(numbers, entry.number) || entry.clockMs > nowMs + maxAheadMs) continue;
    here[device] = include(numbers, entry.number);
    const row = sharedRow(entry, { conversation: conversation.key, author, by: offer.by, nowMs });
    if (row === undefined || known.has(entry.message)) continue;
    changes.push({ kind: "put", table: "messages", row });
    if (row.body.kind === "text" && row.order > (newest?.order ?? "")) newest = row;
  }
  const row: ConversationRecord = {
    ...conversation,
    shared: { ...conversation.shared, here, disputed },
    last: await lastWith(context, conversation, newest),
  };
  return [...changes, { kind: "put", table: "conversations", row }];
}

/** Whoever was given something to read does not see a group without words in their list. */
async function lastWith(
  context: Context,
  { last }: ConversationRecord,
  newest: MessageRecord | undefined,
): Promise<ConversationRecord["last"]> {
  if (newest?.body.kind !== "text" || (last !== undefined && last.order > newest.order)) return last;
  const { order, author, sentAtMs, body } = newest;
  const contact = await context.storage.get("contacts", author);
  if (contact?.state === "blocked") return last;
  const mine = author === (await me(context)).account;
  return { order, text: preview(body.text), mine, author, atMs: Math.min(sentAtMs, context.clock.now()) };
}

/** What is here under its name has other words: one of those who tell it does not tell the truth, or its author said two things. */
function isOtherwise(known: MessageBody | undefined, { what }: HistoryEntry): boolean {
  return known?.kind === "text" && what.kind === "text" && known.text !== what.text;
}

/** The row of a message that did not come from its author. None where no timeline shows it. */
export function sharedRow(
  { message, number, clockMs, clockCount, what }: HistoryEntry,
  place: {
    readonly conversation: ConversationId;
    readonly author: AccountId;
    readonly by: AccountId;
    readonly nowMs: number;
  },
): MessageRecord | undefined {
  const [device, id = ""] = message.split("/") as [DeviceId, string];
  const body = bodyOf(what);
  if (body === undefined) return undefined;
  return {
    key: message,
    conversation: place.conversation,
    order: orderOf({ clockMs, clockCount }, device, id),
    author: place.author,
    authorDevice: device,
    sentAtMs: clockMs,
    receivedAtMs: place.nowMs,
    number,
    body,
    ...noCopies,
    sharedBy: place.by,
  };
}

function bodyOf(what: HistoryEntry["what"]): MessageBody | undefined {
  if (what.kind === "text") return { kind: "text", text: what.text };
  return what.kind === "removed" ? { kind: "removed", by: what.by } : undefined;
}

/**
 * What is here of a conversation and what another device says it has (§8.2): what to tell, and what follows from being
 * told. A number says that a message exists, not which: nothing counts as delivered because of it, that is for
 * acknowledgements, which name envelopes.
 */

import { common, isIn, without } from "../conversation/ranges.ts";
import type { ConversationId, DeviceId } from "../lang/brand.ts";
import type { ConversationRecord, SharedHistory } from "../ports/conversation-record.ts";
import type { MessageRecord } from "../ports/message-record.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import type { Change } from "../ports/storage.ts";
import { maxHaveDevices, maxHaveRanges, maxHaveRangesInAll } from "../wire/bounds.ts";
import { decodeContent } from "../wire/content.ts";
import { envelopeHash } from "../wire/envelope.ts";
import type { HaveOf, Ranges } from "../wire/have.ts";
import { type Context, commit, me } from "./context.ts";
import { damaged } from "./heal.ts";
import { neverSealed } from "./outbox-row.ts";
import { contentAgain, isSaid } from "./own-content.ts";
import { personWith } from "./talking.ts";

/**
 * How many of its own messages a profile may have forgotten. Who claims to have more is not believed: the next number
 * goes above what is claimed, and numbers must not run out.
 */
const maxForgotten = 1_000_000;

/**
 * A group's devices come before those that have left it, or that somebody made up who shared words of theirs. Of either those
 * first of which something is missing that was shared: whoever has it may share it, too (§13.12). Where there are too many runs
 * each device tells its newest.
 */
export function haveOf({
  received,
  shared,
  group,
}: Pick<ConversationRecord, "received"> & Partial<Pick<ConversationRecord, "shared" | "group">>): readonly HaveOf[] {
  const lacked = shared === undefined ? [] : lackedOf(shared, received);
  const asked = new Set(lacked.map(({ device }) => device));
  const present = new Set(group?.people.flatMap(({ devices }) => devices));
  const others = (Object.keys(received) as DeviceId[])
    .filter((device) => !asked.has(device))
    .map((device) => ({ device, ranges: received[device] ?? [] }))
    .filter(({ ranges }) => ranges.length > 0);
  const isHere = ({ device }: HaveOf) => present.has(device);
  const isGone = (one: HaveOf) => !isHere(one);
  const inOrder = [lacked.filter(isHere), others.filter(isHere), lacked.filter(isGone), others.filter(isGone)].flat();
  return withinBounds(inOrder.slice(0, maxHaveDevices));
}

function withinBounds(have: readonly HaveOf[]): readonly HaveOf[] {
  const inAll = have.reduce((sum, { ranges }) => sum + ranges.length, 0);
  if (inAll <= maxHaveRangesInAll) return have;
  const each = Math.floor(maxHaveRangesInAll / have.length);
  return have.map((one) => ({ ...one, ranges: newestOf(one.ranges, each) }));
}

/** What lies before them counts as here: it is not asked for. */
function newestOf(ranges: Ranges, limit: number): Ranges {
  const newest = ranges.slice(-limit);
  const isCut = newest.length < ranges.length;
  return newest.map(([first, last], at) => [isCut && at === 0 ? 1 : first, last]);
}

/** Of these devices alone. */
export function haveOfDevices(conversation: ConversationRecord, devices: readonly DeviceId[]): readonly HaveOf[] {
  return haveOf(conversation).filter(({ device }) => devices.includes(device));
}

/** Newest runs of each device of which some numbers are said to exist and are not here. */
function lackedOf({ exist, here }: SharedHistory, received: ConversationRecord["received"]): readonly HaveOf[] {
  return (Object.keys(exist) as DeviceId[]).flatMap((device) => {
    const theirs = received[device];
    const unshared = without(exist[device] ?? [], here[device] ?? []);
    // Behind the first gap it is known from the device itself what there is: nobody else tells of it.
    const missing = theirs?.length ? common(unshared, theirs.slice(0, 1)) : unshared;
    if (missing.length === 0) return [];
    const ranges = without(theirs ?? [[1, highestIn(exist[device] ?? [])]], missing);
    return [{ device, ranges: newestOf(ranges, maxHaveRanges), ...(theirs === undefined && { shared: true }) }];
  });
}

/** What a device said it has of a conversation, and how it came. */
export interface Claim {
  readonly have: readonly HaveOf[];
  readonly via: "link" | "topic";
  /** The keys are new since this device started: no claim makes them those of an earlier copy. */
  readonly hasNewKeys?: boolean;
}

/**
 * Whether somebody has messages of this device that it does not know it wrote: then this profile is an earlier copy of
 * itself. Noted as damage, and its numbers go on above those that were used; while that cannot be written nothing is sealed.
 * Call within the conversation's turn.
 */
export async function noteRollback(
  context: Context,
  id: ConversationId,
  from: DeviceId,
  { have, hasNewKeys = false }: Claim,
): Promise<"none" | "noted" | "not-written"> {
  // Not by what is left of the keys: where these are lost, what was forgotten counts all the same.
  const conversation = await context.storage.get("conversations", id);
  if (conversation === undefined || !(await isBelieved(context, conversation, from))) return "none";
  const claimedBy = conversation.group && personWith(conversation.group, from);
  const used = await numbersUsed(context, conversation, have);
  if (used === undefined) return "none";
  const known = { ...conversation, sentNumber: used.sentNumber };
  const row = hasNewKeys ? known : damaged(known, "rolled-back", context.clock.now(), claimedBy);
  const changes: readonly Change[] = [
    ...used.messages.map((message): Change => ({ kind: "put", table: "messages", row: message })),
    ...used.rows.flatMap(movedInOutbox),
    { kind: "put", table: "conversations", row },
  ];
  const written = await commit(context, { changes });
  if (written.ok) context.caughtUp.noted(id);
  else context.caughtUp.doubt(id);
  if (!written.ok) return "not-written";
  return hasNewKeys ? "none" : "noted";
}

/** What a device gives its numbers after, where somebody has such that it does not know it gave. */
export interface Renumbered {
  readonly sentNumber: number;
  /** What was never sealed, with numbers above those that were used. */
  readonly messages: readonly MessageRecord[];
  readonly rows: readonly Moved[];
}

export interface Moved {
  readonly before: OutboxRecord;
  readonly after: OutboxRecord;
}

/** `undefined`: the other side has nothing that this device has not given, or claims more than is believed. */
export async function numbersUsed(
  context: Context,
  { key, sentNumber }: Pick<ConversationRecord, "key" | "sentNumber">,
  have: readonly HaveOf[],
): Promise<Renumbered | undefined> {
  const { device } = await me(context);
  // What somebody was only told that this device said may be made up by whoever told it.
  const firstHand = have.filter(({ shared }) => shared !== true);
  const theirs = rangesOf(firstHand, device);
  const highest = highestIn(theirs);
  const unsealed = await neverSealedIn(context, key);
  const isUsed = unsealed.some(({ number }) => isIn(theirs, number));
  const isNews = (highest > sentNumber || isUsed) && highest <= sentNumber + maxForgotten;
  return isNews ? numberedAbove(context, unsealed, highest, sentNumber) : undefined;
}

export function movedInOutbox({ before, after }: Moved): readonly Change[] {
  return [
    { kind: "delete", table: "outbox", key: before.key },
    { kind: "put", table: "outbox", row: after },
  ];
}

interface Unsealed {
  readonly row: OutboxRecord;
  readonly number: number;
}

/** Own messages that nobody can have: whoever has one of these numbers has it of what was forgotten here. */
async function neverSealedIn(context: Context, id: ConversationId): Promise<readonly Unsealed[]> {
  return (await context.waiting(id)).flatMap((row) => {
    if (row.epoch !== neverSealed || row.message === undefined || row.content === undefined) return [];
    const content = decodeContent(row.content);
    return content.ok ? [{ row, number: content.value.number }] : [];
  });
}

/** They go on above what was used, in their order and without a gap. */
async function numberedAbove(
  context: Context,
  unsealed: readonly Unsealed[],
  highest: number,
  sentNumber: number,
): Promise<Renumbered> {
  const lowest = unsealed[0]?.number ?? sentNumber + 1;
  // Else something that was said after the first of them is sealed already.
  const areLast = sentNumber - lowest + 1 === unsealed.length;
  let number = Math.max(highest, areLast ? lowest - 1 : sentNumber);
  const messages: MessageRecord[] = [];
  const rows: Moved[] = [];
  for (const { row } of unsealed) {
    const message = row.message && (await context.storage.get("messages", row.message));
    if (!message || !isSaid(message)) continue;
    number++;
    const content = contentAgain({ ...message, number });
    messages.push({ ...message, number });
    rows.push({ before: row, after: { ...row, key: envelopeHash(content), content } });
  }
  return { sentNumber: number, messages, rows };
}

/** Accepted contacts: a stranger in a group must not make this device ask for new keys again and again. */
async function isBelieved(context: Context, { contact, group }: ConversationRecord, from: DeviceId): Promise<boolean> {
  const account = group === undefined ? contact : personWith(group, from);
  const person = account && (await context.storage.get("contacts", account));
  return person ? person.state === "accepted" : false;
}

/** As it says of this author's device. */
export const rangesOf = (have: readonly HaveOf[], device: DeviceId): Ranges =>
  have.find((one) => one.device === device)?.ranges ?? [];

export const highestIn = (ranges: Ranges): number => ranges.at(-1)?.[1] ?? 0;

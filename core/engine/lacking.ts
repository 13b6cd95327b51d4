/**
 * What another device lacks of this one's messages, by what it says it has (§8.2): those that were for it, and the numbers of
 * those that were not, so that it does not wait for them. Reads only.
 */

import { common, isIn, union, without } from "../conversation/ranges.ts";
import type { ConversationId, DeviceId, MessageId } from "../lang/brand.ts";
import type { MessageRecord } from "../ports/message-record.ts";
import type { OutboxRecord } from "../ports/outbox-records.ts";
import { maxHaveRanges } from "../wire/bounds.ts";
import type { Ranges } from "../wire/have.ts";
import { type Context, me } from "./context.ts";
import { type Claim, highestIn, rangesOf } from "./have.ts";
import { talkingIn } from "./talking.ts";

/** Messages sent again because of one "have". Lower: a device restored from an old copy needs several links to get all. */
const maxSentAgain = 1_000;
/** Newest messages looked through for them. Further back every opening of a link would be a search through years. */
const maxLookedThrough = 20_000;
const windowMessages = 500;

export interface Lacked {
  /** Newest first. */
  readonly messages: readonly MessageId[];
  /** Below the highest number that the device has of this one: said when it was not there. */
  readonly notFor: Ranges;
}

/**
 * Own messages that are not there by the device's claim; `undefined` where it claims to have them all, and nothing was looked
 * through. On a link everything counts, for that is how things stand. In the topic it may have been said long ago: only the gaps do.
 */
export async function lackingAt(
  context: Context,
  id: ConversationId,
  device: DeviceId,
  claim: Claim,
): Promise<Lacked | undefined> {
  const talking = await talkingIn(context, id);
  const { device: own } = await me(context);
  if (talking === undefined) return undefined;
  const theirs = rangesOf(claim.have, own);
  const { sentNumber, kind } = talking.conversation;
  const upTo = claim.via === "link" ? sentNumber : Math.min(sentNumber, highestIn(theirs));
  const lowest = lowestMissing(theirs);
  if (lowest > upTo) return undefined;
  const waiting = await context.storage.ofConversation("outbox", id);
  const underWay = new Set(waiting.filter((row) => isUnderWay(row, device, claim.via)).map(({ message }) => message));
  const found = await ownFrom(
    context,
    id,
    { own, device, lowest },
    ({ key, number }) => number <= upTo && !isIn(theirs, number) && !underWay.has(key),
  );
  return { messages: found.wanted, notFor: kind === "group" ? notForIn(theirs, found) : [] };
}

/**
 * What waits for the device is not sent a second time. But a node that was given it may keep it back: what is asked for
 * through the topic goes there once more.
 */
export function isUnderWay(row: OutboxRecord, device: DeviceId, via: Claim["via"]): boolean {
  if (row.message === undefined || !row.waitingFor.includes(device)) return false;
  return via === "link" || row.custodies.length === 0;
}

function lowestMissing([first]: Ranges): number {
  return first === undefined || first[0] > 1 ? 1 : first[1] + 1;
}

/**
 * Who has nothing from the first number on came, or was put back, when others of this device were said: before the first text for it
 * nothing is waited for, for what else lies there cannot be said again. Acts have no rows, and after it nothing is claimed of those.
 */
function notForIn(theirs: Ranges, { rows, isAll }: Found): Ranges {
  const gaps = without([[1, highestIn(theirs)]], theirs);
  if (gaps.length === 0 || !isAll) return [];
  const lowest = rows.findLast(({ isFor }) => isFor)?.number ?? 1;
  const isNew = lowestMissing(theirs) === 1 && lowest > 1;
  const others = rows.flatMap(({ number, isFor }) => (isFor ? [] : [[number, number] as const]));
  const notFor = union(others, isNew ? [[1, lowest - 1]] : []);
  return common(gaps, notFor).slice(0, maxHaveRanges);
}

interface Sought {
  readonly own: DeviceId;
  readonly device: DeviceId;
  readonly lowest: number;
}

interface Found {
  readonly wanted: readonly MessageId[];
  /** All that were looked at, newest first. */
  readonly rows: readonly { readonly number: number; readonly isFor: boolean }[];
  /** Down to the lowest. */
  readonly isAll: boolean;
}

/** Numbers rise with the order, so that looking ends where the lowest is passed. */
async function ownFrom(
  context: Context,
  id: ConversationId,
  { own, device, lowest }: Sought,
  isLacking: (row: MessageRecord) => boolean,
): Promise<Found> {
  const wanted: MessageId[] = [];
  const seen: Found["rows"][number][] = [];
  let before: string | undefined;
  for (let looked = 0; looked < maxLookedThrough; looked += windowMessages) {
    const window = before === undefined ? { limit: windowMessages } : { limit: windowMessages, before };
    const rows = await context.storage.ofConversation("messages", id, window);
    for (const row of rows.toReversed()) {
      // What members shared as said by this device may be made up, and stands wherever they say.
      if (row.authorDevice !== own || row.number === 0 || row.sharedBy !== undefined) continue;
      if (row.number < lowest) return { wanted, rows: seen, isAll: true };
      if (wanted.length === maxSentAgain) return { wanted, rows: seen, isAll: false };
      const isFor = row.deliveries[device] !== undefined;
      // For nobody at all: of an earlier copy of this profile it is not known whom it was for.
      if (Object.keys(row.deliveries).length > 0) seen.push({ number: row.number, isFor });
      if (isFor && isLacking(row)) wanted.push(row.key);
    }
    before = rows[0]?.order;
    if (rows.length < windowMessages || before === undefined) return { wanted, rows: seen, isAll: true };
  }
  return { wanted, rows: seen, isAll: false };
}

/** What was said in a group, as far as it is here, in the form in which it is shared (§13.12). Reads only. */

import { countOf, messageIdOf } from "../conversation/order.ts";
import { isIn } from "../conversation/ranges.ts";
import { breathe } from "../group/suite.ts";
import type { AccountId, DeviceId, MessageId } from "../lang/brand.ts";
import type { ConversationRecord } from "../ports/conversation-record.ts";
import type { MessageBody, MessageRecord } from "../ports/message-record.ts";
import type { ProfileRecord } from "../ports/people-records.ts";
import { maxDevicesOfAccount, maxHistoryPersons } from "../wire/bounds.ts";
import { isGroupName } from "../wire/group-text.ts";
import type { HistoryEntry } from "../wire/history.ts";
import type { Context } from "./context.ts";
import { personWith } from "./talking.ts";

/** Newest messages that are shared. Higher: all of them are in memory at once. */
const maxMessages = 20_000;
/** Higher: long messages are read in one task of the page, which is deaf for as long. */
const windowMessages = 100;
/** Numbers one after another without a text. Whoever leaves more out makes nobody count through them: they are missing. */
const maxUnshown = 1_000;
/** Of who never said a name. */
const unnamed = "?";

interface Looked {
  readonly most?: number;
  readonly read?: (rows: number) => boolean;
  readonly upTo?: (device: DeviceId) => number;
}

export interface EntriesHere {
  readonly entries: readonly HistoryEntry[];
  /** Whose devices they are of. */
  readonly owners: ReadonlyMap<DeviceId, AccountId>;
}

/**
 * Of the newest `most` messages. `read` is told of how many so far, and answers whether it is still wanted: else it is a part.
 * `upTo`: behind a device's last text what is none counts up to there. Who hears the next number would miss it else.
 */
export async function entriesHere(
  context: Context,
  conversation: ConversationRecord,
  profile: ProfileRecord,
  { most = maxMessages, read = () => true, upTo = () => 0 }: Looked = {},
): Promise<EntriesHere> {
  const byDevice = new Map<DeviceId, MessageRecord[]>();
  let before: string | undefined;
  for (let looked = 0; looked < most; looked += windowMessages) {
    const window = before === undefined ? { limit: windowMessages } : { limit: windowMessages, before };
    const rows = await context.storage.ofConversation("messages", conversation.key, window);
    for (const row of rows) {
      if (row.number === 0) continue;
      const theirs = byDevice.get(row.authorDevice);
      if (theirs === undefined) byDevice.set(row.authorDevice, [row]);
      else theirs.push(row);
    }
    await breathe();
    before = rows[0]?.order;
    if (!read(looked + rows.length) || rows.length < windowMessages || before === undefined) break;
  }
  const owners = ownersOf(byDevice, conversation);
  const entries: HistoryEntry[][] = [];
  for (const [device, rows] of byDevice) {
    const theirs = rows.filter(({ author }) => author === owners.get(device));
    if (theirs.length === 0) continue;
    entries.push(ofDevice(conversation, profile, device, theirs, upTo(device)));
    await breathe();
  }
  return { entries: entries.flat(), owners };
}

/**
 * No more than an offer may name, or nobody could read it: somebody may have shared words of made-up devices and persons with this
 * one. First come devices that are in the group now, then those that this one heard something of.
 */
function ownersOf(
  byDevice: ReadonlyMap<DeviceId, readonly MessageRecord[]>,
  { group }: ConversationRecord,
): ReadonlyMap<DeviceId, AccountId> {
  const weighed = [...byDevice].map(([device, rows]) => {
    const here = group && personWith(group, device);
    const heard = rows.find(({ sharedBy }) => sharedBy === undefined);
    // Somebody may have shared it as another's before its person came.
    return { device, author: here ?? (heard ?? rows[0])?.author, weight: here ? 2 : Number(heard !== undefined) };
  });
  const owners = new Map<DeviceId, AccountId>();
  const devices = new Map<AccountId, number>();
  for (const { device, author } of weighed.sort((a, b) => b.weight - a.weight)) {
    const count = author === undefined ? maxDevicesOfAccount : (devices.get(author) ?? 0);
    const hasRoom = count === 0 ? devices.size < maxHistoryPersons : count < maxDevicesOfAccount;
    if (author === undefined || !hasRoom) continue;
    devices.set(author, count + 1);
    owners.set(device, author);
  }
  return owners;
}

export async function authorsOf(
  context: Context,
  owners: EntriesHere["owners"],
  { shared }: ConversationRecord,
  profile: ProfileRecord,
): Promise<readonly { readonly account: AccountId; readonly name: string; readonly devices: readonly DeviceId[] }[]> {
  const devices = new Map<AccountId, DeviceId[]>();
  for (const [device, account] of owners) devices.set(account, [...(devices.get(account) ?? []), device]);
  const authors = [...devices].map(async ([account, theirs]) => {
    const contact = account === profile.account ? profile : await context.storage.get("contacts", account);
    const name = contact?.name ?? shared?.names[account] ?? unnamed;
    return { account, name: isGroupName(name) ? name : unnamed, devices: theirs };
  });
  return Promise.all(authors);
}

/** Each number once. Of numbers between them that came and that no timeline shows, it is said that they were no text. */
function ofDevice(
  conversation: ConversationRecord,
  profile: ProfileRecord,
  device: DeviceId,
  rows: readonly MessageRecord[],
  upTo: number,
): HistoryEntry[] {
  const sorted = rows.toSorted((a, b) => a.number - b.number);
  const entries: HistoryEntry[] = [];
  const taken = new Set<MessageId>(rows.map(({ key }) => key));
  const unshown = (after: HistoryEntry, number: number) => {
    const entry = unshownAfter(after, device, number, taken);
    taken.add(entry.message);
    entries.push(entry);
  };
  for (const row of sorted) {
    const last = entries.at(-1);
    if (last?.number === row.number) continue;
    if (last !== undefined && row.number - last.number <= maxUnshown) {
      for (let number = last.number + 1; number < row.number; number++) {
        if (cameHere(conversation, profile, device, number)) unshown(last, number);
      }
    }
    entries.push(entryOf(row));
  }
  const last = entries.at(-1);
  if (last === undefined) return entries;
  const top = device === profile.device ? conversation.sentNumber : (conversation.received[device]?.at(-1)?.[1] ?? 0);
  for (let number = last.number + 1; number <= Math.min(top, upTo, last.number + maxUnshown); number++) {
    if (cameHere(conversation, profile, device, number)) unshown(last, number);
  }
  return entries;
}

function entryOf(row: MessageRecord): HistoryEntry {
  const { key, number, sentAtMs, order } = row;
  const what = isUnsaid(row) ? ({ kind: "unshown" } as const) : whatOf(row.body);
  return { message: key, number, clockMs: sentAtMs, clockCount: countOf(order), what };
}

/** Own words that might not be said any more (§13.10) before anybody was known to have them. */
function isUnsaid({ deliveries }: MessageRecord): boolean {
  const copies = Object.values(deliveries);
  return (
    copies.some(({ unsaid }) => unsaid !== undefined) &&
    copies.every(({ deliveredAtMs }) => deliveredAtMs === undefined)
  );
}

function whatOf(body: MessageBody): HistoryEntry["what"] {
  if (body.kind === "text") return { kind: "text", text: body.text };
  return body.kind === "removed" ? { kind: "removed", by: body.by } : { kind: "unshown" };
}

/**
 * It has no row, so its id is made up: nobody looks for it. It is none that is taken, whatever ids its device chose: two entries in
 * one place make an offer void.
 */
function unshownAfter(
  { clockMs, clockCount }: HistoryEntry,
  device: DeviceId,
  number: number,
  taken: ReadonlySet<MessageId>,
): HistoryEntry {
  const named = (id: number) => messageIdOf(device, id.toString(16).padStart(16, "0"));
  let message = named(number);
  for (let times = 1; taken.has(message); times++) message = named(times);
  return { message, number, clockMs, clockCount, what: { kind: "unshown" } };
}

function cameHere(
  { received, shared }: ConversationRecord,
  profile: ProfileRecord,
  device: DeviceId,
  number: number,
): boolean {
  if (device === profile.device || isIn(shared?.here[device] ?? [], number)) return true;
  // What was missing in what was shared with this device counts as received, too (§8.2).
  const isMissing = isIn(shared?.exist[device] ?? [], number) && !isIn(shared?.here[device] ?? [], number);
  return !isMissing && isIn(received[device] ?? [], number);
}

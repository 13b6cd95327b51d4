/**
 * Sharing what was said in a group with somebody new, so that it can be counted what is there and what is missing (§13.12):
 * making pieces and the capsule over them, and reading them against it. Does not know where pieces lie, and cannot know whether
 * an author said what an entry says: that rests on who signed the capsule.
 */

import { sha256 } from "../crypto/hash.ts";
import { labels } from "../crypto/labels.ts";
import { sign, verify } from "../crypto/signature.ts";
import type { Breath } from "../group/suite.ts";
import type { AccountId, ConversationId, DeviceId } from "../lang/brand.ts";
import { concat, toHex } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { maxHaveRanges, maxHistoryEntries, maxHistoryPieceBytes, maxHistoryPieces } from "../wire/bounds.ts";
import type { HistoryShared } from "../wire/group-facts.ts";
import type { Ranges } from "../wire/have.ts";
import {
  decodeHistoryPiece,
  encodeHistoryPiece,
  type HistoryCapsule,
  type HistoryDevice,
  type HistoryEntry,
  type HistoryPerson,
} from "../wire/history.ts";
import { orderOf } from "./order.ts";
import { isIn } from "./ranges.ts";

const weekMs = 7 * 24 * 3_600_000;
const lastMessages = 100;

/** What a newcomer is given of these entries, newest first. */
export function chosen(
  entries: readonly HistoryEntry[],
  choice: HistoryShared,
  nowMs: number,
): readonly HistoryEntry[] {
  const placed = entries.map((entry) => ({ entry, place: placeOf(entry) }));
  const sorted = placed.sort((a, b) => (a.place > b.place ? -1 : 1)).map(({ entry }) => entry);
  switch (choice) {
    case "none":
      return [];
    case "all":
      return sorted;
    case "last-7-days":
      return sorted.filter(({ clockMs }) => clockMs >= nowMs - weekMs);
    case "last-100": {
      const shown = sorted.filter(({ what }) => what.kind !== "unshown");
      const oldest = shown[Math.min(shown.length, lastMessages) - 1];
      return oldest === undefined ? [] : sorted.slice(0, sorted.indexOf(oldest) + 1);
    }
  }
}

export interface Sharing {
  readonly conversation: ConversationId;
  readonly account: AccountId;
  readonly madeAtMs: number;
  /** Everybody of whom there is an entry. */
  readonly authors: readonly {
    readonly account: AccountId;
    readonly name: string;
    readonly devices: readonly DeviceId[];
  }[];
  /** As `chosen` leaves them. Each number of a device once. */
  readonly entries: readonly HistoryEntry[];
}

/** Pieces newest first. What is more than an offer can hold is left out from its oldest end. `breath`: asked amid long work. */
export async function shareHistory(
  sharing: Sharing,
  breath: Breath = () => undefined,
): Promise<{ readonly capsule: HistoryCapsule; readonly pieces: readonly Uint8Array[] }> {
  const { conversation, account, madeAtMs, authors } = sharing;
  const groups = await inPieces(withFewGaps(sharing.entries), breath);
  const pieces: Uint8Array[] = [];
  const hashes: string[] = [];
  for (const { encoded } of groups) {
    await breath();
    const piece = concat(...encoded);
    pieces.push(piece);
    hashes.push(toHex(sha256(piece)));
  }
  const numbers = numbersOf(groups.flatMap(({ entries }) => entries));
  const persons = authors
    .map(({ account: author, name, devices }): HistoryPerson => {
      return {
        account: author,
        name,
        devices: devices.toSorted().flatMap((device) => claimOf(device, numbers.get(device))),
      };
    })
    .filter(({ devices }) => devices.length > 0)
    .toSorted((a, b) => (a.account < b.account ? -1 : 1));
  return {
    capsule: { conversation, account, madeAtMs, persons, pieces: hashes },
    pieces,
  };
}

/** 64 bytes. `capsule`: encoded. */
export function signHistory(capsule: Uint8Array, deviceSeed: Uint8Array): Uint8Array {
  return sign(labels.history, capsule, deviceSeed);
}

export function isSharedBy(capsule: Uint8Array, signature: Uint8Array, signatureKey: Uint8Array): boolean {
  return verify(labels.history, capsule, signature, signatureKey);
}

/** "412 of 420; 8 missing": how many numbers have an entry, and how many are known to exist and have none. */
export function historyTotals({ persons }: HistoryCapsule): { readonly here: number; readonly missing: number } {
  const devices = persons.flatMap((one) => one.devices);
  const here = devices.reduce((sum, one) => sum + countOf(one.ranges), 0);
  const exist = devices.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return { here, missing: exist - here };
}

/** How far the pieces of a capsule have been read. */
export interface Reading {
  readonly capsule: HistoryCapsule;
  /** Index of the next piece. */
  readonly next: number;
  readonly lastPlace: string;
  /** `device/number` of the entries so far. */
  readonly seen: ReadonlySet<string>;
}

export function startReading(capsule: HistoryCapsule): Reading {
  return { capsule, next: 0, lastPlace: "g", seen: new Set() };
}

/** `other`: not the piece that comes next. `malformed`, `against-capsule`: who signed has broken the rules; nothing more is read. */
export type PieceFault = "other" | "malformed" | "against-capsule";

/** After the last piece `complete` says that every number that the capsule promised has come. */
export function readPiece(
  reading: Reading,
  bytes: Uint8Array,
): Result<
  { readonly reading: Reading; readonly entries: readonly HistoryEntry[]; readonly complete: boolean },
  PieceFault
> {
  const { capsule } = reading;
  if (toHex(sha256(bytes)) !== capsule.pieces[reading.next]) return err("other");
  const entries = decodeHistoryPiece(bytes);
  if (!entries.ok) return entries;
  const ranges = new Map(capsule.persons.flatMap(({ devices }) => devices.map((one) => [one.device, one.ranges])));
  const seen = new Set(reading.seen);
  let { lastPlace } = reading;
  for (const entry of entries.value) {
    const place = placeOf(entry);
    const key = `${deviceOf(entry)}/${entry.number}`;
    const isPromised = isIn(ranges.get(deviceOf(entry)) ?? [], entry.number);
    if (!isPromised || seen.has(key) || place >= lastPlace) return err("against-capsule");
    seen.add(key);
    lastPlace = place;
  }
  const next = reading.next + 1;
  const complete = next === capsule.pieces.length;
  if (complete && seen.size !== historyTotals(capsule).here) return err("against-capsule");
  return ok({ reading: { capsule, next, lastPlace, seen }, entries: entries.value, complete });
}

function deviceOf({ message }: HistoryEntry): DeviceId {
  return message.slice(0, message.indexOf("/")) as DeviceId;
}

function placeOf(entry: HistoryEntry): string {
  return orderOf(entry, deviceOf(entry), entry.message.slice(entry.message.indexOf("/") + 1));
}

/** Without what lies before a device's 64 newest runs: a capsule cannot say more, and must not say that a gap is none. */
function withFewGaps(entries: readonly HistoryEntry[]): readonly HistoryEntry[] {
  const numbers = numbersOf(entries);
  const from = new Map<DeviceId, number>();
  for (const [device, all] of numbers) from.set(device, runsOf(all).at(-maxHaveRanges)?.[0] ?? 0);
  return entries.filter((entry) => entry.number >= (from.get(deviceOf(entry)) ?? 0));
}

interface PieceMade {
  readonly entries: HistoryEntry[];
  /** Each entry as it would be in a piece of its own: one after the other they are the piece. */
  readonly encoded: Uint8Array[];
}

async function inPieces(entries: readonly HistoryEntry[], breath: Breath): Promise<readonly PieceMade[]> {
  const pieces: PieceMade[] = [];
  let room = 0;
  for (const entry of entries) {
    const turn = breath();
    if (turn !== undefined) await turn;
    const bytes = encodeHistoryPiece([entry]);
    const last = pieces.at(-1);
    if (last === undefined || bytes.length > room || last.entries.length >= maxHistoryEntries) {
      if (pieces.length === maxHistoryPieces) break;
      pieces.push({ entries: [entry], encoded: [bytes] });
      room = maxHistoryPieceBytes - bytes.length;
    } else {
      last.entries.push(entry);
      last.encoded.push(bytes);
      room -= bytes.length;
    }
  }
  return pieces;
}

function numbersOf(entries: readonly HistoryEntry[]): ReadonlyMap<DeviceId, readonly number[]> {
  const numbers = new Map<DeviceId, number[]>();
  for (const entry of entries) {
    const device = deviceOf(entry);
    const list = numbers.get(device);
    if (list === undefined) numbers.set(device, [entry.number]);
    else list.push(entry.number);
  }
  return numbers;
}

function claimOf(device: DeviceId, numbers: readonly number[] = []): readonly HistoryDevice[] {
  const ranges = runsOf(numbers);
  const [first, last] = [ranges[0]?.[0], ranges.at(-1)?.[1]];
  return first === undefined || last === undefined ? [] : [{ device, first, last, ranges }];
}

/** Ascending, whatever the order of the numbers. */
export function runsOf(numbers: readonly number[]): Ranges {
  const runs: [number, number][] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] + 1 === number) last[1] = number;
    else runs.push([number, number]);
  }
  return runs;
}

function countOf(ranges: Ranges): number {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/**
 * What was said in a group before somebody joined, as one device shares it (§13.12): pieces, and a capsule that the device signs
 * and that says what there is, what of it is in the pieces and what is missing. Form only: `conversation` compares the two.
 */

import type { AccountId, ConversationId, DeviceId, MessageId } from "../lang/brand.ts";
import { idBytes } from "../lang/bytes.ts";
import { assertNever, err, ok, type Result } from "../lang/result.ts";
import {
  maxClockMs,
  maxDevicesOfAccount,
  maxHistoryCapsuleBytes,
  maxHistoryEntries,
  maxHistoryPersons,
  maxHistoryPieceBytes,
  maxHistoryPieces,
} from "./bounds.ts";
import { decodeMessage, decodeVersioned, encodeMessage } from "./decode.ts";
import { distinct, hashLength, hexField, hexFields, idLength, keyLength, numberField } from "./field.ts";
import {
  HistoryCapsuleSchema,
  HistoryPieceSchema,
  type HistoryDevice as WireDevice,
  type HistoryEntry as WireEntry,
  type HistoryPerson as WirePerson,
} from "./gen/kith/history_pb.js";
import { isGroupName } from "./group-text.ts";
import { type Ranges, readRanges, wireRanges } from "./have.ts";
import { messageRef, readMessageRef } from "./message-ref.ts";
import { checkText } from "./text.ts";

const version = 1;

/** Numbers from `first` to `last` exist; those in `ranges` are in the pieces, one entry each; the others are missing. */
export interface HistoryDevice {
  readonly device: DeviceId;
  readonly first: number;
  readonly last: number;
  readonly ranges: Ranges;
}

export interface HistoryPerson {
  readonly account: AccountId;
  readonly name: string;
  /** At least one, ascending. */
  readonly devices: readonly HistoryDevice[];
}

export interface HistoryCapsule {
  readonly conversation: ConversationId;
  /** For whom. */
  readonly account: AccountId;
  readonly madeAtMs: number;
  /** Ascending by account. No device is in it twice. */
  readonly persons: readonly HistoryPerson[];
  /** SHA-256 of each encoded HistoryPiece as hex, newest first. */
  readonly pieces: readonly string[];
}

export interface HistoryEntry {
  readonly message: MessageId;
  readonly number: number;
  readonly clockMs: number;
  readonly clockCount: number;
  readonly what:
    | { readonly kind: "text"; readonly text: string }
    | { readonly kind: "removed"; readonly by: AccountId }
    /** Something with a number that no timeline shows, or that is of a newer Kith. */
    | { readonly kind: "unshown" };
}

export function encodeHistoryCapsule(capsule: HistoryCapsule): Result<Uint8Array, "too-large"> {
  const bytes = encodeMessage(HistoryCapsuleSchema, {
    version,
    conversation: idBytes(capsule.conversation),
    account: idBytes(capsule.account),
    madeAtMs: BigInt(capsule.madeAtMs),
    persons: capsule.persons.map(({ account, name, devices }) => ({
      account: idBytes(account),
      name,
      devices: devices.map(({ device, first, last, ranges }) => ({
        device: idBytes(device),
        first: BigInt(first),
        last: BigInt(last),
        ranges: wireRanges(ranges),
      })),
    })),
    pieces: capsule.pieces.map(idBytes),
  });
  return bytes.length > maxHistoryCapsuleBytes ? err("too-large") : ok(bytes);
}

export function decodeHistoryCapsule(bytes: Uint8Array): Result<HistoryCapsule, "malformed" | "newer-version"> {
  const decoded = decodeVersioned(HistoryCapsuleSchema, bytes, maxHistoryCapsuleBytes, version);
  if (!decoded.ok) return decoded;
  const wire = decoded.value;
  const conversation = hexField<ConversationId>(wire.conversation, idLength);
  const account = hexField<AccountId>(wire.account, keyLength);
  const madeAtMs = numberField(wire.madeAtMs);
  const persons = readPersons(wire.persons);
  const pieces = hexFields(wire.pieces, hashLength, maxHistoryPieces);
  if (wire.version !== version || conversation === undefined || account === undefined) return err("malformed");
  if (madeAtMs === undefined || madeAtMs > maxClockMs) return err("malformed");
  if (persons === undefined || pieces === undefined || !distinct(pieces)) return err("malformed");
  return ok({ conversation, account, madeAtMs, persons, pieces });
}

function readPersons(wire: readonly WirePerson[]): readonly HistoryPerson[] | undefined {
  if (wire.length > maxHistoryPersons) return undefined;
  const persons: HistoryPerson[] = [];
  for (const one of wire) {
    const account = hexField<AccountId>(one.account, keyLength);
    const devices = readDevices(one.devices);
    if (account === undefined || account <= (persons.at(-1)?.account ?? "")) return undefined;
    if (devices === undefined || !isGroupName(one.name)) return undefined;
    persons.push({ account, name: one.name, devices });
  }
  return distinct(persons.flatMap(({ devices }) => devices.map(({ device }) => device))) ? persons : undefined;
}

function readDevices(wire: readonly WireDevice[]): readonly HistoryDevice[] | undefined {
  if (wire.length < 1 || wire.length > maxDevicesOfAccount) return undefined;
  const devices: HistoryDevice[] = [];
  for (const one of wire) {
    const device = hexField<DeviceId>(one.device, idLength);
    const first = numberField(one.first);
    const last = numberField(one.last);
    const ranges = readRanges(one.ranges);
    if (device === undefined || device <= (devices.at(-1)?.device ?? "")) return undefined;
    if (first === undefined || last === undefined || ranges === undefined || first < 1 || last < first)
      return undefined;
    if (ranges.some(([from, to]) => from < first || to > last)) return undefined;
    devices.push({ device, first, last, ranges });
  }
  return devices;
}

export function encodeHistoryPiece(entries: readonly HistoryEntry[]): Uint8Array {
  return encodeMessage(HistoryPieceSchema, {
    entries: entries.map(({ message, number, clockMs, clockCount, what }) => ({
      message: messageRef(message),
      number: BigInt(number),
      clockMs: BigInt(clockMs),
      clockCount,
      what: wireWhat(what),
    })),
  });
}

function wireWhat(what: HistoryEntry["what"]) {
  switch (what.kind) {
    case "text":
      return { case: "text" as const, value: what.text };
    case "removed":
      return { case: "removedBy" as const, value: idBytes(what.by) };
    case "unshown":
      return { case: "unshown" as const, value: true };
    default:
      return assertNever(what);
  }
}

/** 1 to 1,000 entries, in the order they came. */
export function decodeHistoryPiece(bytes: Uint8Array): Result<readonly HistoryEntry[], "malformed"> {
  const decoded = decodeMessage(HistoryPieceSchema, bytes, maxHistoryPieceBytes);
  if (!decoded.ok) return decoded;
  const wire = decoded.value.entries;
  if (wire.length < 1 || wire.length > maxHistoryEntries) return err("malformed");
  const entries = wire.map(readEntry);
  return entries.every((one) => one !== undefined) ? ok(entries) : err("malformed");
}

function readEntry(wire: WireEntry): HistoryEntry | undefined {
  const message = readMessageRef(wire.message);
  const number = numberField(wire.number);
  const clockMs = numberField(wire.clockMs);
  const what = readWhat(wire.what);
  if (message === undefined || number === undefined || number < 1) return undefined;
  if (clockMs === undefined || clockMs > maxClockMs || what === undefined) return undefined;
  return { message, number, clockMs, clockCount: wire.clockCount, what };
}

function readWhat(what: WireEntry["what"]): HistoryEntry["what"] | undefined {
  switch (what.case) {
    case "text": {
      const text = checkText(what.value);
      return text.ok ? { kind: "text", text: text.value } : undefined;
    }
    case "removedBy": {
      const by = hexField<AccountId>(what.value, keyLength);
      return by && { kind: "removed", by };
    }
    case "unshown":
      return what.value ? { kind: "unshown" } : undefined;
    case undefined:
      return undefined;
    default:
      return assertNever(what);
  }
}

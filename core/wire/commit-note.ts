/**
 * What goes with a group's commit, as its authenticated data (§13.2): everything that its members need to judge it and that the
 * tree does not hold. Its signatures are checked in `conversation`, against the tree.
 */

import type { DeviceId, TopicId } from "../lang/brand.ts";
import { idBytes, noBytes } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { maxClockMs, maxCommitNoteBytes, maxDeviceListBytes, maxGeneration, maxPeopleOfGroup } from "./bounds.ts";
import { decodeVersioned, encodeMessage } from "./decode.ts";
import { bytesField, hexField, idLength, isWithin, keyLength, numberField, signatureLength } from "./field.ts";
import { CommitNoteSchema, type HealedLeaf as WireHealed } from "./gen/kith/group_pb.js";
import { type LeaveStatement, readStatement, wireStatement } from "./leave.ts";
import { contentIdLength } from "./message-ref.ts";
import { type NamedPerson, readAscending, readNamed, wireNamed } from "./named-person.ts";
import { readSuccession, type Succession, wireSuccession } from "./succession.ts";

const version = 1;

/** On whose request a leaf is replaced. The KeyPackage that was signed is in the commit. */
export interface HealedLeaf {
  readonly device: DeviceId;
  readonly generation: number;
  /** 64 bytes; see `healedMessage`. */
  readonly signature: Uint8Array;
}

export interface CommitNote {
  /** 16 hex characters, unique for the committing device among its notes and contents. */
  readonly id: string;
  /** Hybrid logical clock: where the timeline tells what the commit does. */
  readonly clockMs: number;
  readonly clockCount: number;
  /** SignedDeviceList bytes, not checked here. */
  readonly lists: readonly Uint8Array[];
  /** Ascending by account, each once. */
  readonly names: readonly NamedPerson[];
  /** Ascending by account, each once. */
  readonly leaves: readonly LeaveStatement[];
  readonly healed: HealedLeaf | undefined;
  /** Rendezvous topic of the link that the new ones came with. */
  readonly link: TopicId | undefined;
  /** Who is the owner now, because the one before is gone. */
  readonly succession: Succession | undefined;
}

/** "too-large": of several persons who are added, fewer have to be at once. */
export function encodeCommitNote(note: CommitNote): Result<Uint8Array, "too-large"> {
  const { id, clockMs, clockCount, lists, names, leaves, healed, link, succession } = note;
  const bytes = encodeMessage(CommitNoteSchema, {
    version,
    id: idBytes(id),
    clockMs: BigInt(clockMs),
    clockCount,
    lists: [...lists],
    names: names.map(wireNamed),
    leaves: leaves.map(wireStatement),
    ...(healed && { healed: { ...healed, device: idBytes(healed.device) } }),
    link: link === undefined ? noBytes : idBytes(link),
    ...(succession && { succession: wireSuccession(succession) }),
  });
  return bytes.length > maxCommitNoteBytes ? err("too-large") : ok(bytes);
}

export function decodeCommitNote(bytes: Uint8Array): Result<CommitNote, "malformed" | "newer-version"> {
  const decoded = decodeVersioned(CommitNoteSchema, bytes, maxCommitNoteBytes, version);
  if (!decoded.ok) return decoded;
  const wire = decoded.value;
  const id = hexField(wire.id, contentIdLength);
  const clockMs = numberField(wire.clockMs);
  const names = readAscending(wire.names, readNamed, maxPeopleOfGroup);
  const leaves = readAscending(wire.leaves, readStatement, maxPeopleOfGroup);
  const link = wire.link.length === 0 ? undefined : hexField<TopicId>(wire.link, keyLength);
  const healed = wire.healed && readHealed(wire.healed);
  const succession = wire.succession && readSuccession(wire.succession);
  if (wire.version !== version || id === undefined || clockMs === undefined || clockMs > maxClockMs) {
    return err("malformed");
  }
  if (wire.lists.length > maxPeopleOfGroup || !wire.lists.every((one) => isWithin(one, maxDeviceListBytes))) {
    return err("malformed");
  }
  if (names === undefined || leaves === undefined) return err("malformed");
  if ((wire.link.length > 0 && link === undefined) || (wire.healed && healed === undefined)) return err("malformed");
  if (wire.succession && succession === undefined) return err("malformed");
  const lists = wire.lists.map((one) => one.slice());
  return ok({ id, clockMs, clockCount: wire.clockCount, lists, names, leaves, healed, link, succession });
}

function readHealed(wire: WireHealed): HealedLeaf | undefined {
  const device = hexField<DeviceId>(wire.device, idLength);
  const signature = bytesField(wire.signature, signatureLength);
  if (device === undefined || signature === undefined || wire.generation > maxGeneration) return undefined;
  return { device, generation: wire.generation, signature };
}

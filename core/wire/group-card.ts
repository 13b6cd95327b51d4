/**
 * What somebody who joins a group has to know beside its tree and its context (§13.6): an extension of the GroupInfo in the
 * Welcome. Does not know whether what it says is so: device lists are checked in `identity`, the rest against the tree.
 */

import { sha256 } from "../crypto/hash.ts";
import { labelled, labels } from "../crypto/labels.ts";
import type { AccountId, ConversationId, TopicId } from "../lang/brand.ts";
import { concat, idBytes, noBytes, toHex } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { maxClockMs, maxDeviceListBytes, maxGroupCardBytes, maxPeopleOfGroup, maxPutOut } from "./bounds.ts";
import { decodeVersioned, encodeMessage } from "./decode.ts";
import { type EpochRun, readEpochRun } from "./epoch-marks.ts";
import { bytesField, distinct, hexField, hexFields, isWithin, keyLength, numberField } from "./field.ts";
import { GroupCardSchema, type CardEvent as WireEvent } from "./gen/kith/group_pb.js";
import { type HaveOf, readHave, wireHave } from "./have.ts";
import { type LeaveStatement, readStatement, wireStatement } from "./leave.ts";
import { contentIdLength } from "./message-ref.ts";
import { type NamedPerson, readAscending, readNamed, wireNamed } from "./named-person.ts";

const version = 1;
const putOutLength = 16;

export interface GroupCard {
  /** 32 bytes; see `deriveTopic`. */
  readonly topicSecret: Uint8Array;
  /** SignedDeviceList bytes of every member, not checked here. */
  readonly lists: readonly Uint8Array[];
  /** Ascending by account, each once. */
  readonly names: readonly NamedPerson[];
  /** Of members who left and are not removed yet. Ascending by account, each once. */
  readonly leaves: readonly LeaveStatement[];
  readonly event: CardEvent;
  /** Whom the group put out, as `putOutMark` names them; the newest last, each once. */
  readonly putOut: readonly string[];
  /** Of the device that got another leaf, what is here. */
  readonly have: readonly HaveOf[];
  /** Of the epochs before, as the committer knows them. */
  readonly marks: EpochRun | undefined;
  /** The device that this leaf is for had one before, whatever it knows of it. */
  readonly replaced: boolean;
}

/** What the timeline tells of the commit that the Welcome belongs to: so it is in that of who joins, too. */
export interface CardEvent {
  /** As in the commit's note. */
  readonly id: string;
  readonly clockMs: number;
  readonly clockCount: number;
  /** Those who are new, ascending; none where a leaf was replaced. */
  readonly added: readonly AccountId[];
  readonly link: TopicId | undefined;
}

/** Of somebody whom the group put out, as 32 hex characters: who comes later is not told their account. */
export function putOutMark(conversation: ConversationId, account: AccountId): string {
  const whole = sha256(labelled(labels.putOut, concat(idBytes(conversation), idBytes(account))));
  return toHex(whole.subarray(0, putOutLength));
}

export function encodeGroupCard(card: GroupCard): Uint8Array {
  const { topicSecret, lists, names, leaves, event, putOut, have, marks, replaced } = card;
  return encodeMessage(GroupCardSchema, {
    version,
    topicSecret,
    lists: [...lists],
    names: names.map(wireNamed),
    leaves: leaves.map(wireStatement),
    event: {
      id: idBytes(event.id),
      clockMs: BigInt(event.clockMs),
      clockCount: event.clockCount,
      added: event.added.map(idBytes),
      link: event.link === undefined ? noBytes : idBytes(event.link),
    },
    putOut: putOut.map(idBytes),
    have: wireHave(have).of,
    marksFirst: BigInt(marks?.first ?? 0),
    marks: marks?.marks ?? noBytes,
    replaced,
  });
}

export function decodeGroupCard(bytes: Uint8Array): Result<GroupCard, "malformed" | "newer-version"> {
  const decoded = decodeVersioned(GroupCardSchema, bytes, maxGroupCardBytes, version);
  if (!decoded.ok) return decoded;
  const wire = decoded.value;
  const topicSecret = bytesField(wire.topicSecret, keyLength);
  const names = readAscending(wire.names, readNamed, maxPeopleOfGroup);
  const leaves = readAscending(wire.leaves, readStatement, maxPeopleOfGroup);
  if (wire.version !== version || wire.lists.length < 1 || wire.lists.length > maxPeopleOfGroup)
    return err("malformed");
  if (!wire.lists.every((one) => isWithin(one, maxDeviceListBytes))) return err("malformed");
  const event = wire.event && readEvent(wire.event);
  if (topicSecret === undefined || names === undefined) return err("malformed");
  const putOut = hexFields(wire.putOut, putOutLength, maxPutOut);
  const have = readHave({ of: wire.have });
  if (leaves === undefined || event === undefined || putOut === undefined || !distinct(putOut)) return err("malformed");
  const marks = readEpochRun(wire.marksFirst, wire.marks);
  if (have === undefined || (marks === undefined && (wire.marks.length > 0 || wire.marksFirst > 0n)))
    return err("malformed");
  // Nobody is new by it.
  if (wire.replaced && event.added.length > 0) return err("malformed");
  const lists = wire.lists.map((one) => one.slice());
  return ok({ topicSecret, lists, names, leaves, event, putOut, have, marks, replaced: wire.replaced });
}

function readEvent(wire: WireEvent): CardEvent | undefined {
  const id = hexField(wire.id, contentIdLength);
  const clockMs = numberField(wire.clockMs);
  const added = hexFields<AccountId>(wire.added, keyLength, maxPeopleOfGroup);
  const link = wire.link.length === 0 ? undefined : hexField<TopicId>(wire.link, keyLength);
  if (id === undefined || clockMs === undefined || clockMs > maxClockMs || added === undefined) return undefined;
  if (added.some((account, at) => account <= (added[at - 1] ?? ""))) return undefined;
  // A link is what somebody came with.
  if (wire.link.length > 0 && (link === undefined || added.length === 0)) return undefined;
  return { id, clockMs, clockCount: wire.clockCount, added, link };
}

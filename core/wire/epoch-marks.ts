/**
 * Marks of a group's epochs (§13.15): by them two members see whether they have the same keys behind them; to others they tell
 * nothing. Does not know what follows from a difference.
 */

import { deriveKey } from "../crypto/kdf.ts";
import { labels } from "../crypto/labels.ts";
import type { ConversationId, DeviceId } from "../lang/brand.ts";
import { concat, idBytes, uint64 } from "../lang/bytes.ts";
import { maxEpochMarks } from "./bounds.ts";
import { bytesField, hexField, idLength, numberField, signatureLength } from "./field.ts";
import type { EpochMarks as WireMarks } from "./gen/kith/group_pb.js";
import type { EpochMark as WireMark } from "./gen/kith/identity_pb.js";

export const epochMarkBytes = 16;

export interface EpochMark {
  readonly epoch: number;
  /** 16 bytes. */
  readonly mark: Uint8Array;
}

/** Of epochs one after another. */
export interface EpochRun {
  readonly first: number;
  /** 16 bytes for each, 1 to 48. */
  readonly marks: Uint8Array;
}

export interface EpochMarks extends EpochRun {
  readonly conversation: ConversationId;
  /** Of a member, whose key signed; not checked here. */
  readonly device: DeviceId;
  /** 64 bytes, label `epochMarks`; see `epochMarksMessage`. */
  readonly signature: Uint8Array;
}

/** 16 bytes. Who has one and not the secret can say it again, and nothing else. */
export function epochMark(epochSecret: Uint8Array, epoch: number): Uint8Array {
  return deriveKey(epochSecret, labels.epochMark, uint64(epoch), epochMarkBytes);
}

/** `conversation ‖ device ‖ u64(first) ‖ marks`. */
export function epochMarksMessage({
  conversation,
  device,
  first,
  marks,
}: Pick<EpochMarks, "conversation" | "device" | "first" | "marks">): Uint8Array {
  return concat(idBytes(conversation), idBytes(device), uint64(first), marks);
}

export function wireEpochMarks({ conversation, device, first, marks, signature }: EpochMarks) {
  return { conversation: idBytes(conversation), device: idBytes(device), first: BigInt(first), marks, signature };
}

export function readEpochMarks(wire: WireMarks): EpochMarks | undefined {
  const conversation = hexField<ConversationId>(wire.conversation, idLength);
  const device = hexField<DeviceId>(wire.device, idLength);
  const run = readEpochRun(wire.first, wire.marks);
  const signature = bytesField(wire.signature, signatureLength);
  if (conversation === undefined || device === undefined || run === undefined || signature === undefined)
    return undefined;
  return { conversation, device, ...run, signature };
}

export function readEpochRun(wireFirst: bigint, marks: Uint8Array): EpochRun | undefined {
  const first = numberField(wireFirst);
  const count = marks.length / epochMarkBytes;
  if (first === undefined || first > Number.MAX_SAFE_INTEGER - maxEpochMarks) return undefined;
  return Number.isInteger(count) && count >= 1 && count <= maxEpochMarks ? { first, marks: marks.slice() } : undefined;
}

export function wireEpochMark({ epoch, mark }: EpochMark) {
  return { epoch: BigInt(epoch), mark };
}

export function readEpochMark(wire: WireMark): EpochMark | undefined {
  const epoch = numberField(wire.epoch);
  const mark = bytesField(wire.mark, epochMarkBytes);
  return epoch === undefined || mark === undefined ? undefined : { epoch, mark };
}

/**
 * The statement of who leaves a group (§13.5). Said as content, and repeated in the commit that carries it out and in the card
 * of who joins meanwhile, so that everybody can check it.
 */

import { sha256 } from "../crypto/hash.ts";
import { labels } from "../crypto/labels.ts";
import { sign, verify } from "../crypto/signature.ts";
import type { AccountId, ConversationId, DeviceId } from "../lang/brand.ts";
import { concat, idBytes } from "../lang/bytes.ts";
import { bytesField, hexField, idLength, keyLength, signatureLength } from "./field.ts";
import type { LeaveStatement as WireStatement } from "./gen/kith/group_pb.js";

export interface LeaveStatement {
  readonly account: AccountId;
  /** Whose key signed. */
  readonly device: DeviceId;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** What is left: a leaf of the device in the group's tree. */
export interface LeftLeaf {
  readonly conversation: ConversationId;
  readonly account: AccountId;
  /** HPKE public key of the device's leaf as it is now. */
  readonly encryptionKey: Uint8Array;
}

/**
 * `conversation ‖ account ‖ SHA-256(encryption key of the leaf)`, label `leave`. The leaf is named because whoever left may be
 * added again, with other keys: what they said before must not remove them then.
 */
function leaveMessage({ conversation, account, encryptionKey }: LeftLeaf): Uint8Array {
  return concat(idBytes(conversation), idBytes(account), sha256(encryptionKey));
}

/** 64 bytes. */
export function signLeave(leaf: LeftLeaf, deviceSeed: Uint8Array): Uint8Array {
  return sign(labels.leave, leaveMessage(leaf), deviceSeed);
}

/** `signatureKey`: of the device's leaf. */
export function isLeaveOf(leaf: LeftLeaf, signature: Uint8Array, signatureKey: Uint8Array): boolean {
  return verify(labels.leave, leaveMessage(leaf), signature, signatureKey);
}

export function wireStatement({ account, device, signature }: LeaveStatement) {
  return { account: idBytes(account), device: idBytes(device), signature };
}

export function readStatement(wire: WireStatement): LeaveStatement | undefined {
  const account = hexField<AccountId>(wire.account, keyLength);
  const device = hexField<DeviceId>(wire.device, idLength);
  const signature = bytesField(wire.signature, signatureLength);
  if (account === undefined || device === undefined || signature === undefined) return undefined;
  return { account, device, signature };
}

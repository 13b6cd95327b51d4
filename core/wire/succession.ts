/**
 * Who should be the owner of a group whose owner is gone (§13.13), and what devices sign about it. Said as content, and repeated
 * in the commit that carries it out, so that everybody can check it.
 */

import { labels } from "../crypto/labels.ts";
import { sign, verify } from "../crypto/signature.ts";
import type { AccountId, ConversationId, DeviceId } from "../lang/brand.ts";
import { concat, idBytes, noBytes } from "../lang/bytes.ts";
import { maxPeopleOfGroup } from "./bounds.ts";
import { bytesField, hexField, idLength, keyLength, signatureLength } from "./field.ts";
import type { OwnerConfirmation as WireConfirmation, Succession as WireSuccession } from "./gen/kith/group_pb.js";

export interface OwnerClaim {
  /** 32 hex characters, drawn by who says it first: what was said of an earlier absence is not of this one. */
  readonly claim: string;
  /** `undefined`: the group has none. */
  readonly owner: AccountId | undefined;
  readonly next: AccountId;
}

export interface OwnerConfirmation {
  readonly account: AccountId;
  /** Whose key signed. */
  readonly device: DeviceId;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

export interface Succession extends OwnerClaim {
  /** Ascending by account, each once. */
  readonly confirmations: readonly OwnerConfirmation[];
}

/** What is confirmed. `absence`: 32 bytes that are others once the owner made or asked for a commit (§13.13). */
export interface OwnerAbsence extends OwnerClaim {
  readonly conversation: ConversationId;
  readonly absence: Uint8Array;
}

/** `conversation ‖ owner ‖ next ‖ claim ‖ absence`, without `owner` where there is none. */
function absenceMessage({ conversation, owner, next, claim, absence }: OwnerAbsence): Uint8Array {
  return concat(idBytes(conversation), ownerBytes(owner), idBytes(next), idBytes(claim), absence);
}

/** 64 bytes. */
export function signOwnerGone(absence: OwnerAbsence, deviceSeed: Uint8Array): Uint8Array {
  return sign(labels.ownerGone, absenceMessage(absence), deviceSeed);
}

/** `signatureKey`: of the leaf of the device that confirms. */
export function isOwnerGoneBy(absence: OwnerAbsence, signature: Uint8Array, signatureKey: Uint8Array): boolean {
  return verify(labels.ownerGone, absenceMessage(absence), signature, signatureKey);
}

export function wireClaim({ claim, owner, next }: OwnerClaim) {
  return { claim: idBytes(claim), owner: ownerBytes(owner), next: idBytes(next) };
}

export function readClaim(wire: {
  readonly claim: Uint8Array;
  readonly owner: Uint8Array;
  readonly next: Uint8Array;
}): OwnerClaim | undefined {
  const claim = hexField(wire.claim, idLength);
  const owner = wire.owner.length === 0 ? undefined : hexField<AccountId>(wire.owner, keyLength);
  const next = hexField<AccountId>(wire.next, keyLength);
  if (claim === undefined || next === undefined || next === owner) return undefined;
  return owner === undefined && wire.owner.length > 0 ? undefined : { claim, owner, next };
}

export function wireSuccession(succession: Succession) {
  const confirmations = succession.confirmations.map(({ account, device, signature }) => ({
    account: idBytes(account),
    device: idBytes(device),
    signature,
  }));
  return { ...wireClaim(succession), confirmations };
}

export function readSuccession(wire: WireSuccession): Succession | undefined {
  const claim = readClaim(wire);
  if (claim === undefined || wire.confirmations.length < 1 || wire.confirmations.length > maxPeopleOfGroup) {
    return undefined;
  }
  const confirmations: OwnerConfirmation[] = [];
  for (const one of wire.confirmations) {
    const read = readConfirmation(one);
    if (read === undefined || read.account <= (confirmations.at(-1)?.account ?? "")) return undefined;
    confirmations.push(read);
  }
  return { ...claim, confirmations };
}

function readConfirmation(wire: WireConfirmation): OwnerConfirmation | undefined {
  const account = hexField<AccountId>(wire.account, keyLength);
  const device = hexField<DeviceId>(wire.device, idLength);
  const signature = bytesField(wire.signature, signatureLength);
  if (account === undefined || device === undefined || signature === undefined) return undefined;
  return { account, device, signature };
}

const ownerBytes = (owner: AccountId | undefined) => (owner === undefined ? noBytes : idBytes(owner));

/** The identity inside an MLS basic credential (§3.2). What it claims is checked against a device list in `identity`. */

import type { AccountId, DeviceId } from "../lang/brand.ts";
import { idBytes } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { maxCredentialBytes } from "./bounds.ts";
import { decodeVersioned, encodeMessage } from "./decode.ts";
import { hexField, idLength, keyLength, numberField } from "./field.ts";
import { CredentialSchema } from "./gen/kith/identity_pb.js";

const version = 1;

export interface Credential {
  readonly account: AccountId;
  readonly device: DeviceId;
  /** Of the device list that first held the device; from 1. */
  readonly listSequence: number;
}

export function encodeCredential({ account, device, listSequence }: Credential): Uint8Array {
  return encodeMessage(CredentialSchema, {
    version,
    accountKey: idBytes(account),
    device: idBytes(device),
    listSequence: BigInt(listSequence),
  });
}

export function decodeCredential(bytes: Uint8Array): Result<Credential, "malformed" | "newer-version"> {
  const decoded = decodeVersioned(CredentialSchema, bytes, maxCredentialBytes, version);
  if (!decoded.ok) return decoded;
  const account = hexField<AccountId>(decoded.value.accountKey, keyLength);
  const device = hexField<DeviceId>(decoded.value.device, idLength);
  const listSequence = numberField(decoded.value.listSequence);
  if (account === undefined || device === undefined || listSequence === undefined) return err("malformed");
  if (decoded.value.version !== version || listSequence < 1) return err("malformed");
  return ok({ account, device, listSequence });
}

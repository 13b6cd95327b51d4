/**
 * Envelopes: what travels and what a node stores (§4). Outside, one of four sizes and nothing to read; inside, an MLS
 * message or one of the two payloads of first contact (§5). Does not look into an MLS message, a device list or a
 * KeyPackage: those bytes stay as they were received.
 */

import { sha256 } from "../crypto/hash.ts";
import { open, seal, sealOverheadBytes } from "../crypto/seal.ts";
import type { EnvelopeHash, TopicId } from "../lang/brand.ts";
import { idBytes, toHex } from "../lang/bytes.ts";
import { assertNever, err, ok, type Result } from "../lang/result.ts";
import {
  envelopeSizesBytes,
  maxDeviceListBytes,
  maxDevicesOfAccount,
  maxEnvelopeBytes,
  maxKeyPackageBytes,
} from "./bounds.ts";
import { decodeMessage, encodeMessage } from "./decode.ts";
import { PayloadSchema } from "./gen/kith/envelope_pb.js";
import type { InviteBundle, InviteReply } from "./gen/kith/identity_pb.js";
import { checkName } from "./name.ts";
import { pad, paddingHeaderBytes, unpad } from "./padding.ts";

/** `deviceList` is an encoded SignedDeviceList, not checked here. */
export type Payload =
  | { readonly kind: "mls"; readonly message: Uint8Array }
  | {
      readonly kind: "invite-bundle";
      readonly deviceList: Uint8Array;
      readonly keyPackages: readonly Uint8Array[];
      readonly name: string;
    }
  | { readonly kind: "invite-reply"; readonly deviceList: Uint8Array; readonly welcome: Uint8Array };

/** `nonce`: 24 random bytes, never used before. The answer has the smallest of the four sizes that fits. */
export function sealEnvelope(
  key: Uint8Array,
  topic: TopicId,
  payload: Payload,
  nonce: Uint8Array,
): Result<Uint8Array, "too-large"> {
  const plain = encodePayload(payload);
  const needed = plain.length + paddingHeaderBytes + sealOverheadBytes;
  const size = envelopeSizesBytes.find((bytes) => bytes >= needed);
  if (size === undefined) return err("too-large");
  return ok(seal(key, nonce, pad(plain, size - sealOverheadBytes), idBytes(topic)));
}

/** "not-authentic": not made by a holder of this topic's key. "malformed": made by one, but not by these rules. */
export function openEnvelope(
  key: Uint8Array,
  topic: TopicId,
  envelope: Uint8Array,
): Result<Payload, "not-authentic" | "malformed"> {
  if (!isEnvelopeSize(envelope.length)) return err("not-authentic");
  const padded = open(key, envelope, idBytes(topic));
  if (!padded.ok) return padded;
  const plain = unpad(padded.value);
  if (!plain.ok) return plain;
  // One size for one length: a larger one than needed could carry a mark for whoever watches sizes.
  const needed = plain.value.length + paddingHeaderBytes + sealOverheadBytes;
  if (envelopeSizesBytes.find((bytes) => bytes >= needed) !== envelope.length) return err("malformed");
  return decodePayload(plain.value);
}

/** Of the whole envelope as it travels: idempotence, acknowledgement and deduplication use this one name. */
export function envelopeHash(envelope: Uint8Array): EnvelopeHash {
  return toHex(sha256(envelope)) as EnvelopeHash;
}

export function isEnvelopeSize(bytes: number): boolean {
  return envelopeSizesBytes.some((size) => size === bytes);
}

function encodePayload(payload: Payload): Uint8Array {
  switch (payload.kind) {
    case "mls":
      return encodeMessage(PayloadSchema, { payload: { case: "mls", value: payload.message } });
    case "invite-bundle": {
      const { deviceList, keyPackages, name } = payload;
      const value = { deviceList, keyPackages: [...keyPackages], name };
      return encodeMessage(PayloadSchema, { payload: { case: "inviteBundle", value } });
    }
    case "invite-reply": {
      const { deviceList, welcome } = payload;
      return encodeMessage(PayloadSchema, { payload: { case: "inviteReply", value: { deviceList, welcome } } });
    }
    default:
      return assertNever(payload);
  }
}

function decodePayload(bytes: Uint8Array): Result<Payload, "malformed"> {
  const decoded = decodeMessage(PayloadSchema, bytes, maxEnvelopeBytes);
  if (!decoded.ok) return decoded;
  const { payload } = decoded.value;
  switch (payload.case) {
    case "mls":
      return payload.value.length === 0 ? err("malformed") : ok({ kind: "mls", message: payload.value.slice() });
    case "inviteBundle":
      return readBundle(payload.value);
    case "inviteReply":
      return readReply(payload.value);
    case undefined:
      return err("malformed");
    default:
      return assertNever(payload);
  }
}

function readBundle({ deviceList, keyPackages, name }: InviteBundle): Result<Payload, "malformed"> {
  if (!isWithin(deviceList, maxDeviceListBytes)) return err("malformed");
  if (keyPackages.length < 1 || keyPackages.length > maxDevicesOfAccount) return err("malformed");
  if (!keyPackages.every((one) => isWithin(one, maxKeyPackageBytes))) return err("malformed");
  const shown = checkName(name);
  if (!shown.ok) return err("malformed");
  return ok({
    kind: "invite-bundle",
    deviceList: deviceList.slice(),
    keyPackages: keyPackages.map((one) => one.slice()),
    name: shown.value,
  });
}

function readReply({ deviceList, welcome }: InviteReply): Result<Payload, "malformed"> {
  if (!isWithin(deviceList, maxDeviceListBytes) || welcome.length === 0) return err("malformed");
  return ok({ kind: "invite-reply", deviceList: deviceList.slice(), welcome: welcome.slice() });
}

function isWithin(bytes: Uint8Array, maxBytes: number): boolean {
  return bytes.length >= 1 && bytes.length <= maxBytes;
}

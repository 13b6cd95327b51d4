/**
 * Envelopes: what travels and what a node stores (§4). Outside, one of four sizes and nothing to read; inside, an MLS
 * message, or a payload of first contact (§5), of a successor group (§11) or of groups (§13). Does not look into an MLS message, a device list or a
 * KeyPackage: those bytes stay as they were received.
 */

import { sha256 } from "../crypto/hash.ts";
import { open, seal, sealOverheadBytes } from "../crypto/seal.ts";
import type { ConversationId, EnvelopeHash, NodeUrl, TopicId } from "../lang/brand.ts";
import { concat, idBytes, toHex, uint64 } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import {
  envelopeSizesBytes,
  maxDeviceListBytes,
  maxDevicesOfAccount,
  maxEnvelopeBytes,
  maxGeneration,
  maxKeyPackageBytes,
  maxNodesOfConversation,
} from "./bounds.ts";
import { decodeMessage, encodeMessage } from "./decode.ts";
import { type EpochMark, readEpochMark, wireEpochMark } from "./epoch-marks.ts";
import { bytesField, isWithin, numberField, signatureLength } from "./field.ts";
import { PayloadSchema } from "./gen/kith/envelope_pb.js";
import type { HealRequest, InviteBundle, InviteReply, Successor } from "./gen/kith/identity_pb.js";
import { type GroupPayload, readGroupPayload, wireGroupPayload } from "./group-payload.ts";
import { type HaveOf, readHave, wireHave } from "./have.ts";
import { type KnownGroup, readKnownGroup, wireKnownGroup } from "./known-group.ts";
import { checkName } from "./name.ts";
import { readNodeUrls } from "./node-urls.ts";
import { pad, paddingHeaderBytes, unpad } from "./padding.ts";

/** `deviceList` is an encoded SignedDeviceList, not checked here. */
export type Payload =
  /** `generation`: of the group that the message belongs to. */
  | { readonly kind: "mls"; readonly message: Uint8Array; readonly generation: number }
  | {
      readonly kind: "invite-bundle";
      readonly deviceList: Uint8Array;
      readonly keyPackages: readonly Uint8Array[];
      readonly name: string;
      /** Where the conversation shall be kept, at most 3; none: where the bundle lies. */
      readonly nodes: readonly NodeUrl[];
    }
  | { readonly kind: "invite-reply"; readonly deviceList: Uint8Array; readonly welcome: Uint8Array }
  | {
      readonly kind: "heal-request";
      readonly deviceList: Uint8Array;
      readonly keyPackage: Uint8Array;
      /** The newest that its maker knows. */
      readonly generation: number;
      /** 64 bytes; see `healRequestMessage`. */
      readonly signature: Uint8Array;
      /** Of the other side's devices, what is here. Not in a group. */
      readonly have: readonly HaveOf[];
      /** Whose members are asked, of a group in two parts (§13.15). */
      readonly ofPart?: EpochMark;
      /** Who lacks changes of a group only: the epoch of its keys. */
      readonly afterEpoch?: number;
      /** In a group, as far as anything is known of it there. */
      readonly known?: KnownGroup;
    }
  | {
      readonly kind: "successor";
      readonly deviceList: Uint8Array;
      readonly welcome: Uint8Array;
      readonly generation: number;
      /** Of the devices that asked, what is here. */
      readonly have: readonly HaveOf[];
    }
  | GroupPayload;

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
      return encodeMessage(PayloadSchema, {
        payload: { case: "mls", value: payload.message },
        generation: payload.generation,
      });
    case "invite-bundle": {
      const { deviceList, keyPackages, name, nodes } = payload;
      const value = { deviceList, keyPackages: [...keyPackages], name, nodes: [...nodes] };
      return encodeMessage(PayloadSchema, { payload: { case: "inviteBundle", value } });
    }
    case "invite-reply": {
      const { deviceList, welcome } = payload;
      return encodeMessage(PayloadSchema, { payload: { case: "inviteReply", value: { deviceList, welcome } } });
    }
    case "heal-request": {
      const { kind: _, have, ofPart, afterEpoch, known, ...rest } = payload;
      const value = {
        ...rest,
        have: wireHave(have).of,
        ...(ofPart && { ofPart: wireEpochMark(ofPart) }),
        ...(afterEpoch !== undefined && { afterEpoch: BigInt(afterEpoch) }),
        ...(known && { known: wireKnownGroup(known) }),
      };
      return encodeMessage(PayloadSchema, { payload: { case: "healRequest", value } });
    }
    case "successor": {
      const { kind: _, have, ...rest } = payload;
      const value = { ...rest, have: wireHave(have).of };
      return encodeMessage(PayloadSchema, { payload: { case: "successor", value } });
    }
    default:
      return encodeMessage(PayloadSchema, { payload: wireGroupPayload(payload) });
  }
}

function decodePayload(bytes: Uint8Array): Result<Payload, "malformed"> {
  const decoded = decodeMessage(PayloadSchema, bytes, maxEnvelopeBytes);
  if (!decoded.ok) return decoded;
  const { payload, generation } = decoded.value;
  if (generation > (payload.case === "mls" ? maxGeneration : 0)) return err("malformed");
  switch (payload.case) {
    case "mls":
      if (payload.value.length === 0) return err("malformed");
      return ok({ kind: "mls", message: payload.value.slice(), generation });
    case "inviteBundle":
      return readBundle(payload.value);
    case "inviteReply":
      return readReply(payload.value);
    case "healRequest":
      return readHealRequest(payload.value);
    case "successor":
      return readSuccessor(payload.value);
    case undefined:
      return err("malformed");
    default: {
      const read = readGroupPayload(payload);
      return read === undefined ? err("malformed") : ok(read);
    }
  }
}

function readBundle({ deviceList, keyPackages, name, nodes }: InviteBundle): Result<Payload, "malformed"> {
  if (!isWithin(deviceList, maxDeviceListBytes)) return err("malformed");
  if (keyPackages.length < 1 || keyPackages.length > maxDevicesOfAccount) return err("malformed");
  if (!keyPackages.every((one) => isWithin(one, maxKeyPackageBytes))) return err("malformed");
  const shown = checkName(name);
  const places = readNodeUrls(nodes, 0, maxNodesOfConversation);
  if (!shown.ok || places === undefined) return err("malformed");
  return ok({
    kind: "invite-bundle",
    deviceList: deviceList.slice(),
    keyPackages: keyPackages.map((one) => one.slice()),
    name: shown.value,
    nodes: places,
  });
}

function readReply({ deviceList, welcome }: InviteReply): Result<Payload, "malformed"> {
  if (!isWithin(deviceList, maxDeviceListBytes) || welcome.length === 0) return err("malformed");
  return ok({ kind: "invite-reply", deviceList: deviceList.slice(), welcome: welcome.slice() });
}

function readHealRequest(wire: HealRequest): Result<Payload, "malformed"> {
  const { deviceList, keyPackage, generation, signature } = wire;
  const have = readHave({ of: wire.have });
  const signed = bytesField(signature, signatureLength);
  const ofPart = wire.ofPart && readEpochMark(wire.ofPart);
  if (!isWithin(deviceList, maxDeviceListBytes) || !isWithin(keyPackage, maxKeyPackageBytes)) return err("malformed");
  if (generation > maxGeneration || signed === undefined || have === undefined) return err("malformed");
  if (wire.ofPart !== undefined && ofPart === undefined) return err("malformed");
  const afterEpoch = wire.afterEpoch === undefined ? undefined : numberField(wire.afterEpoch);
  if (wire.afterEpoch !== undefined && afterEpoch === undefined) return err("malformed");
  const known = wire.known && readKnownGroup(wire.known);
  if (wire.known !== undefined && known === undefined) return err("malformed");
  return ok({
    kind: "heal-request",
    deviceList: deviceList.slice(),
    keyPackage: keyPackage.slice(),
    generation,
    signature: signed,
    have,
    ...(ofPart && { ofPart }),
    ...(afterEpoch !== undefined && { afterEpoch }),
    ...(known && { known }),
  });
}

/** The first group of a conversation succeeds nothing. */
function readSuccessor({ deviceList, welcome, generation, have: of }: Successor): Result<Payload, "malformed"> {
  const have = readHave({ of });
  if (!isWithin(deviceList, maxDeviceListBytes) || welcome.length === 0) return err("malformed");
  if (generation < 1 || generation > maxGeneration || have === undefined) return err("malformed");
  return ok({ kind: "successor", deviceList: deviceList.slice(), welcome: welcome.slice(), generation, have });
}

/** Whose keys are asked for, and where. */
export interface HealedIn {
  readonly conversation: ConversationId;
  readonly topic: TopicId;
}

/**
 * What a heal request's signature is over, label `healRequest`: `conversation ‖ topic ‖ u64(generation) ‖ SHA-256 of the key
 * package`. The topic alone would be no proof: who asks for a leaf on another's word knows of it what they say (§13.7).
 */
export function healRequestMessage(within: HealedIn, generation: number, keyPackage: Uint8Array): Uint8Array {
  return healedMessage(within, generation, sha256(keyPackage));
}

/** The same, for whoever has only the hash of the key package. */
export function healedMessage(
  { conversation, topic }: HealedIn,
  generation: number,
  packageHash: Uint8Array,
): Uint8Array {
  return concat(idBytes(conversation), idBytes(topic), uint64(generation), packageHash);
}

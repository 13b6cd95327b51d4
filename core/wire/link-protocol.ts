/**
 * Frames of a link between two devices, and the proof that opens it (§7). Frames arrive here whole: the network cuts
 * the stream. Does not know when a frame may be sent.
 */

import { deriveKey } from "../crypto/kdf.ts";
import { labels } from "../crypto/labels.ts";
import { mac, macBytes } from "../crypto/mac.ts";
import type { DeviceId, EnvelopeHash, TopicId } from "../lang/brand.ts";
import { concat, idBytes, uint32, uint64, utf8 } from "../lang/bytes.ts";
import { assertNever, err, ok, type Result } from "../lang/result.ts";
import { maxClockMs, maxFrameBytes, maxKeepDevices } from "./bounds.ts";
import { decodeMessage, encodeMessage } from "./decode.ts";
import { isEnvelopeSize } from "./envelope.ts";
import {
  bytesField,
  distinct,
  hashLength,
  hexField,
  hexFields,
  idLength,
  keyLength,
  numberField,
  signatureLength,
} from "./field.ts";
import {
  LinkFrameSchema,
  type LinkKeep,
  type LinkKept,
  type LinkProof,
  type LinkFrame as WireFrame,
} from "./gen/kith/link_pb.js";
import { type HaveOf, readHave, wireHave } from "./have.ts";

export type LinkFrame =
  | {
      readonly kind: "proof";
      readonly topic: TopicId;
      readonly epoch: number;
      readonly device: DeviceId;
      /** 32 bytes; see `linkMac`. */
      readonly mac: Uint8Array;
      /** 64 bytes: the device key's over `mac`, label `linkProof`. */
      readonly signature: Uint8Array;
    }
  | { readonly kind: "deliver"; readonly topic: TopicId; readonly envelope: Uint8Array }
  | { readonly kind: "got"; readonly hash: EnvelopeHash; readonly refused: boolean }
  /** Once after the proofs: what this side has of the topic's conversation (§7.4). */
  | { readonly kind: "have"; readonly topic: TopicId; readonly have: readonly HaveOf[] }
  /** Asks a contact who agreed to keep an envelope for these devices, 1 to 16 (§7.7). */
  | {
      readonly kind: "keep";
      readonly topic: TopicId;
      readonly devices: readonly DeviceId[];
      readonly envelope: Uint8Array;
    }
  /** `signature`: the keeper's device key over `keepingMessage`, label `keeping`. */
  | {
      readonly kind: "kept";
      readonly hash: EnvelopeHash;
      readonly untilMs: number;
      readonly signature: Uint8Array;
    }
  | { readonly kind: "ping"; readonly id: number }
  | { readonly kind: "pong"; readonly id: number };

export function encodeLinkFrame(frame: LinkFrame): Uint8Array {
  return encodeMessage(LinkFrameSchema, { frame: wireFrameOf(frame) });
}

function wireFrameOf(frame: LinkFrame) {
  switch (frame.kind) {
    case "proof": {
      const { topic, epoch, device, mac, signature } = frame;
      const value = { topic: idBytes(topic), epoch: BigInt(epoch), device: idBytes(device), mac, signature };
      return { case: "proof" as const, value };
    }
    case "deliver":
      return { case: "deliver" as const, value: { topic: idBytes(frame.topic), envelope: frame.envelope } };
    case "got":
      return { case: "got" as const, value: { envelopeHash: idBytes(frame.hash), refused: frame.refused } };
    case "have":
      return { case: "have" as const, value: { topic: idBytes(frame.topic), have: wireHave(frame.have) } };
    case "keep": {
      const { topic, devices, envelope } = frame;
      return { case: "keep" as const, value: { topic: idBytes(topic), devices: devices.map(idBytes), envelope } };
    }
    case "kept": {
      const { hash, untilMs, signature } = frame;
      return { case: "kept" as const, value: { envelopeHash: idBytes(hash), untilMs: BigInt(untilMs), signature } };
    }
    case "ping":
      return { case: "ping" as const, value: { id: frame.id } };
    case "pong":
      return { case: "pong" as const, value: { id: frame.id } };
    default:
      return assertNever(frame);
  }
}

export function decodeLinkFrame(bytes: Uint8Array): Result<LinkFrame, "malformed"> {
  const decoded = decodeMessage(LinkFrameSchema, bytes, maxFrameBytes);
  if (!decoded.ok) return decoded;
  const frame = frameOf(decoded.value.frame);
  return frame === undefined ? err("malformed") : ok(frame);
}

function frameOf(frame: WireFrame["frame"]): LinkFrame | undefined {
  switch (frame.case) {
    case "proof":
      return proofOf(frame.value);
    case "deliver": {
      const topic = hexField<TopicId>(frame.value.topic, keyLength);
      if (topic === undefined || !isEnvelopeSize(frame.value.envelope.length)) return undefined;
      return { kind: "deliver", topic, envelope: frame.value.envelope.slice() };
    }
    case "got": {
      const hash = hexField<EnvelopeHash>(frame.value.envelopeHash, hashLength);
      return hash === undefined ? undefined : { kind: "got", hash, refused: frame.value.refused };
    }
    case "have": {
      const topic = hexField<TopicId>(frame.value.topic, keyLength);
      const have = frame.value.have && readHave(frame.value.have);
      return topic === undefined || have === undefined ? undefined : { kind: "have", topic, have };
    }
    case "keep":
      return keepOf(frame.value);
    case "kept":
      return keptOf(frame.value);
    case "ping":
      return { kind: "ping", id: frame.value.id };
    case "pong":
      return { kind: "pong", id: frame.value.id };
    case undefined:
      return undefined;
    default:
      return assertNever(frame);
  }
}

function proofOf(wire: LinkProof): LinkFrame | undefined {
  const topic = hexField<TopicId>(wire.topic, keyLength);
  const epoch = numberField(wire.epoch);
  const device = hexField<DeviceId>(wire.device, idLength);
  const proof = bytesField(wire.mac, macBytes);
  const signature = bytesField(wire.signature, signatureLength);
  if (topic === undefined || epoch === undefined || device === undefined) return undefined;
  if (proof === undefined || signature === undefined) return undefined;
  return { kind: "proof", topic, epoch, device, mac: proof, signature };
}

function keepOf(wire: LinkKeep): LinkFrame | undefined {
  const topic = hexField<TopicId>(wire.topic, keyLength);
  const devices = hexFields<DeviceId>(wire.devices, idLength, maxKeepDevices);
  if (topic === undefined || devices === undefined || devices.length === 0 || !distinct(devices)) return undefined;
  if (!isEnvelopeSize(wire.envelope.length)) return undefined;
  return { kind: "keep", topic, devices, envelope: wire.envelope.slice() };
}

function keptOf(wire: LinkKept): LinkFrame | undefined {
  const hash = hexField<EnvelopeHash>(wire.envelopeHash, hashLength);
  const untilMs = numberField(wire.untilMs);
  const signature = bytesField(wire.signature, signatureLength);
  if (hash === undefined || untilMs === undefined || untilMs > maxClockMs || signature === undefined) return undefined;
  return { kind: "kept", hash, untilMs, signature };
}

/** What a keeper's device signs, label `keeping` (§7.7). */
export function keepingMessage(topic: TopicId, hash: EnvelopeHash, untilMs: number): Uint8Array {
  return concat(idBytes(topic), idBytes(hash), uint64(untilMs));
}

/** The device that proves itself, as it sees the link. To check the other side's proof, see it with their eyes. */
export interface LinkProver {
  readonly role: "dialler" | "listener";
  readonly ownPeer: string;
  readonly otherPeer: string;
  readonly topic: TopicId;
  readonly device: DeviceId;
}

/**
 * 32 bytes, under a key of the epoch's exporter secret. Role and both PeerIds are inside, so that a proof can be
 * neither sent back to its maker nor carried to another connection.
 */
export function linkMac(epochSecret: Uint8Array, prover: LinkProver): Uint8Array {
  return mac(deriveKey(epochSecret, labels.linkProof), labels.linkMac, linkMacInput(prover));
}

/** `role ‖ u32-prefixed own PeerId ‖ u32-prefixed other PeerId ‖ topic ‖ device`, role 0 for the dialler, 1 for the listener. */
export function linkMacInput({ role, ownPeer, otherPeer, topic, device }: LinkProver): Uint8Array {
  const prefixed = (peer: string) => {
    const bytes = utf8(peer);
    return concat(uint32(bytes.length), bytes);
  };
  const roleByte = Uint8Array.of(role === "dialler" ? 0 : 1);
  return concat(roleByte, prefixed(ownPeer), prefixed(otherPeer), idBytes(topic), idBytes(device));
}

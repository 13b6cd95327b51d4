/**
 * Signals: small sealed hints to whoever follows a topic now (§9). Every member of the epoch can make one in any
 * device's name, so nothing may be trusted to them but a hint.
 */

import { open, seal, sealOverheadBytes } from "../crypto/seal.ts";
import type { DeviceId } from "../lang/brand.ts";
import { concat, idBytes, uint64, utf8 } from "../lang/bytes.ts";
import { assertNever, err, ok, type Result } from "../lang/result.ts";
import { maxAddressBytes, maxPeerIdBytes, maxSignalAddresses, signalPlainBytes } from "./bounds.ts";
import { decodeMessage, encodeMessage } from "./decode.ts";
import { hexField, idLength } from "./field.ts";
import { type PresenceSignal, PresenceState, SignalSchema, type Signal as WireSignal } from "./gen/kith/signal_pb.js";
import { pad, paddingHeaderBytes, unpad } from "./padding.ts";

const epochBytes = 8;
const sealedSignalBytes = epochBytes + sealOverheadBytes + signalPlainBytes;

export interface Signal {
  readonly device: DeviceId;
  readonly body: SignalBody;
}

export type SignalBody =
  | {
      readonly kind: "presence";
      readonly state: "here" | "gone";
      /** libp2p PeerId; "" where this device is not to be linked with. */
      readonly peer: string;
      readonly addresses: readonly string[];
      readonly answerWanted: boolean;
    }
  | { readonly kind: "typing"; readonly typing: boolean };

/** The padded plaintext, 512 bytes. "too-large": the addresses do not fit; leave some out. */
export function encodeSignal({ device, body }: Signal): Result<Uint8Array, "too-large"> {
  const message = encodeMessage(SignalSchema, { device: idBytes(device), kind: kindOf(body) });
  if (message.length + paddingHeaderBytes > signalPlainBytes) return err("too-large");
  return ok(pad(message, signalPlainBytes));
}

function kindOf(body: SignalBody) {
  switch (body.kind) {
    case "presence": {
      const state = body.state === "here" ? PresenceState.HERE : PresenceState.GONE;
      const { peer: peerId, addresses, answerWanted } = body;
      return { case: "presence" as const, value: { state, peerId, addresses: [...addresses], answerWanted } };
    }
    case "typing":
      return { case: "typing" as const, value: { typing: body.typing } };
    default:
      return assertNever(body);
  }
}

/** `plain` as `openSignal` gives it. A kind of a newer Kith is "malformed" too: a hint that is not known is no loss. */
export function decodeSignal(plain: Uint8Array): Result<Signal, "malformed"> {
  if (plain.length !== signalPlainBytes) return err("malformed");
  const bytes = unpad(plain);
  if (!bytes.ok) return bytes;
  const decoded = decodeMessage(SignalSchema, bytes.value, signalPlainBytes);
  if (!decoded.ok) return decoded;
  const device = hexField<DeviceId>(decoded.value.device, idLength);
  const body = bodyOf(decoded.value.kind);
  return device === undefined || body === undefined ? err("malformed") : ok({ device, body });
}

function bodyOf(kind: WireSignal["kind"]): SignalBody | undefined {
  switch (kind.case) {
    case "presence":
      return presenceOf(kind.value);
    case "typing":
      return { kind: "typing", typing: kind.value.typing };
    case undefined:
      return undefined;
    default:
      return assertNever(kind);
  }
}

function presenceOf({ state, peerId, addresses, answerWanted }: PresenceSignal): SignalBody | undefined {
  if (state !== PresenceState.HERE && state !== PresenceState.GONE) return undefined;
  if (utf8(peerId).length > maxPeerIdBytes || !/^[A-Za-z0-9]*$/u.test(peerId)) return undefined;
  if (addresses.length > maxSignalAddresses || !addresses.every(isAddress)) return undefined;
  return {
    kind: "presence",
    state: state === PresenceState.HERE ? "here" : "gone",
    peer: peerId,
    addresses: [...addresses],
    answerWanted,
  };
}

/** The outer form of a multiaddr; the network reads the rest. */
function isAddress(text: string): boolean {
  return text.length <= maxAddressBytes && /^\/[!-~]+$/u.test(text);
}

/** `u64(epoch) ‖ sealed`, 560 bytes. `nonce`: 24 random bytes, never used before. */
export function sealSignal(signalKey: Uint8Array, epoch: number, plain: Uint8Array, nonce: Uint8Array): Uint8Array {
  const front = uint64(epoch);
  return concat(front, seal(signalKey, nonce, plain, front));
}

/** Which epoch's key opens these bytes. */
export function signalEpoch(bytes: Uint8Array): Result<number, "malformed"> {
  if (bytes.length !== sealedSignalBytes) return err("malformed");
  const epoch = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
  return epoch <= BigInt(Number.MAX_SAFE_INTEGER) ? ok(Number(epoch)) : err("malformed");
}

/** The padded plaintext, for `decodeSignal`. */
export function openSignal(
  signalKey: Uint8Array,
  bytes: Uint8Array,
): Result<Uint8Array, "not-authentic" | "malformed"> {
  if (bytes.length !== sealedSignalBytes) return err("malformed");
  return open(signalKey, bytes.subarray(epochBytes), bytes.subarray(0, epochBytes));
}

/** Signals under the key of a group's epoch (§9), sealed and opened. Who may say something by one is not known here. */

import { deriveKey } from "../crypto/kdf.ts";
import { labels } from "../crypto/labels.ts";
import { sealNonceBytes } from "../crypto/seal.ts";
import type { DeviceId } from "../lang/brand.ts";
import type { GroupRecord } from "../ports/group-records.ts";
import {
  decodeSignal,
  encodeSignal,
  openSignal,
  type Signal,
  type SignalBody,
  sealSignal,
  signalEpoch,
} from "../wire/signal.ts";
import type { Context } from "./context.ts";
import { secretOfEpoch } from "./epoch.ts";

export function sealedSignal(
  context: Context,
  group: GroupRecord,
  device: DeviceId,
  body: SignalBody,
): Uint8Array | undefined {
  const plain = encodeFitting(device, body);
  const secret = secretOfEpoch(group, group.epoch);
  if (!plain.ok || secret === undefined) return undefined;
  const key = deriveKey(secret, labels.signalKey);
  return sealSignal(key, group.epoch, plain.value, context.random.bytes(sealNonceBytes));
}

/** What it says and whom it claims to be from. `undefined`: of no epoch that is kept, or no signal. */
export function openedSignal(group: GroupRecord, bytes: Uint8Array): Signal | undefined {
  const epoch = signalEpoch(bytes);
  const secret = epoch.ok ? secretOfEpoch(group, epoch.value) : undefined;
  if (secret === undefined) return undefined;
  const plain = openSignal(deriveKey(secret, labels.signalKey), bytes);
  const claim = plain.ok ? decodeSignal(plain.value) : plain;
  return claim.ok ? claim.value : undefined;
}

/** A signal has one size: of many long addresses the last are left out. */
function encodeFitting(device: DeviceId, body: SignalBody): ReturnType<typeof encodeSignal> {
  const plain = encodeSignal({ device, body });
  if (plain.ok || body.kind !== "presence" || body.addresses.length === 0) return plain;
  return encodeFitting(device, { ...body, addresses: body.addresses.slice(0, -1) });
}

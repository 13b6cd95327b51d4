/**
 * The signed list of a person's devices (§3.1): its form, and every rule a list meets standing alone. Whether it may
 * follow a list already known is decided in `identity`.
 */

import { sha256 } from "../crypto/hash.ts";
import { labels } from "../crypto/labels.ts";
import { sign, verify } from "../crypto/signature.ts";
import type { AccountId, DeviceId } from "../lang/brand.ts";
import { idBytes, toHex } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { maxDeviceListBytes, maxDevicesOfAccount } from "./bounds.ts";
import { decodeMessage, decodeVersioned, encodeMessage } from "./decode.ts";
import { bytesField, distinct, hashLength, hexField, hexFields, idLength, keyLength, numberField } from "./field.ts";
import {
  DeviceListSchema,
  SignedDeviceListSchema,
  type ListedDevice as WireDevice,
  type DeviceList as WireList,
} from "./gen/kith/identity_pb.js";

const version = 1;

export interface ListedDevice {
  readonly device: DeviceId;
  /** Ed25519, 32 bytes; the device's MLS leaves carry the same key. */
  readonly signatureKey: Uint8Array;
  readonly addedAtMs: number;
}

export interface DeviceList {
  readonly account: AccountId;
  /** From 1. */
  readonly sequence: number;
  /** SHA-256 of the bytes of the list before; empty for the first. */
  readonly previousHash: Uint8Array;
  readonly devices: readonly ListedDevice[];
  readonly revoked: readonly DeviceId[];
}

/** The bytes to sign and to hash. */
export function encodeDeviceList(list: DeviceList): Uint8Array {
  return encodeMessage(DeviceListSchema, {
    version,
    accountKey: idBytes(list.account),
    sequence: BigInt(list.sequence),
    previousHash: list.previousHash,
    devices: list.devices.map(({ device, signatureKey, addedAtMs }) => ({
      device: idBytes(device),
      signatureKey,
      addedAtMs: BigInt(addedAtMs),
    })),
    revoked: list.revoked.map(idBytes),
  });
}

/** `list` is `encodeDeviceList`'s answer, `accountSeed` the 32-byte private key of the account it names. */
export function signDeviceList(list: Uint8Array, accountSeed: Uint8Array): Uint8Array {
  return encodeMessage(SignedDeviceListSchema, { list, signature: sign(labels.deviceList, list, accountSeed) });
}

/**
 * SHA-256 of lists whose signature held, as hex: one and the same is read at several places when somebody joins or adds, and a
 * signature takes some 3 ms. As many as two of the largest groups have.
 */
const held = new Set<string>();
const maxHeld = 512;

/** `listBytes` are what was signed, for the hash that the next list carries. */
export function readSignedDeviceList(
  bytes: Uint8Array,
): Result<{ readonly list: DeviceList; readonly listBytes: Uint8Array }, "malformed" | "newer-version" | "not-signed"> {
  const read = readWhole(bytes);
  if (!read.ok) return read;
  const { list, listBytes, signature } = read.value;
  const hash = toHex(sha256(bytes));
  if (!held.has(hash)) {
    if (!verify(labels.deviceList, listBytes, signature, idBytes(list.account))) return err("not-signed");
    const [oldest] = held;
    if (oldest !== undefined && held.size >= maxHeld) held.delete(oldest);
    held.add(hash);
  }
  return ok({ list, listBytes });
}

/** A SignedDeviceList that this device has checked before and kept itself: its signature is not asked again. */
export function readKeptDeviceList(bytes: Uint8Array): DeviceList {
  const read = readWhole(bytes);
  if (!read.ok) throw new Error("a kept device list cannot be read");
  return read.value.list;
}

function readWhole(
  bytes: Uint8Array,
): Result<
  { readonly list: DeviceList; readonly listBytes: Uint8Array; readonly signature: Uint8Array },
  "malformed" | "newer-version"
> {
  const signed = decodeMessage(SignedDeviceListSchema, bytes, maxDeviceListBytes);
  if (!signed.ok) return signed;
  const decoded = decodeVersioned(DeviceListSchema, signed.value.list, maxDeviceListBytes, version);
  if (!decoded.ok) return decoded;
  const list = readList(decoded.value);
  if (list === undefined || !isConsistent(list)) return err("malformed");
  return ok({ list, listBytes: signed.value.list.slice(), signature: signed.value.signature });
}

function readList(wire: WireList): DeviceList | undefined {
  if (wire.version !== version || wire.devices.length > maxDevicesOfAccount) return undefined;
  const account = hexField<AccountId>(wire.accountKey, keyLength);
  const sequence = numberField(wire.sequence);
  // Only the first list has nothing before it: a later one without the hash could replace any history.
  const previousHash = bytesField(wire.previousHash, wire.sequence === 1n ? 0 : hashLength);
  const devices = wire.devices.map(readDevice).filter((one) => one !== undefined);
  const revoked = hexFields<DeviceId>(wire.revoked, idLength, maxDeviceListBytes);
  if (account === undefined || sequence === undefined || revoked === undefined) return undefined;
  if (previousHash === undefined || devices.length !== wire.devices.length) return undefined;
  return { account, sequence, previousHash, devices, revoked };
}

function readDevice(wire: WireDevice): ListedDevice | undefined {
  const device = hexField<DeviceId>(wire.device, idLength);
  const signatureKey = bytesField(wire.signatureKey, keyLength);
  const addedAtMs = numberField(wire.addedAtMs);
  if (device === undefined || signatureKey === undefined || addedAtMs === undefined) return undefined;
  return { device, signatureKey, addedAtMs };
}

function isConsistent({ sequence, devices, revoked }: DeviceList): boolean {
  const ids = devices.map((one) => one.device);
  return (
    sequence >= 1 &&
    devices.length >= 1 &&
    distinct([...ids, ...revoked]) &&
    distinct(devices.map((one) => toHex(one.signatureKey)))
  );
}

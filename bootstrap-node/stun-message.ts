/**
 * The part of STUN (RFC 8489) that tells a device its own address as the world sees it: Binding requests are read,
 * totally and within bounds, and answered. Knows no sockets, keeps nothing, and authenticates nobody: the answer is what
 * the asker's own network knows already. PROTOCOL.md §6.8.
 */
import { crc32 } from "node:zlib";
import { concat } from "@kith/core/lang/bytes.ts";

const headerBytes = 20;
/** What fits the smallest IPv4 packet every host takes (576 bytes). A request of a browser has 20. */
export const maxRequestBytes = 548;
const magicCookie = Uint8Array.of(0x21, 0x12, 0xa4, 0x42);
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const bindingError = 0x0111;

const errorCode = 0x0009;
const unknownAttributes = 0x000a;
const messageIntegrity = 0x0008;
const messageIntegritySha256 = 0x001c;
const xorMappedAddress = 0x0020;
const fingerprint = 0x8028;
/** Attributes from here on may be passed over by whoever does not know them (RFC 8489 §14). */
const firstOptional = 0x8000;
/** Those of authentication: USERNAME, MESSAGE-INTEGRITY, REALM, NONCE, MESSAGE-INTEGRITY-SHA256, PASSWORD-ALGORITHM, USERHASH. */
const understood: ReadonlySet<number> = new Set([
  0x0006,
  messageIntegrity,
  0x0014,
  0x0015,
  messageIntegritySha256,
  0x001d,
  0x001e,
]);
/** More are not listed; each costs the asker twice what it costs us. */
const maxUnknownListed = 4;
/** "STUN" as a number: keeps a checksum from passing for one of another protocol (RFC 8489 §14.7). */
const fingerprintMask = 0x5354554e;

export interface BindingRequest {
  /** Cookie and transaction id, 16 bytes as received: the answer repeats them. */
  readonly id: Uint8Array;
  readonly hasFingerprint: boolean;
  /** Types of attributes that must be understood and are not. */
  readonly unknown: readonly number[];
}

/** Nothing where the datagram is no Binding request: such are not answered at all. */
export function readBindingRequest(datagram: Uint8Array): BindingRequest | undefined {
  if (datagram.length < headerBytes || datagram.length > maxRequestBytes) return undefined;
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  if (view.getUint16(0) !== bindingRequest || view.getUint16(2) !== datagram.length - headerBytes) return undefined;
  if (magicCookie.some((byte, index) => datagram[4 + index] !== byte)) return undefined;
  const unknown = new Set<number>();
  let isSealed = false;
  let hasFingerprint = false;
  let at = headerBytes;
  while (at < datagram.length) {
    // FINGERPRINT is the last attribute (RFC 8489 §14.7), and each one ends at a multiple of four.
    if (hasFingerprint || at + 4 > datagram.length) return undefined;
    const type = view.getUint16(at);
    const length = view.getUint16(at + 2);
    const end = at + 4 + length + ((4 - (length % 4)) % 4);
    if (end > datagram.length) return undefined;
    if (type === fingerprint) {
      if (length !== 4 || view.getUint32(at + 4) !== checksum(datagram.subarray(0, at))) return undefined;
      hasFingerprint = true;
    }
    // What follows the message integrity is not protected by it and is not looked at (RFC 8489 §14.5).
    if (type < firstOptional && !understood.has(type) && !isSealed) unknown.add(type);
    isSealed ||= type === messageIntegrity || type === messageIntegritySha256;
    at = end;
  }
  return { id: datagram.slice(4, headerBytes), hasFingerprint, unknown: [...unknown].slice(0, maxUnknownListed) };
}

/** `address`: 4 or 16 bytes. At most 24 bytes longer than the request was, so that nobody gains by forging a sender. */
export function answerBinding(request: BindingRequest, address: Uint8Array, port: number): Uint8Array {
  const { id, hasFingerprint, unknown } = request;
  const body =
    unknown.length > 0
      ? concat(attribute(errorCode, Uint8Array.of(0, 0, 4, 20)), attribute(unknownAttributes, typesOf(unknown)))
      : attribute(xorMappedAddress, xored(id, address, port));
  const type = unknown.length > 0 ? bindingError : bindingSuccess;
  const length = body.length + (hasFingerprint ? 8 : 0);
  const message = concat(uint16(type), uint16(length), id, body);
  if (!hasFingerprint) return message;
  const sum = new Uint8Array(4);
  new DataView(sum.buffer).setUint32(0, checksum(message));
  return concat(message, attribute(fingerprint, sum));
}

/** Over everything before the attribute, with the length in the header already counting it. */
function checksum(before: Uint8Array): number {
  return (crc32(before) ^ fingerprintMask) >>> 0;
}

/** Port and address XORed with cookie and transaction id (RFC 8489 §14.2), so that no NAT on the way rewrites them. */
function xored(id: Uint8Array, address: Uint8Array, port: number): Uint8Array {
  const family = address.length === 4 ? 1 : 2;
  const plain = concat(uint16(port), address);
  const mask = concat(id.subarray(0, 2), id.subarray(0, address.length));
  return concat(
    Uint8Array.of(0, family),
    plain.map((byte, index) => byte ^ (mask[index] ?? 0)),
  );
}

function typesOf(types: readonly number[]): Uint8Array {
  return concat(...types.map(uint16));
}

function attribute(type: number, value: Uint8Array): Uint8Array {
  const padding = new Uint8Array((4 - (value.length % 4)) % 4);
  return concat(uint16(type), uint16(value.length), value, padding);
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

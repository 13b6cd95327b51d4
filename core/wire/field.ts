/** Single fields of decoded messages: bytes of a fixed length, and numbers that JavaScript holds exactly. */

import { toHex } from "../lang/bytes.ts";

/** Lower-case hex, or `undefined` where there are more or fewer than `length` bytes. */
export function hexField<Id extends string>(bytes: Uint8Array, length: number): Id | undefined {
  return bytes.length === length ? (toHex(bytes) as Id) : undefined;
}

/** All of them, or `undefined` where one is wrong or there are more than `max`. */
export function hexFields<Id extends string>(
  list: readonly Uint8Array[],
  length: number,
  max: number,
): readonly Id[] | undefined {
  if (list.length > max || list.some((bytes) => bytes.length !== length)) return undefined;
  return list.map((bytes) => toHex(bytes) as Id);
}

/** A copy, which does not keep the frame it came in, or `undefined` where the length is wrong. */
export function bytesField(bytes: Uint8Array, length: number): Uint8Array | undefined {
  return bytes.length === length ? bytes.slice() : undefined;
}

/** `undefined` above 2^53 - 1: rounding would let two different numbers be one. */
export function numberField(value: bigint): number | undefined {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}

/** 1 to `maxBytes` of them. */
export function isWithin(bytes: Uint8Array, maxBytes: number): boolean {
  return bytes.length >= 1 && bytes.length <= maxBytes;
}

export function distinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

export const idLength = 16;
export const keyLength = 32;
/** Of an invite. */
export const secretLength = 16;
export const hashLength = 32;
export const signatureLength = 64;

// Keys of 32 bytes as node:crypto wants them: behind a fixed beginning in DER (RFC 8410). Making one takes longer than
// using it, so those that were made are remembered, as is whatever else is asked for again and again.
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

type Curve = "Ed25519" | "X25519";
const oid = { Ed25519: 0x70, X25519: 0x6e } as const;

/** More than one life asks for. */
const most = 5_000;
const made = new Map<string, unknown>();

export function privateKeyOf(curve: Curve, seed: Uint8Array): KeyObject {
  if (seed.length !== 32) throw new Error("a private key is 32 bytes");
  return remembered(`${curve} private`, [seed], () => {
    const head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, oid[curve], 4, 0x22, 4, 0x20];
    return createPrivateKey({ key: Buffer.from([...head, ...seed]), format: "der", type: "pkcs8" });
  });
}

export function publicKeyFrom(curve: Curve, bytes: Uint8Array): KeyObject {
  if (bytes.length !== 32) throw new Error("a public key is 32 bytes");
  return remembered(`${curve} public`, [bytes], () => {
    const head = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, oid[curve], 3, 0x21, 0];
    return createPublicKey({ key: Buffer.from([...head, ...bytes]), format: "der", type: "spki" });
  });
}

/** The last `length` bytes of what a private key's public one is written as: the key itself. */
export const publicBytesOf = (key: KeyObject, length: number): Uint8Array =>
  bytesOf(createPublicKey(key).export({ format: "der", type: "spki" })).slice(-length);

/** What `make` makes of these bytes, which is the same each time. */
export function remembered<T>(kind: string, bytes: readonly Uint8Array[], make: () => T): T {
  const name = `${kind} ${bytes.map((one) => Buffer.from(one.buffer, one.byteOffset, one.length).toString("latin1")).join("")}`;
  if (made.has(name)) return made.get(name) as T;
  if (made.size >= most) made.clear();
  const value = make();
  made.set(name, value);
  return value;
}

/** Bytes of their own instead of a part of Node's pool. */
export const bytesOf = (buffer: Uint8Array): Uint8Array => new Uint8Array(buffer);

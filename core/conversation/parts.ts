/** Cutting what is too large for one envelope, and putting it together again (§13.8). Does not know where parts wait. */

import { sha256 } from "../crypto/hash.ts";
import { concat, equalBytes } from "../lang/bytes.ts";
import { err, ok, type Result } from "../lang/result.ts";
import { maxWholeBytes, partBytes } from "../wire/bounds.ts";
import type { Part, Whole } from "../wire/group-payload.ts";

/** Of one topic, waiting for their whole. Two of the largest, and room for what never completes. */
export const maxWaitingBytes = 4 * 1_024 * 1_024;
/** As long as somebody may be in the middle of sending. */
export const waitsForMs = 7 * 24 * 3_600_000;

export interface Cut {
  readonly parts: readonly Part[];
  readonly whole: Whole;
}

/** `bytes` are what fits no envelope. "too-large": more than 1.9 MB. */
export function cut(bytes: Uint8Array, of: Whole["of"]): Result<Cut, "too-large"> {
  if (bytes.length > maxWholeBytes) return err("too-large");
  if (bytes.length <= partBytes) throw new Error("cut what fits an envelope");
  const hash = sha256(bytes);
  const count = Math.ceil(bytes.length / partBytes);
  const parts = Array.from({ length: count }, (_, index) => {
    return { whole: hash, index, bytes: bytes.slice(index * partBytes, (index + 1) * partBytes) };
  });
  return ok({ parts, whole: { hash, count, of } });
}

/**
 * `parts`: the bytes by index, as they are here. `missing`: some are not here yet; read again later. `wrong`: all are here and
 * are not what the whole says; that will not change.
 */
export function assemble(
  { hash, count }: Whole,
  parts: ReadonlyMap<number, Uint8Array>,
): Result<Uint8Array, "missing" | "wrong"> {
  const pieces: Uint8Array[] = [];
  for (let index = 0; index < count; index++) {
    const bytes = parts.get(index);
    if (bytes === undefined) return err("missing");
    if (index < count - 1 && bytes.length !== partBytes) return err("wrong");
    pieces.push(bytes);
  }
  const whole = concat(...pieces);
  return equalBytes(sha256(whole), hash) ? ok(whole) : err("wrong");
}

export interface WaitingPart {
  readonly key: string;
  readonly bytes: number;
  readonly atMs: number;
}

/** Which of a topic's waiting parts have to go: those whose time is over, then the oldest until the rest has room. */
export function outgoing(waiting: readonly WaitingPart[], nowMs: number): readonly string[] {
  const newestFirst = waiting.toSorted((a, b) => b.atMs - a.atMs || (a.key < b.key ? -1 : 1));
  let bytes = 0;
  return newestFirst.flatMap((part) => {
    bytes += part.bytes;
    return bytes > maxWaitingBytes || nowMs - part.atMs > waitsForMs ? [part.key] : [];
  });
}

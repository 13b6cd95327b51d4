/** What waits in a topic till it can be used, and how much of it may (§13.8). Decides nothing about what it is. */

import { outgoing } from "../conversation/parts.ts";
import { sha256 } from "../crypto/hash.ts";
import type { TopicId } from "../lang/brand.ts";
import { toHex } from "../lang/bytes.ts";
import type { PartRecord } from "../ports/group-records.ts";
import type { Change } from "../ports/storage.ts";
import type { Whole } from "../wire/group-payload.ts";
import { type Context, commit } from "./context.ts";

/** In place of an index: the whole itself, that waits for its parts. */
export const wholeIndex = "whole";
const earlyIndex = "early";

export function keyOfPart(topic: TopicId, whole: Uint8Array, index: string): string {
  return `${topic} ${toHex(whole)} ${index}`;
}

/** A Welcome that may be taken later. */
export function earlyRow(context: Context, topic: TopicId, welcome: Uint8Array): PartRecord {
  return { key: keyOfPart(topic, sha256(welcome), earlyIndex), topic, bytes: welcome, atMs: context.clock.now() };
}

export function isEarly({ key }: PartRecord): boolean {
  return key.endsWith(` ${earlyIndex}`);
}

/** The row, and without what has to make room for it. */
export async function keptWith(context: Context, row: PartRecord): Promise<readonly Change[]> {
  const waiting = (await context.storage.all("parts")).filter(
    ({ topic, key }) => topic === row.topic && key !== row.key,
  );
  const all = [...waiting, row].map(({ key, bytes, atMs }) => ({ key, bytes: bytes.length, atMs }));
  const gone = new Set(outgoing(all, context.clock.now()));
  const deleted = waiting.filter(({ key }) => gone.has(key));
  return [
    ...deleted.map(({ key }): Change => ({ kind: "delete", table: "parts", key })),
    ...(gone.has(row.key) ? [] : [{ kind: "put", table: "parts", row } as const]),
  ];
}

export async function partsHere(
  context: Context,
  topic: TopicId,
  { hash, count }: Pick<Whole, "hash" | "count">,
): Promise<ReadonlyMap<number, Uint8Array>> {
  const parts = new Map<number, Uint8Array>();
  for (let index = 0; index < count; index++) {
    const row = await context.storage.get("parts", keyOfPart(topic, hash, `${index}`));
    if (row !== undefined) parts.set(index, row.bytes);
  }
  return parts;
}

export function goneParts(topic: TopicId, hash: Uint8Array, count: number): readonly Change[] {
  const indexes = [...Array.from({ length: count }, (_, index) => `${index}`), wholeIndex];
  return indexes.map((index): Change => ({ kind: "delete", table: "parts", key: keyOfPart(topic, hash, index) }));
}

/** What waits in topics that are none of this device's any more, or waited too long. */
export async function forgetParts(context: Context): Promise<void> {
  const rows = await context.storage.all("parts");
  for (const topic of new Set(rows.map((row) => row.topic))) {
    const here = rows.filter((row) => row.topic === topic);
    const isFollowed = (await context.storage.get("topics", topic)) !== undefined;
    const measured = here.map(({ key, bytes, atMs }) => ({ key, bytes: bytes.length, atMs }));
    const gone = isFollowed ? outgoing(measured, context.clock.now()) : here.map(({ key }) => key);
    if (gone.length === 0) continue;
    await commit(context, { changes: gone.map((key): Change => ({ kind: "delete", table: "parts", key })) });
  }
}

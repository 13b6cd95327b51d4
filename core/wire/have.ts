/**
 * What a device has of the numbered messages of others (§8.2): for each author's device the unbroken runs of numbers.
 * Sent in content and in a link's first frames. Does not know what is done about gaps.
 */

import type { DeviceId } from "../lang/brand.ts";
import { idBytes } from "../lang/bytes.ts";
import { maxHaveDevices, maxHaveRanges, maxHaveRangesInAll } from "./bounds.ts";
import { distinct, hexField, idLength, numberField } from "./field.ts";
import type { HaveContent } from "./gen/kith/content_pb.js";

/** First and last number of each unbroken run, from 1, ascending, with at least one number missing between two runs. */
export type Ranges = readonly (readonly [first: number, last: number])[];

export interface HaveOf {
  readonly device: DeviceId;
  readonly ranges: Ranges;
  /** Nothing of it came from the device itself: members of a group told of it (§13.12), and may have made it up. */
  readonly shared?: true;
}

export function wireHave(have: readonly HaveOf[]) {
  return {
    of: have.map(({ device, ranges, shared = false }) => ({
      device: idBytes(device),
      ranges: wireRanges(ranges),
      shared,
    })),
  };
}

export function readHave({ of }: Pick<HaveContent, "of">): readonly HaveOf[] | undefined {
  if (of.length > maxHaveDevices) return undefined;
  const have: HaveOf[] = [];
  let inAll = 0;
  for (const one of of) {
    const device = hexField<DeviceId>(one.device, idLength);
    const ranges = readRanges(one.ranges);
    if (device === undefined || ranges === undefined) return undefined;
    inAll += ranges.length;
    if (inAll > maxHaveRangesInAll) return undefined;
    have.push({ device, ranges, ...(one.shared && { shared: true }) });
  }
  return distinct(have.map(({ device }) => device)) ? have : undefined;
}

/** Both ends of each, one after the other, as they travel. */
export function wireRanges(ranges: Ranges): bigint[] {
  return ranges.flatMap(([first, last]) => [BigInt(first), BigInt(last)]);
}

export function readRanges(wire: readonly bigint[]): Ranges | undefined {
  if (wire.length % 2 !== 0 || wire.length > 2 * maxHaveRanges) return undefined;
  const ranges: [number, number][] = [];
  let below = -1;
  for (let at = 0; at < wire.length; at += 2) {
    const first = numberField(wire[at] ?? 0n);
    const last = numberField(wire[at + 1] ?? 0n);
    if (first === undefined || last === undefined || first < 1 || first <= below + 1 || last < first) return undefined;
    ranges.push([first, last]);
    below = last;
  }
  return ranges;
}
